import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Answer, testApp } from '../../helpers/app.ts';
import { aCustomer, aTechnician } from '../../helpers/factories.ts';
import { anEmail, aVisitor, book, details, env, holdAs, soon } from './visitors.ts';

// Two applications with a pool each on one database: as two workers, or two boxes.
const one = await testApp({ env });
const other = await testApp({ env, url: one.url });
const owner = await one.as('owner');
const workers = [one, other];
const workerOf = (at: number) => workers[at % 2] ?? one;

setDefaultTimeout(60_000);

const outcomesOf = (answers: Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, error } of answers) {
    const outcome = `${status} ${error?.reason ?? ''}`.trim();
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
};

const atOnce = (count: number, send: (at: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => send(at)));

test('a hundred visitors hold one slot at once over two workers: one has it', async () => {
  const { id: technician_id } = await aTechnician(owner);
  const body = { technician_id, starts_at: soon() };
  const answers = await atOnce(100, (at) => aVisitor(workerOf(at)).post('/v1/public/holds', body));
  expect(outcomesOf(answers)).toEqual({ '201': 1, '409 appointment.slot_taken': 99 });
  const rows = await one.sql`select id from appointments where technician_id = ${technician_id}`;
  expect(rows).toEqual([{ id: answers.find(({ ok }) => ok)?.data.id }]);
});

test('visitors and the staff want one slot at once: one has it, whoever it is', async () => {
  const { id: customer_id } = await aCustomer(owner);
  for (let round = 0; round < 3; round += 1) {
    const { id: technician_id } = await aTechnician(owner);
    const start = { technician_id, starts_at: soon() };
    const answers = await atOnce(20, (at) =>
      at % 2 === 0
        ? aVisitor(workerOf(at >> 1)).post('/v1/public/holds', start)
        : workerOf(at >> 1)
            .sameAs(owner)
            .post('/v1/appointments', { customer_id, ...start }),
    );
    expect(outcomesOf(answers)).toEqual({ '201': 1, '409 appointment.slot_taken': 19 });
  }
});

test('a hold whose time is over: its booking and one of the staff at once leave one job at most', async () => {
  const { id: customer_id } = await aCustomer(owner);
  for (let round = 0; round < 5; round += 1) {
    const visitor = aVisitor(one);
    const { id, technician_id, starts_at } = await holdAs(visitor, owner);
    await one.sql`update appointments set hold_expires_at = now() + interval '20 milliseconds' where id = ${id}`;
    await Bun.sleep(15);
    const answers = await Promise.all([
      book(visitor, id),
      other.sameAs(owner).post('/v1/appointments', { customer_id, technician_id, starts_at }),
    ]);
    const rows =
      await one.sql`select id from appointments where technician_id = ${technician_id} and status = 'scheduled'`;
    // None, when the one came too late and the other saw the hold a moment before its end.
    expect(rows.length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(rows.length);
    for (const { ok, error } of answers) if (!ok) expect([409, 422]).toContain(error.code);
  }
});

test('one hold booked ten times at once is one job', async () => {
  const visitor = aVisitor(one);
  const { id: hold_id, technician_id } = await holdAs(visitor, owner);
  const answers = await atOnce(10, (at) =>
    aVisitor(workerOf(at)).post('/v1/public/bookings', details({ hold_id })),
  );
  expect(outcomesOf(answers)).toEqual({ '201': 1, '422 request.body_invalid': 9 });
  expect(await one.sql`select 1 from appointments where technician_id = ${technician_id}`).toHaveLength(1);
});

describe('somebody new', () => {
  test('books ten times at once: one customer, one vehicle, ten jobs, whichever way they were named', async () => {
    const email = anEmail();
    const phone = '(213) 555-0181';
    const holds = await Promise.all(Array.from({ length: 10 }, () => holdAs(aVisitor(one), owner)));
    const answers = await atOnce(10, (at) =>
      book(
        aVisitor(workerOf(at)),
        holds[at]?.id,
        at % 3 === 0 ? { email, phone } : { email: email.toUpperCase() },
      ),
    );
    expect(outcomesOf(answers)).toEqual({ '201': 10 });
    const customers = await one.sql<{ id: string }>`select id from customers where lower(email) = ${email}`;
    expect(customers).toHaveLength(1);
    const id = customers[0]?.id ?? '';
    expect(await one.sql`select 1 from vehicles where customer_id = ${id}`).toHaveLength(1);
    expect(await one.sql`select 1 from appointments where customer_id = ${id}`).toHaveLength(10);
  });
});

test('who gets vehicles and jobs from the staff while they book: all have their way, nothing deadlocks', async () => {
  const { email, id: customer_id } = await aCustomer(owner);
  const holds = await Promise.all(Array.from({ length: 12 }, () => holdAs(aVisitor(one), owner)));
  const answers = await atOnce(36, (at) => {
    const worker = workerOf(at);
    const car = { year: 2000 + (at % 20), make: 'Audi', model: 'A4' };
    if (at % 3 === 0) return book(aVisitor(worker), holds[at / 3]?.id, { email, vehicle: car });
    if (at % 3 === 1) return worker.sameAs(owner).post('/v1/vehicles', { customer_id, ...car });
    const { technician_id } = holds[(at - 2) / 3];
    return worker.sameAs(owner).post('/v1/appointments', { customer_id, technician_id, starts_at: soon() });
  });
  expect(Object.keys(outcomesOf(answers)).filter((outcome) => outcome !== '201')).toEqual([]);
  const [row] = await one.sql<{ deadlocks: number }>`
    select deadlocks from pg_stat_database where datname = current_database()`;
  expect(row?.deadlocks).toBe(0);
});

test('a job that customer and staff change at once: every answer is one of the two, and the last stands', async () => {
  const visitor = aVisitor(one);
  const { id } = await holdAs(visitor, owner);
  const { appointment, manage_url } = (await book(visitor, id)).data;
  const answers = await Promise.all([
    visitor.post(`${manage_url}/reschedule`, { starts_at: soon() }),
    other.sameAs(owner).patch(`/v1/appointments/${appointment.id}`, { starts_at: soon() }),
    aVisitor(other).post(`${manage_url}/confirm`),
    owner.put(`/v1/appointments/${appointment.id}/status`, { status: 'canceled' }),
  ]);
  for (const { status } of answers) expect([200, 409]).toContain(status);
  expect((await visitor.get(manage_url)).data.status).toBe('canceled');
});
