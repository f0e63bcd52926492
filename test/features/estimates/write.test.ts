import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';
import {
  aBooking,
  aCustomer,
  anApprovedEstimate,
  anEstimate,
  aSentEstimate,
  aService,
  aVehicle,
} from '../../helpers/factories.ts';

const shop = await testApp({ env: PATIENT });
const other = await testApp({ env: PATIENT, url: shop.url });
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');
await owner.patch('/v1/settings', { labour_tax_basis_points: 0, parts_tax_basis_points: 950 });

const part = { kind: 'part', name: 'Pads', quantity: 2, unit_price_cents: 5_000 };
const labour = { kind: 'labour', name: 'Work', quantity: 1, unit_price_cents: 10_000 };
const make = (body: Data) => advisor.post('/v1/estimates', body);
const change = (id: string, body: Data, options = {}) => advisor.patch(`/v1/estimates/${id}`, body, options);
const decisionsOf = ({ lines }: Data) => lines.map(({ decision }: Data) => decision);

describe('POST /v1/estimates', () => {
  test('201: a draft with its lines reckoned as an invoice’s are', async () => {
    const { id: vehicle_id, customer_id } = await aVehicle(owner);
    const { status, data, headers } = await make({
      ...{ customer_id, vehicle_id, notes: 'n', valid_until: '2101-01-01T00:00:00Z' },
      ...{ lines: [labour, part], discount_cents: 1_001 },
    });
    expect([status, headers.get('location'), headers.get('etag')]).toEqual([
      ...[201, `/v1/estimates/${data.id}`, '"1"'],
    ]);
    expect(data).toMatchObject({
      ...{ status: 'draft', customer_id, vehicle_id, appointment_id: null, notes: 'n', currency: 'USD' },
      ...{ subtotal_cents: 20_000, discount_cents: 1_001, tax_cents: 902, total_cents: 19_901 },
      ...{ authorized_cents: 0, sent_at: null, converted_at: null, valid_until: '2101-01-01T00:00:00Z' },
    });
    expect(data.lines.map((line: Data) => [line.position, line.discount_cents, line.decision])).toEqual([
      [1, 500, null],
      [2, 501, null],
    ]);
    expect((await advisor.get(`/v1/estimates/${data.id}`)).data).toEqual(data);
  });

  test('201 with a package of the catalog, taken apart', async () => {
    const [oil, filter] = [
      await aService(owner),
      await aService(owner, { kind: 'part', price_cents: 4_000 }),
    ];
    const items = [oil, filter].map(({ id }) => ({ service_id: id, quantity: 1 }));
    const kit = await aService(owner, { kind: 'package', price_cents: 8_000, items });
    const { id: customer_id } = await aCustomer(owner);
    const line = { kind: 'package', name: 'Kit', quantity: 1, unit_price_cents: 8_000, service_id: kit.id };
    const { data } = await make({ customer_id, lines: [line] });
    expect(data.lines.map((one: Data) => [one.service_id, one.unit_price_cents, one.tax_cents])).toEqual([
      [oil.id, 6_000, 0],
      [filter.id, 2_000, 190],
    ]);
  });

  test('422 for whom or what the shop does not know, with its path', async () => {
    const { id: customer_id } = await aCustomer(owner);
    const theirs = await aVehicle(owner);
    const job = await aBooking(owner);
    const wrong: [Data, string][] = [
      [{ customer_id: newId() }, 'customer_id'],
      [{ customer_id, vehicle_id: theirs.id }, 'vehicle_id'],
      [{ customer_id, appointment_id: job.id }, 'appointment_id'],
      [{ customer_id, lines: [{ ...labour, service_id: newId() }] }, 'lines.0.service_id'],
      [{ customer_id, lines: [labour, { ...labour, id: newId() }] }, 'lines.1.id'],
      [{ customer_id, lines: [{ ...labour, discount_cents: 10_001 }] }, 'lines.0.discount_cents'],
      [{ customer_id, lines: [labour], discount_cents: 10_001 }, 'discount_cents'],
      [{ customer_id, lines: Array(201).fill(labour) }, 'lines'],
      [{ customer_id, status: 'sent' }, 'status'],
    ];
    for (const [body, path] of wrong) {
      const { status, error } = await make(body);
      expect([path, status, error?.issues?.[0].path]).toEqual([path, 422, path]);
    }
  });

  test('422 for a job of another vehicle, at its making and later; neither has to be known yet', async () => {
    const { id: vehicle_id, customer_id } = await aVehicle(owner);
    const { id: otherId } = await aVehicle(owner, { customer_id });
    const { id: appointment_id } = await aBooking(owner, { customer_id, vehicle_id });
    const wrong = await make({ customer_id, appointment_id, vehicle_id: otherId });
    expect([wrong.status, wrong.error.issues[0].path]).toEqual([422, 'vehicle_id']);
    expect(wrong.error.message).toContain('is not the vehicle of the job: name that one');
    const { id } = (await make({ customer_id, appointment_id })).data;
    expect((await change(id, { vehicle_id: otherId })).error.issues[0].path).toBe('vehicle_id');
    expect((await change(id, { vehicle_id })).data.vehicle_id).toBe(vehicle_id);
    const unknown = await aBooking(owner, { customer_id });
    expect((await make({ customer_id, appointment_id: unknown.id, vehicle_id })).status).toBe(201);
  });

  test('409 for a second one of the job, which is named', async () => {
    const { id: appointment_id, customer_id } = await aBooking(owner);
    const first = await anEstimate(advisor, { appointment_id, customer_id });
    const { error } = await make({ appointment_id, customer_id });
    expect(error).toMatchObject({ code: 409, reason: 'estimate.exists', details: { id: first.id } });
  });

  test('twenty at once: numbers without a gap', async () => {
    const { id: customer_id } = await aCustomer(owner);
    const clients = [advisor, other.sameAs(advisor)];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        (clients[at % 2] ?? advisor).post(`/v1/estimates?dry_run=${at % 5 === 4}`, { customer_id }),
      ),
    );
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    const rows = await shop.sql<{ number: number }>`select number from estimates order by number`;
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, at) => at + 1));
  });
});

