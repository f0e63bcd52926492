import { expect, test } from 'bun:test';
import { lockNamed } from '../../../src/features/estimates/commands.ts';
import { newId } from '../../../src/values/id.ts';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';
import { aBooking, aSentEstimate } from '../../helpers/factories.ts';
import { until } from '../../process/started.ts';

const shop = await testApp({ env: PATIENT });
const advisor = await shop.as('advisor');
const { sql } = shop;

/** What `work` comes to when the estimate becomes a job after its job was looked for, and before it is locked. */
const whileItBecomesAJob = async (
  estimate: Data,
  work: () => Promise<unknown>,
): Promise<PromiseSettledResult<unknown> | undefined> => {
  const { id } = await aBooking(advisor, { customer_id: estimate.customer_id });
  const working = await sql.transaction(async (tx) => {
    await tx`update estimates set appointment_id = ${id}, version = version + 1 where id = ${estimate.id}`;
    const begun = Promise.allSettled([work()]);
    await until('the work to wait', async () => {
      const waiting = await sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return waiting.length === 1;
    });
    return { begun };
  });
  return (await working.begun)[0];
};

test('an estimate is never held without its job: the command is refused, and begun anew', async () => {
  const estimate = await aSentEstimate(advisor);
  const lock = () => sql.transaction((tx) => lockNamed(tx, { id: estimate.id, expected: undefined }));
  const outcome = await whileItBecomesAJob(estimate, lock);
  expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'database.contention' } });
  expect((await lock()).appointment_id).not.toBeNull();
  const other = await aSentEstimate(advisor);
  const change = () => advisor.patch(`/v1/estimates/${other.id}`, { notes: 'n' });
  expect(await whileItBecomesAJob(other, change)).toMatchObject({ value: { status: 200 } });
});

test('nor does the database take a word on it then, whoever writes', async () => {
  const estimate = await aSentEstimate(advisor);
  const [line] = estimate.lines;
  const outcome = await whileItBecomesAJob(
    estimate,
    () => sql`
      insert into estimate_authorizations
        (id, estimate_id, line_id, version, decision, line_name, amount_cents, name, method, text)
      values (${newId()}, ${estimate.id}, ${line.id}, 3, 'approved', 'x', ${line.total_cents}, 'x', 'link', 'x')`,
  );
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: '40001' } });
});
