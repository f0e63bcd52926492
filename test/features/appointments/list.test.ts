import { describe, expect, test } from 'bun:test';
import { STATUSES } from '../../../src/features/appointments/rules.ts';
import { newId } from '../../../src/values/id.ts';
import { type Client, type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aTechnician, aVehicle } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');

const idsOf = async (query: string, client: Client = advisor): Promise<string[]> => {
  const { status, data, text } = await client.get(`/v1/appointments?${query}`);
  if (status !== 200) throw new Error(text);
  return data.items.map(({ id }: Data) => id);
};

/** Whatever a route would refuse: any state, any time. */
const aJob = async (customerId: string, columns: Data = {}): Promise<string> => {
  const {
    id = newId(),
    status = 'canceled',
    startsAt = '2031-01-01T10:00:00Z',
    updatedAt = startsAt,
  } = columns;
  await shop.sql`
    insert into appointments (id, customer_id, vehicle_id, technician_id, status, starts_at, ends_at, updated_at, deleted_at)
    values (${id}, ${customerId}, ${columns.vehicleId ?? null}, ${columns.technicianId ?? null}, ${status}, ${startsAt},
      ${startsAt}::timestamptz + interval '1 hour', ${updatedAt}, ${columns.deletedAt ?? null})`;
  return id;
};

describe('GET /v1/appointments filters', () => {
  test('by technician, customer and vehicle, each alone and together', async () => {
    const [one, other] = [await aVehicle(advisor), await aVehicle(advisor)];
    const [technicianId, otherId] = [(await aTechnician(owner)).id, (await aTechnician(owner)).id];
    const a = await aJob(one.customer_id, {
      vehicleId: one.id,
      technicianId,
      startsAt: '2031-01-01T10:00:00Z',
    });
    const b = await aJob(one.customer_id, {
      vehicleId: one.id,
      technicianId: otherId,
      startsAt: '2031-01-02T10:00:00Z',
    });
    const c = await aJob(one.customer_id, { technicianId, startsAt: '2031-01-03T10:00:00Z' });
    const d = await aJob(other.customer_id, {
      vehicleId: other.id,
      technicianId,
      startsAt: '2031-01-04T10:00:00Z',
    });
    expect(await idsOf(`technician_id=${technicianId}`)).toEqual([a, c, d]);
    expect(await idsOf(`customer_id=${one.customer_id}`)).toEqual([a, b, c]);
    expect(await idsOf(`vehicle_id=${one.id}`)).toEqual([a, b]);
    expect(await idsOf(`vehicle_id=${one.id}&technician_id=${otherId}`)).toEqual([b]);
    expect(
      await idsOf(`customer_id=${one.customer_id}&technician_id=${technicianId}&from=2031-01-02`),
    ).toEqual([c]);
    expect(await idsOf(`customer_id=${other.customer_id}&vehicle_id=${one.id}`)).toEqual([]);
    expect(await idsOf(`technician_id=${technicianId.toUpperCase()}&limit=1`)).toEqual([a]);
  });

  test('by one status or several, in any order, once each', async () => {
    const { id } = await aCustomer(advisor);
    const jobs = new Map<string, string>();
    for (const status of STATUSES)
      jobs.set(status, await aJob(id, { status, startsAt: `2031-02-0${jobs.size + 1}T10:00:00Z` }));
    const listed = (statuses: string) => idsOf(`customer_id=${id}&status=${statuses}`);
    for (const status of STATUSES) expect(await listed(status)).toEqual([jobs.get(status) ?? '']);
    expect(await listed(STATUSES.join())).toEqual([...jobs.values()]);
    expect(await listed('ready,completed,ready,en_route')).toEqual(
      ['en_route', 'ready', 'completed'].map((status) => jobs.get(status) ?? ''),
    );
    expect(await idsOf(`customer_id=${id}`)).toEqual([...jobs.values()]);
  });

  test('by change: updated_since is the first instant that counts', async () => {
    const { id } = await aCustomer(advisor);
    const instants = ['2031-03-01T09:59:59.999Z', '2031-03-01T10:00:00Z', '2031-03-01T10:00:00.001Z'];
    const jobs: string[] = [];
    for (const updatedAt of instants) jobs.push(await aJob(id, { updatedAt }));
    const since = (from: string) => idsOf(`customer_id=${id}&sort=updated_at&updated_since=${from}`);
    expect(await since('2031-03-01T10:00:00Z')).toEqual(jobs.slice(1));
    expect(await since('2031-03-01T02:00:00.001-08:00')).toEqual(jobs.slice(2));
    expect(await since('2031-03-01')).toEqual(jobs);
    expect(await since('2031-03-02')).toEqual([]);
    await advisor.patch(`/v1/appointments/${jobs[0]}`, { notes: 'new' });
    await shop.sql`update appointments set updated_at = updated_at + interval '100 years' where id = ${jobs[0] ?? null}`;
    expect(await since('2031-03-02')).toEqual(jobs.slice(0, 1));
  });

  test('by deletion: the deleted alone, the living alone', async () => {
    const { id } = await aCustomer(advisor);
    const living = await aJob(id);
    const deleted = await aJob(id, { deletedAt: '2031-01-01T00:00:00Z' });
    expect(await idsOf(`customer_id=${id}`)).toEqual([living]);
    expect(await idsOf(`customer_id=${id}&deleted=false`)).toEqual([living]);
    expect(await idsOf(`customer_id=${id}&deleted=true`)).toEqual([deleted]);
  });

  test('shows each job as its own route does', async () => {
    const job = await aBooking(advisor, { notes: 'ring', location: { address: '1 Main St' } });
    const { data } = await advisor.get(`/v1/appointments?customer_id=${job.customer_id}`);
    expect(data).toEqual({ items: [job], next_cursor: null });
  });
});