describe('PATCH /v1/estimates/{id}', () => {
  test('200: lines that name their id keep it, the others are new; notes alone touch nothing else', async () => {
    const draft = await anEstimate(advisor);
    const { data } = await change(draft.id, { lines: [part, { ...labour, id: draft.lines[0].id }] });
    expect([data.version, data.lines[1].id, data.total_cents]).toEqual([2, draft.lines[0].id, 20_950]);
    const noted = await change(draft.id, { notes: 'n', valid_until: '2101-01-01T00:00:00Z' });
    expect(noted.data).toEqual({
      ...{ ...data, notes: 'n', valid_until: '2101-01-01T00:00:00Z', version: 3 },
      updated_at: noted.data.updated_at,
    });
    expect((await change(draft.id, {})).data).toEqual(noted.data);
  });

  test('200 when it was approved: what is not as it was needs a word anew', async () => {
    const { id, lines } = await anApprovedEstimate(advisor);
    const [brakes, pads] = lines.map(({ id, kind, name, quantity, unit_price_cents }: Data) => ({
      ...{ id, kind, name, quantity, unit_price_cents },
    }));
    const more = await change(id, { lines: [brakes, { ...pads, unit_price_cents: 4_501 }, labour] });
    expect(more.data).toMatchObject({ status: 'partly_approved', authorized_cents: 18_000 });
    expect(decisionsOf(more.data)).toEqual(['approved', null, null]);
    const back = await change(id, { lines: [brakes, pads] });
    expect(decisionsOf(back.data)).toEqual(['approved', null]);
    const less = await change(id, { lines: [brakes] });
    expect(less.data).toMatchObject({ status: 'approved', authorized_cents: 18_000 });
    const none = await change(id, { lines: [] });
    expect(none.data).toMatchObject({ status: 'sent', authorized_cents: 0, total_cents: 0 });
  });

  test('200: a discount or another vehicle is another agreement', async () => {
    const first = await anApprovedEstimate(advisor);
    const cheaper = await change(first.id, { discount_cents: 100 });
    expect(cheaper.data).toMatchObject({ status: 'sent', authorized_cents: 0, discount_cents: 100 });
    const { id, customer_id } = await anApprovedEstimate(advisor);
    const { id: vehicle_id } = await aVehicle(owner, { customer_id });
    const moved = await change(id, { vehicle_id });
    expect(moved.data).toMatchObject({ status: 'sent', vehicle_id, authorized_cents: 0 });
    const again = await change(id, { vehicle_id });
    expect(again.data.status).toBe('sent');
  });

  test('404, 412 with the version, 422 for another’s vehicle or line', async () => {
    expect((await change(newId(), { notes: 'n' })).error.reason).toBe('estimate.not_found');
    const [one, two] = [await anEstimate(advisor), await anEstimate(advisor)];
    const stale = await change(one.id, { notes: 'n' }, { headers: { 'if-match': '"2"' } });
    expect(stale.error).toMatchObject({ code: 412, reason: 'estimate.stale', details: { version: 1 } });
    const theirs = await aVehicle(owner);
    expect((await change(one.id, { vehicle_id: theirs.id })).error.issues[0].path).toBe('vehicle_id');
    expect((await change(newId(), { vehicle_id: theirs.id })).error.code).toBe(404);
    const lines = [{ ...labour, id: two.lines[0].id }];
    expect((await change(one.id, { lines })).error.issues[0].path).toBe('lines.0.id');
  });
});

