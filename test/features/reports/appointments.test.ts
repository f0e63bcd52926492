import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Client, type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician, aVehicle } from '../../helpers/factories.ts';
import { rowsOf } from './rows.ts';

const app = await testApp();
const owner = await app.as('owner');
const accountant = await app.as('accountant');

const PATH = '/v1/reports/appointments.csv';
const HEADING =
  'id,status,starts_at,ends_at,completed_at,customer_id,customer,vehicle,license_plate,technician,address,services,invoice_number,total,paid,currency';

const report = async (query = '', client: Client = accountant): Promise<Data[]> => {
  const answer = await client.get(`${PATH}${query}`);
  expect(answer.status).toBe(200);
  return rowsOf(answer);
};
const idsOf = async (query: string): Promise<string[]> => (await report(query)).map(({ id }) => id);

const invoice = async (appointmentId: string, customerId: string, cents: { total: number; paid: number }) => {
  const id = newId();
  await app.sql`
    insert into invoices (id, number, appointment_id, customer_id, status, subtotal_cents, total_cents)
    values (${id}, 7, ${appointmentId}, ${customerId}, 'issued', ${cents.total}, ${cents.total})`;
  await app.sql`
    insert into payments (id, invoice_id, amount_cents, method) values (${newId()}, ${id}, ${cents.paid}, 'cash')`;
};

