import { describe, expect, test } from 'bun:test';
import type { Part } from '../../../src/database/sql.ts';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aDoneJob, anApprovedEstimate, anEstimate, anIssuedInvoice } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const { sql } = shop;

const constraintOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'done';
  } catch (error) {
    return (error as Data).constraint;
  }
};
const doneAndApproved = async (): Promise<Data> => {
  const { id: appointment_id, customer_id } = await aDoneJob(shop, owner);
  return anApprovedEstimate(owner, { appointment_id, customer_id });
};
const authorize = (its: { estimate: Data; line: Data; version?: number; cents?: number }) => sql`
  insert into estimate_authorizations
    (id, estimate_id, line_id, version, decision, line_name, amount_cents, name, method, text)
  values (${newId()}, ${its.estimate.id}, ${its.line.id}, ${its.version ?? its.estimate.version}, 'approved', 'x',
    ${its.cents ?? its.line.total_cents}, 'x', 'phone', 'x')`;

describe('whoever writes, the database', () => {
  test('changes and forgets nothing that a customer said', async () => {
    const { id } = await anApprovedEstimate(owner);
    const changes: Part[] = [
      sql.part`set amount_cents = 1`,
      sql.part`set decision = 'declined'`,
      sql.part`set name = 'x'`,
      sql.part`set created_at = now()`,
    ];
    for (const change of changes) {
      const work = sql`update estimate_authorizations ${change} where estimate_id = ${id}`;
      expect(await constraintOf(work)).toBe('estimates_kept');
    }
    const gone = [
      () => sql`delete from estimate_authorizations where estimate_id = ${id}`,
      () => sql`delete from estimates where id = ${id}`,
    ];
    for (const work of gone) expect(await constraintOf(work())).toBe('estimates_kept');
  });

  test('takes no word on a draft, on another version, at another price, or on a line elsewhere', async () => {
    const wrong = 'estimate_authorizations_of_what_stands';
    const draft = await anEstimate(owner);
    expect(await constraintOf(authorize({ estimate: draft, line: draft.lines[0] }))).toBe(wrong);
    const estimate = await anApprovedEstimate(owner);
    const [line] = estimate.lines;
    expect(await constraintOf(authorize({ estimate, line, version: 2 }))).toBe(wrong);
    expect(await constraintOf(authorize({ estimate, line, cents: 1 }))).toBe(wrong);
    expect(await constraintOf(authorize({ estimate, line: draft.lines[0] }))).toBe(wrong);
  });

  test('counts no approval for a line that has become dearer', async () => {
    const { id, lines } = await anApprovedEstimate(owner);
    await sql`
      update estimate_lines set unit_price_cents = 18001, total_cents = 18001 where id = ${lines[0].id}`;
    const { data } = await owner.get(`/v1/estimates/${id}`);
    expect([data.authorized_cents, data.lines[0].decision]).toEqual([9_000, null]);
  });

  test('lets no invoice pass what was authorized, by an update or an insert', async () => {
    const { appointment_id, customer_id, id } = await doneAndApproved();
    const insert = (cents: number) => sql`
      insert into invoices (id, number, appointment_id, customer_id, status, subtotal_cents, total_cents)
      values (${newId()}, 900, ${appointment_id}, ${customer_id}, 'issued', ${cents}, ${cents})`;
    expect(await constraintOf(insert(27_001))).toBe('invoices_within_authorization');
    const { data } = await owner.post(`/v1/estimates/${id}/invoice`);
    const raise = (cents: number, status: string) => sql`
      update invoices set subtotal_cents = ${cents}, total_cents = ${cents}, status = ${status}, number = 901
      where id = ${data.id}`;
    expect(await constraintOf(raise(27_001, 'draft'))).toBe('done');
    expect(await constraintOf(raise(27_001, 'issued'))).toBe('invoices_within_authorization');
    expect(await constraintOf(raise(27_000, 'issued'))).toBe('done');
    const dearer = sql`
      update invoices set subtotal_cents = 27001, total_cents = 27001 where id = ${data.id}`;
    expect(await constraintOf(dearer)).toBe('invoices_within_authorization');
  });

  test('keeps the estimate of a billed job as it is', async () => {
    const { id, lines } = await doneAndApproved();
    const { data } = await owner.post(`/v1/estimates/${id}/invoice`);
    await owner.post(`/v1/invoices/${data.id}/issue`);
    const estimate = (await owner.get(`/v1/estimates/${id}`)).data;
    const works = [
      () => authorize({ estimate, line: lines[0] }),
      () => sql`update estimate_lines set name = 'x' where estimate_id = ${id}`,
      () => sql`delete from estimate_lines where estimate_id = ${id}`,
    ];
    for (const work of works) expect(await constraintOf(work())).toBe('estimates_open');
  });

  test('binds no job to an estimate when it is billed already', async () => {
    const { appointment_id } = await anIssuedInvoice(shop, owner);
    const { id } = await anApprovedEstimate(owner);
    const bind = sql`update estimates set appointment_id = ${appointment_id} where id = ${id}`;
    expect(await constraintOf(bind)).toBe('estimates_open');
  });
});