describe('DELETE /v1/estimates/{id}', () => {
  test('200: a draft is gone, and the journal has what it was', async () => {
    const draft = await anEstimate(advisor);
    expect((await advisor.delete(`/v1/estimates/${draft.id}`)).data).toEqual(draft);
    expect((await advisor.get(`/v1/estimates/${draft.id}`)).status).toBe(404);
    const { data } = await owner.get(`/v1/audit?entity=estimate&entity_id=${draft.id}`);
    expect(data.items.map(({ action }: Data) => action)).toContain('deleted');
  });

  test('409 once it was sent', async () => {
    const { id } = await aSentEstimate(advisor);
    const { error } = await advisor.delete(`/v1/estimates/${id}`);
    expect(error).toMatchObject({ code: 409, reason: 'estimate.not_draft' });
  });
});

describe('GET /v1/estimates', () => {
  test('is filtered by customer, vehicle, job, status and day', async () => {
    const { id: vehicle_id, customer_id } = await aVehicle(owner);
    const { id: appointment_id } = await aBooking(owner, { customer_id });
    const draft = await anEstimate(advisor, { customer_id, vehicle_id });
    const sent = await aSentEstimate(advisor, { customer_id, appointment_id });
    const numbers = async (query: string) =>
      (await advisor.get(`/v1/estimates?${query}`)).data.items.map(({ id }: Data) => id);
    expect(await numbers(`customer_id=${customer_id}`)).toEqual([sent.id, draft.id]);
    expect(await numbers(`customer_id=${customer_id}&status=draft`)).toEqual([draft.id]);
    expect(await numbers(`vehicle_id=${vehicle_id}`)).toEqual([draft.id]);
    expect(await numbers(`appointment_id=${appointment_id}`)).toEqual([sent.id]);
    expect(await numbers(`customer_id=${customer_id}&to=2026-01-01`)).toEqual([]);
  });

  test('goes to the other customer when two become one', async () => {
    const { id, customer_id: other_id } = await anEstimate(advisor);
    const { id: kept } = await aCustomer(owner);
    await advisor.post(`/v1/customers/${kept}/merge`, { other_id });
    expect((await advisor.get(`/v1/estimates/${id}`)).data).toMatchObject({ customer_id: kept, version: 2 });
  });
});
