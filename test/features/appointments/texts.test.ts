import { expect, test } from 'bun:test';
import { testApp } from '../../helpers/app.ts';
import { connect } from '../../helpers/connection.ts';
import { aBooking, aCustomer, aDoneJob, aService } from '../../helpers/factories.ts';
import { STALE_TEXTS } from '../../helpers/texts.ts';

const app = await testApp();
const owner = await app.as('owner');

/** By hand, as somebody with psql would: no lock is taken before. */
const ADD_LINE = `
  insert into appointment_services
    (id, appointment_id, position, service_id, name, kind, quantity, duration_minutes, price_cents)
  select gen_random_uuid(), $1, $2, $3, 'by hand', 'labour', 1, 30, 1000`;

test('two who add services by hand at once: the text of the job tells of both', async () => {
  const { id: customer_id } = await aCustomer(owner);
  const service = await aService(owner);
  const body = { customer_id, starts_at: '2150-01-04T18:00:00Z', services: [{ service_id: service.id }] };
  const { data: job } = await owner.post('/v1/appointments', body);
  const [one, other] = [connect(app.url, 1), connect(app.url, 1)];
  const [{ pid }] = (await other`select pg_backend_pid() as pid`) as unknown as [{ pid: number }];
  let second: Promise<unknown> | undefined;
  await one.begin(async (tx) => {
    await tx.unsafe(ADD_LINE, [job.id, 100, service.id]);
    second = other.unsafe(ADD_LINE, [job.id, 101, service.id]).execute();
    for (;;) {
      const [waiting] = await tx`select 1 from pg_locks where pid = ${pid} and not granted`;
      if (waiting !== undefined) break;
    }
  });
  await second;
  const { data: read } = await owner.get(`/v1/appointments/${job.id}`);
  expect(read.services).toHaveLength(3);
  expect(await one.unsafe(STALE_TEXTS)).toHaveLength(0);
  await Promise.all([one.end(), other.end()]);
});

test('a draft that is deleted by hand is no part of the job any more', async () => {
  const job = await aDoneJob(app, owner);
  const { data: draft } = await owner.post(`/v1/appointments/${job.id}/invoice`, {});
  const dearer = [...draft.lines, { kind: 'fee', name: 'Disposal', quantity: 1, unit_price_cents: 500 }];
  await owner.patch(`/v1/invoices/${draft.id}`, {
    lines: dearer.map(({ kind, name, quantity, unit_price_cents }) => ({
      kind,
      name,
      quantity,
      unit_price_cents,
    })),
  });
  expect((await owner.get(`/v1/appointments/${job.id}`)).data.total_cents).toBe(job.total_cents + 500);
  await app.sql`delete from invoice_lines where invoice_id = ${draft.id}`;
  await app.sql`delete from invoices where id = ${draft.id}`;
  const { data: read } = await owner.get(`/v1/appointments/${job.id}`);
  expect(read.total_cents).toBe(job.total_cents);
});

test('a service that is moved to another job by hand is told of there, and no more where it was', async () => {
  const service = await aService(owner);
  const services = [{ service_id: service.id }];
  const [from, to] = [await aBooking(owner, { services }), await aBooking(owner)];
  await app.sql`update appointment_services set appointment_id = ${to.id} where appointment_id = ${from.id}`;
  const [left, taken] = await Promise.all(
    [from, to].map(async ({ id }) => (await owner.get(`/v1/appointments/${id}`)).data.services),
  );
  expect([left.length, taken.length]).toEqual([0, 1]);
});
