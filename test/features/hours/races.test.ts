import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Transaction } from '../../../src/database/sql.ts';
import { newId } from '../../../src/values/id.ts';
import { type Answer, PATIENT, testApp } from '../../helpers/app.ts';
import { aCustomer, aTechnician } from '../../helpers/factories.ts';

// Two applications with a pool each on one database: as two workers, or two boxes.
const one = await testApp({ env: PATIENT });
const other = await testApp({ url: one.url, env: PATIENT });
const owner = await one.as('owner');
const onOther = other.sameAs(owner);
const { id: customer_id } = await aCustomer(owner);

setDefaultTimeout(60_000);

let days = 0;
/** A day of the test's own: a closure tells of everybody's jobs, but of fifty at most. */
const aDay = () => {
  days += 1;
  const start = Date.UTC(2031, 5, days, 8);
  const at = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();
  return { at, span: { starts_at: at(0), ends_at: at(24 * 60) } };
};

// In the order of the inserts, each of which is made under the technician's lock.
await one.sql`create table line (place bigint generated always as identity, id uuid not null)`;
await one.sql`
  create function join_line() returns trigger language plpgsql as $$
  begin insert into line (id) values (new.id); return null; end $$`;
await one.sql`create trigger line after insert on appointments for each row execute function join_line()`;
await one.sql`create trigger line after insert on time_off for each row execute function join_line()`;
await one.sql`create trigger line after insert on closures for each row execute function join_line()`;

/** What the owner writes, by the path below which the jobs in the way are told. */
const WRITES: [string, (technicianId: string) => string][] = [
  ['time off', (technicianId) => `/v1/technicians/${technicianId}/time-off`],
  ['a closure', () => '/v1/closures'],
];

const doesSomebodyWait = async (): Promise<boolean> => {
  const waiting = await one.sql`
    select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%technicians%'`;
  return waiting.length > 0;
};

/** Runs `inside` in a transaction that holds the technician, and `send` while it is open. */
const whileLocked = async (
  technicianId: string,
  inside: (tx: Transaction) => Promise<unknown>,
  send: () => Promise<Answer>,
): Promise<{ answer: Answer; wasEarly: boolean }> => {
  let sent: Promise<Answer> | undefined;
  let isAnswered = false;
  const wasEarly = await one.sql.transaction(async (tx) => {
    await tx`select id from technicians where id = ${technicianId} for no key update`;
    await inside(tx);
    sent = send().finally(() => {
      isAnswered = true;
    });
    while (!isAnswered && !(await doesSomebodyWait())) await Bun.sleep(5);
    return isAnswered;
  });
  if (sent === undefined) throw new Error('nothing was sent');
  return { answer: await sent, wasEarly };
};

for (const [what, pathFor] of WRITES) {
  describe(`${what} and a booking cannot pass each other`, () => {
    test('it waits for a booking that is not committed yet, and then tells of it', async () => {
      const day = aDay();
      const { id: technicianId } = await aTechnician(owner);
      const jobId = newId();
      const { answer, wasEarly } = await whileLocked(
        technicianId,
        (tx) => tx`
          insert into appointments (id, customer_id, technician_id, starts_at, ends_at)
          values (${jobId}, ${customer_id}, ${technicianId}, ${day.at(0)}, ${day.at(30)})`,
        () => onOther.post(pathFor(technicianId), day.span),
      );
      expect([wasEarly, answer.status]).toEqual([false, 201]);
      expect(answer.data.appointment_ids).toContain(jobId);
    });

    test('forty bookings meet it over two workers: it tells exactly those that were let in before it', async () => {
      const day = aDay();
      const { id: technician_id } = await aTechnician(owner);
      const book = (at: number) =>
        [owner, onOther][at % 2]?.post('/v1/appointments', {
          ...{ customer_id, technician_id, starts_at: day.at(10 * at), ends_at: day.at(10 * at + 10) },
        });
      const early = Array.from({ length: 20 }, (_, at) => book(at));
      await Promise.race(early);
      const writing = onOther.post(pathFor(technician_id), day.span);
      const late = Array.from({ length: 20 }, (_, at) => book(20 + at));
      const { status, data } = await writing;
      expect(status).toBe(201);
      const answers = await Promise.all([...early, ...late]);
      // Whoever came behind it was refused for it, and whoever was let in is told.
      const letIn = answers.flatMap((answer) => (answer?.status === 201 ? [answer.data.id] : []));
      for (const answer of answers) {
        if (answer?.status !== 201) expect(answer?.error?.reason).toBe('appointment.outside_hours');
      }
      const before = await one.sql<{ id: string }>`
        select a.id from appointments a join line mine on mine.id = a.id join line its on its.id = ${data.id}
        where a.technician_id = ${technician_id} and mine.place < its.place`;
      expect(before.length).toBeGreaterThan(0);
      expect(data.appointment_ids.toSorted()).toEqual(before.map(({ id }) => id).sort());
      expect(letIn.toSorted()).toEqual(data.appointment_ids.toSorted());
    });
  });
}

test('a booking waits for time off that is not committed yet', async () => {
  const day = aDay();
  const { id: technician_id } = await aTechnician(owner);
  const { answer, wasEarly } = await whileLocked(
    technician_id,
    (tx) => tx`
      insert into time_off (id, technician_id, starts_at, ends_at)
      values (${newId()}, ${technician_id}, ${day.at(0)}, ${day.at(60)})`,
    () =>
      onOther.post('/v1/appointments', {
        ...{ customer_id, technician_id, starts_at: day.at(0), ends_at: day.at(10) },
      }),
  );
  expect(wasEarly).toBe(false);
  expect(answer.error).toMatchObject({ code: 409, reason: 'appointment.outside_hours' });
});

test('time off, closures and hours of many technicians at once: nothing deadlocks, nobody gets a 5xx', async () => {
  const day = aDay();
  const technicians = await Promise.all([1, 2, 3, 4].map(() => aTechnician(owner)));
  const writes = technicians.flatMap(({ id }, at) => [
    () => owner.post(`/v1/technicians/${id}/time-off`, day.span),
    () => onOther.post('/v1/closures', day.span),
    () => owner.put(`/v1/technicians/${id}/hours`, { hours: [] }),
    () => onOther.post(`/v1/technicians/${id}/extra-hours`, day.span),
    () =>
      owner.post('/v1/appointments', { customer_id, technician_id: id, starts_at: day.at(600 + at * 60) }),
  ]);
  const answers = await Promise.all([...writes, ...writes].map((write) => write()));
  expect(answers.filter(({ status }) => ![200, 201, 409].includes(status))).toEqual([]);
  await one.sql`select pg_stat_clear_snapshot()`;
  const [row] = await one.sql<{ deadlocks: number }>`
    select deadlocks::integer from pg_stat_database where datname = current_database()`;
  expect(row?.deadlocks).toBe(0);
});