describe(`GET ${PATH}`, () => {
  test('is a file of its own name, with a heading also when there is no job', async () => {
    const answer = await accountant.get(`${PATH}?from=2199-01-01`);
    expect(answer.text).toBe(`${HEADING}\r\n`);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="appointments.csv"');
    expect(answer.correlationId).not.toBe('');
  });

  test('tells of a job everything that the office asks for, in the shop’s zone and in its currency', async () => {
    const customer = await aCustomer(owner, { name: 'O’Hara, "Sam"' });
    const vehicle = await aVehicle(owner, { customer_id: customer.id, license_plate: '8ABC123' });
    const technician = await aTechnician(owner, { name: '=Mo Kim' });
    const [oil, brakes] = [await aService(owner, { name: 'Oil' }), await aService(owner, { name: 'Brakes' })];
    const job = await aBooking(owner, {
      ...{ customer_id: customer.id, vehicle_id: vehicle.id, technician_id: technician.id },
      ...{ starts_at: '2101-07-01T18:00:00Z', ends_at: '2101-07-01T19:30:00Z' },
      location: { address: '1 Main St, Oakland', lat: 37.8, lng: -122.2 },
      services: [
        { service_id: oil.id, quantity: 2, price_cents: 4_505 },
        { service_id: brakes.id, price_cents: 10_000 },
      ],
    });
    const asked = '?from=2101-07-01&to=2101-07-02';
    const expected = {
      ...{
        id: job.id,
        status: 'scheduled',
        completed_at: '',
        customer_id: customer.id,
        customer: 'O’Hara, "Sam"',
      },
      ...{ starts_at: '2101-07-01T11:00:00-07:00', ends_at: '2101-07-01T12:30:00-07:00' },
      ...{ vehicle: '2019 Toyota Corolla', license_plate: '8ABC123', technician: "'=Mo Kim" },
      ...{ address: '1 Main St, Oakland', services: '2 × Oil; 1 × Brakes' },
      ...{ invoice_number: '', total: '190.10', paid: '0.00', currency: 'USD' },
    };
    expect(await report(asked)).toEqual([expected]);
    await invoice(job.id, customer.id, { total: 20_000, paid: 5_001 });
    const invoiced = { ...expected, invoice_number: '7', total: '200.00', paid: '50.01' };
    expect(await report(asked)).toEqual([invoiced]);
    await owner.patch('/v1/settings', { timezone: 'Europe/Berlin' });
    expect((await report('?from=2101-07-01T20:00:00%2B02:00&to=2101-07-02'))[0]).toMatchObject({
      starts_at: '2101-07-01T20:00:00+02:00',
    });
    await owner.patch('/v1/settings', { timezone: 'America/Los_Angeles' });
  });

  test('from is in it, to is not; status and technician choose; a deleted job is in none', async () => {
    const technician = await aTechnician(owner);
    const at = (time: string, more: Data = {}) =>
      aBooking(owner, { starts_at: `2102-03-0${time}Z`, ...more });
    const [first, second, third] = [
      await at('1T08:00:00'),
      await at('2T08:00:00', { technician_id: technician.id }),
      await at('3T08:00:00'),
    ];
    const deleted = await at('2T12:00:00');
    await owner.delete(`/v1/appointments/${deleted.id}`);
    await owner.put(`/v1/appointments/${third.id}/status`, { status: 'canceled' });
    const ids = [first, second, third].map(({ id }) => id);
    const all = 'from=2102-03-01&to=2102-03-05';
    expect(await idsOf(`?${all}`)).toEqual(ids);
    expect(await idsOf('?from=2102-03-01T00:00:00-08:00&to=2102-03-03')).toEqual(ids.slice(0, 2));
    expect(await idsOf('?from=2102-03-02T00:00:00-08:00&to=2102-03-05')).toEqual(ids.slice(1));
    expect(await idsOf(`?${all}&status=canceled`)).toEqual([third.id]);
    expect(await idsOf(`?${all}&status=canceled,scheduled`)).toEqual(ids);
    expect(await idsOf(`?${all}&technician_id=${technician.id}`)).toEqual([second.id]);
    expect(await idsOf(`?${all}&technician_id=${newId()}`)).toEqual([]);
  });

  test.each(['status=done', 'from=yesterday', 'technician_id=1', 'limit=5', 'Status=canceled'])(
    'refuses ?%s as any route does',
    async (query) => {
      const answer = await accountant.get(`${PATH}?${query}`);
      expect([answer.status, answer.error.reason]).toEqual([400, 'request.parameter_invalid']);
      expect(answer.headers.has('content-disposition')).toBe(false);
    },
  );

  test('is for owner and accountant', async () => {
    await report('', owner);
    for (const role of ['advisor', 'technician'] as const)
      expect((await (await app.as(role)).get(PATH)).status).toBe(403);
  });

  test('HEAD tells the same headers, and holds nothing', async () => {
    const answer = await accountant.send('HEAD', PATH);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(answer.headers.get('content-disposition')).toContain('appointments.csv');
    expect(app.pool.counters()).toMatchObject({ inUse: 0 });
  });

  test('over many batches it tells each job once, and the figures that another statement finds', async () => {
    const { id: customerId } = await aCustomer(owner);
    const { id: serviceId } = await aService(owner);
    await app.sql.transaction(async (tx) => {
      await tx`set local shop.journal = 'off'`;
      await tx`
        insert into appointments (id, customer_id, starts_at, ends_at, status)
        select gen_random_uuid(), ${customerId}, timestamptz '2150-01-01' + n / 3 * interval '1 hour',
          timestamptz '2150-01-01' + n / 3 * interval '1 hour' + interval '1 hour',
          case when n % 5 = 0 then 'completed' else 'scheduled' end
        from generate_series(1, 1301) n`;
      await tx`
        insert into appointment_services
          (id, appointment_id, position, service_id, name, kind, quantity, duration_minutes, price_cents)
        select gen_random_uuid(), a.id, position, ${serviceId}, 'Wash', 'labour', 1 + position, 10, 7 + extract(day from a.starts_at)::int4
        from appointments a, generate_series(0, 1) position where a.starts_at >= '2150-01-01'`;
    });
    for (const status of ['scheduled', 'completed']) {
      const rows = await report(`?from=2150-01-01T00:00:00Z&status=${status}`);
      const [figures] = await app.sql<{ count: number; sum: number; ids: string[] }>`
        select count(*)::int4 as count, array_agg(id::text order by starts_at, id) as ids,
          (select sum(quantity * price_cents) from appointment_services s join appointments a on a.id = s.appointment_id
            where a.starts_at >= '2150-01-01' and a.status = ${status})::int4 as sum
        from appointments where starts_at >= '2150-01-01' and status = ${status}`;
      expect(rows.map(({ id }) => id)).toEqual(figures?.ids ?? []);
      expect(rows.reduce((sum, { total }) => sum + Math.round(Number(total) * 100), 0)).toBe(
        figures?.sum ?? 0,
      );
      const { data } = await owner.get(`/v1/appointments?from=2150-01-01&limit=100&status=${status}`);
      for (const job of data.items) {
        const row = rows.find(({ id }) => id === job.id);
        expect(Math.round(Number(row.total) * 100)).toBe(job.total_cents);
        expect(Temporal.Instant.from(row.starts_at).toString()).toBe(job.starts_at);
      }
    }
  });
});
