import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aCustomer, anInvoice, anIssuedInvoice, aVehicle } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const accountant = await shop.as('accountant');
const { id: customer_id } = await aCustomer(owner);
const { id: vehicle_id } = await aVehicle(owner, { customer_id });
const draft = await anInvoice(shop, owner, { customer_id });
const issued = await anIssuedInvoice(shop, owner, { customer_id, vehicle_id });
const { id: voidId } = await anIssuedInvoice(shop, owner);
const voided = (await owner.post(`/v1/invoices/${voidId}/void`)).data;
for (const [at, { id }] of [draft, issued, voided].entries())
  await shop.sql`update invoices set created_at = ${`2026-05-0${at + 1}T12:00:00Z`} where id = ${id}`;

const ids = async (query: string): Promise<string[]> =>
  (await accountant.get(`/v1/invoices?${query}`)).data.items.map(({ id }: Data) => id);

describe('GET /v1/invoices', () => {
  test('200: each as its own route shows it, the newest first, or the oldest', async () => {
    const { items } = (await accountant.get('/v1/invoices')).data;
    expect(items.map(({ id }: Data) => id)).toEqual([voided.id, issued.id, draft.id]);
    for (const item of items) expect(item).toEqual((await owner.get(`/v1/invoices/${item.id}`)).data);
    expect(await ids('sort=created_at')).toEqual([draft.id, issued.id, voided.id]);
  });

  test.each([
    [`customer_id=${customer_id}`, [issued.id, draft.id]],
    [`vehicle_id=${vehicle_id}`, [issued.id]],
    [`appointment_id=${draft.appointment_id}`, [draft.id]],
    ['status=draft,void', [voided.id, draft.id]],
    ['from=2026-05-02&to=2026-05-03', [issued.id]],
    ['from=2026-05-02T12:00:00Z', [voided.id, issued.id]],
    [`customer_id=${newId()}`, []],
  ])('200: only those with %s', async (query, expected) => expect(await ids(query)).toEqual(expected));

  test('200: page by page each once; 400 for another filter’s cursor, state or name', async () => {
    const { data } = await accountant.get('/v1/invoices?limit=2');
    expect(await ids(`limit=2&cursor=${data.next_cursor}`)).toEqual([draft.id]);
    for (const query of [`status=draft&cursor=${data.next_cursor}`, 'status=open', 'number=1'])
      expect((await accountant.get(`/v1/invoices?${query}`)).status).toBe(400);
  });

  test('304 to who has the version, 404 for an unknown one', async () => {
    const { headers } = await owner.get(`/v1/invoices/${draft.id}`);
    const known = { headers: { 'if-none-match': headers.get('etag') ?? '' } };
    expect((await owner.get(`/v1/invoices/${draft.id}`, known)).status).toBe(304);
    expect((await owner.get(`/v1/invoices/${newId()}`)).error.reason).toBe('invoice.not_found');
  });
});
