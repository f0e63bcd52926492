import { expect, test } from 'bun:test';
import { PATIENT, testApp } from '../helpers/app.ts';
import { until } from '../process/started.ts';

// One place: a quarter of four connections. Who waits for it, or for a connection, is soon sent away.
const app = await testApp({ env: { ...PATIENT, DB_POOL_MAX: '4', DB_ACQUIRE_TIMEOUT_MS: '300' } });
const accountant = await app.as('accountant');
const YEAR = 'from=2026-01-01&to=2027-01-01';
const TECHNICIANS = `/v1/reports/technicians?${YEAR}`;
/** None of them reads the technicians. */
const OTHERS = [
  '/v1/ledger/trial',
  '/v1/reports/receivables',
  `/v1/reports/revenue?${YEAR}&by=month`,
  `/v1/reports/no-shows?${YEAR}`,
];

test('figures and the trial take a place among the reports: they wait in line for it, and no longer than for a connection', async () => {
  const held = await app.sql.transaction(async (tx) => {
    await tx`lock table technicians in access exclusive mode`;
    const reading = accountant.get(TECHNICIANS);
    await until('the report to be in its place', async () => {
      // Inside a transaction it is as it was at the first look.
      const waiting = await app.sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return waiting.length === 1;
    });
    for (const path of OTHERS) {
      const { error, headers } = await accountant.get(path);
      expect([path, error?.code, error?.reason]).toEqual([path, 503, 'database.busy']);
      expect(headers.get('retry-after')).toBe('1');
    }
    const file = await accountant.get('/v1/reports/payments.csv');
    expect([file.status, file.headers.get('retry-after')]).toEqual([503, '5']);
    return { reading };
  });
  expect((await held.reading).status).toBe(200);
  for (const path of OTHERS) expect((await accountant.get(path)).status).toBe(200);
});