describe('GET /v1/appointments takes a date as that day in the shop’s zone', async () => {
  const days: [string, string, string, string, number][] = [
    ['a plain day', '2031-06-10', '2031-06-10T07:00:00Z', '2031-06-11T07:00:00Z', 24],
    ['the day that loses an hour', '2031-03-09', '2031-03-09T08:00:00Z', '2031-03-10T07:00:00Z', 23],
    ['the day that wins an hour', '2031-11-02', '2031-11-02T07:00:00Z', '2031-11-03T08:00:00Z', 25],
  ];
  for (const [what, date, begin, end, hours] of days) {
    test(`${what}: ${hours} hours, half-open`, async () => {
      const { id } = await aCustomer(advisor);
      const first = Date.parse(begin);
      expect(Date.parse(end) - first).toBe(hours * 3_600_000);
      const at = (milliseconds: number) => aJob(id, { startsAt: new Date(milliseconds).toISOString() });
      await at(first - 1);
      const inside = [await at(first), await at(first + 7_200_000), await at(Date.parse(end) - 1)];
      await at(Date.parse(end));
      const next = Temporal.PlainDate.from(date).add({ days: 1 }).toString();
      expect(await idsOf(`customer_id=${id}&from=${date}&to=${next}`)).toEqual(inside);
      expect(await idsOf(`customer_id=${id}&from=${begin}&to=${end}`)).toEqual(inside);
      expect(await idsOf(`customer_id=${id}&from=${date}&to=${date}`)).toEqual([]);
    });
  }

  test('another zone in the settings counts from the next request on', async () => {
    const owner = await shop.as('owner');
    const { id } = await aCustomer(advisor);
    await aJob(id, { startsAt: '2031-06-09T18:14:59Z' });
    const job = await aJob(id, { startsAt: '2031-06-09T18:15:00Z' });
    const day = `customer_id=${id}&from=2031-06-10&to=2031-06-11`;
    const { timezone } = (await owner.get('/v1/settings')).data;
    await owner.patch('/v1/settings', { timezone: 'Asia/Kathmandu' });
    expect(await idsOf(day)).toEqual([job]);
    await owner.patch('/v1/settings', { timezone });
    expect(await idsOf(day)).toEqual([]);
  });
});

describe('GET /v1/appointments by role', () => {
  test('a technician sees own jobs alone, whatever the filter', async () => {
    const technician = await shop.as('technician');
    const [own, other] = [
      await aTechnician(owner, { staff_id: technician.staffId }),
      await aTechnician(owner),
    ];
    const { id } = await aCustomer(advisor);
    const mine = await aJob(id, { technicianId: own.id });
    const deleted = await aJob(id, { technicianId: own.id, deletedAt: '2031-01-01T00:00:00Z' });
    const foreign = await aJob(id, { technicianId: other.id });
    const nobodys = await aJob(id);
    expect(await idsOf('', technician)).toEqual([mine]);
    for (const query of [
      `customer_id=${id}`,
      `technician_id=${own.id}`,
      'from=2031-01-01',
      'status=canceled',
    ]) {
      expect(await idsOf(query, technician)).toEqual([mine]);
    }
    expect(await idsOf(`technician_id=${other.id}`, technician)).toEqual([]);
    expect(await idsOf('deleted=true', technician)).toEqual([deleted]);
    for (const hidden of [foreign, nobodys]) {
      expect((await technician.get(`/v1/appointments/${hidden}`)).error.reason).toBe('appointment.not_found');
    }
    await owner.patch(`/v1/technicians/${own.id}`, { staff_id: null });
    expect(await idsOf('', technician)).toEqual([]);
    expect((await technician.get(`/v1/appointments/${mine}`)).status).toBe(404);
  });

  test('an accountant sees all', async () => {
    const { id } = await aCustomer(advisor);
    const job = await aJob(id);
    expect(await idsOf(`customer_id=${id}`, await shop.as('accountant'))).toEqual([job]);
  });
});

describe('400 for GET /v1/appointments', () => {
  test.each([
    ['status=lost', 'status.0', ''],
    ['status=ready,,completed', 'status', ''],
    ['status=', 'status', ''],
    ['from=2031-02-29', 'from', ''],
    ['from=2031-01-01T10:00:00', 'from', ''],
    ['to=10:00', 'to', ''],
    ['updated_since=1', 'updated_since', ''],
    ['technician_id=me', 'technician_id', ''],
    ['customer_id=', 'customer_id', ''],
    ['sort=customer_id', 'sort', ''],
    ['sort=--starts_at', 'sort', ''],
    ['limit=0', 'limit', ''],
    ['deleted=maybe', 'deleted', ''],
    ['vehicleid=x', 'vehicleid', 'vehicle_id'],
    ['updated_sinse=x', 'updated_sinse', 'updated_since'],
    ['form=2031-01-01', 'form', 'from'],
    ['q=x', 'q', ''],
  ])('?%s', async (query, path, meant) => {
    const { status, error } = await advisor.get(`/v1/appointments?${query}`);
    expect([status, error.reason, error.issues[0].path]).toEqual([400, 'request.parameter_invalid', path]);
    if (meant !== '') expect(error.issues[0].message).toEndWith(`did you mean ${meant}?`);
  });
});
