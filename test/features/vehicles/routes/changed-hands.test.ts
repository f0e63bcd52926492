import { expect, test } from 'bun:test';
import { testApp } from '../../../helpers/app.ts';
import { connect } from '../../../helpers/connection.ts';
import { aVehicle } from '../../../helpers/factories.ts';

const shop = await testApp({ env: { DB_LOCK_TIMEOUT_MS: '60000', DB_STATEMENT_TIMEOUT_MS: '60000' } });
const advisor = await shop.as('advisor');

const isSomebodyWaiting = async (): Promise<boolean> => {
  const rows = await shop.sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return rows.length > 0;
};

test('a change that waited while the vehicle changed hands is made among the new customer’s vehicles', async () => {
  const staying = await aVehicle(advisor, { is_primary: true });
  const moving = await aVehicle(advisor, { customer_id: staying.customer_id });
  const there = await aVehicle(advisor, { is_primary: true });
  const other = connect(shop.url);
  let change: ReturnType<typeof advisor.patch> | undefined;
  await other.begin(async (tx) => {
    await tx`select from customers where id = ${staying.customer_id} for update`;
    change = advisor.patch(`/v1/vehicles/${moving.id}`, { is_primary: true });
    while (!(await isSomebodyWaiting())) await Bun.sleep(5);
    await tx`update vehicles set customer_id = ${there.customer_id} where id = ${moving.id}`;
  });
  await other.end();
  expect((await change)?.data).toMatchObject({ customer_id: there.customer_id, is_primary: true });
  expect((await advisor.get(`/v1/vehicles/${there.id}`)).data.is_primary).toBe(false);
  expect((await advisor.get(`/v1/vehicles/${staying.id}`)).data.is_primary).toBe(true);
}, 30_000);
