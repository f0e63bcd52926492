import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aCustomer, aService, aTechnician, aVehicle } from '../../helpers/factories.ts';
import { SEED, seeded } from '../../helpers/seeded.ts';

setDefaultTimeout(120_000);

const MINUTE = 60_000;
/** Ten past nine in Los Angeles, on a Monday, and some seconds. */
const NOW = Date.parse('2031-03-10T16:10:20Z');
const app = await testApp({ clock: () => NOW });
const owner = await app.as('owner');
const iso = (at: number): string => new Date(at).toISOString();
const after = (minutes: number): string => iso(NOW - 20_000 + minutes * MINUTE);

const urgentOf = (query = ''): Promise<Data> =>
  owner.get(`/v1/availability?urgent=true&lat=34.05&lng=-118.25${query}`);

const apply = async (item: Data, customer_id: string): Promise<number[]> => {
  const statuses: number[] = [];
  for (const { appointment_id, new_starts_at } of item.slips.toReversed()) {
    const { status } = await owner.patch(`/v1/appointments/${appointment_id}`, { starts_at: new_starts_at });
    statuses.push(status);
  }
  const { technician_id, starts_at, ends_at } = item;
  const location = { lat: 34.05, lng: -118.25 };
  const booked = await owner.post('/v1/appointments', {
    ...{ customer_id, technician_id, starts_at, ends_at, location },
  });
  return [...statuses, booked.status];
};

describe('GET /v1/availability?urgent=true', () => {
  test('ranks by the start, then by what slips; tells the slips, and moves nothing', async () => {
    const { id: customer_id } = await aCustomer(owner);
    const { id: service } = await aService(owner, { skills: ['tow'], duration_minutes: 30 });
    const [busy, free, far] = [
      await aTechnician(owner, { skills: ['tow'] }),
      await aTechnician(owner, { skills: ['tow'] }),
      await aTechnician(owner, { skills: ['tow'], start: { lat: 34.3, lng: -118.25 } }),
    ];
    await aTechnician(owner);
    await aTechnician(owner, { skills: ['tow'], is_active: false });
    const job = { customer_id, technician_id: busy.id, starts_at: after(20), ends_at: after(50) };
    const { data: pushed } = await owner.post('/v1/appointments', job);
    const { data, correlationId } = await urgentOf(`&service_ids=${service}`);
    expect(data.items.map((item: Data) => item.technician_id)).toEqual([free.id, busy.id, far.id]);
    expect(data.items[0]).toMatchObject({ starts_at: '2031-03-10T16:11:00Z', slips: [] });
    expect(data.items[1]).toMatchObject({
      ...{ starts_at: '2031-03-10T16:11:00Z', ends_at: '2031-03-10T16:41:00Z' },
      slips: [
        {
          ...{ appointment_id: pushed.id, starts_at: pushed.starts_at },
          ...{ new_starts_at: '2031-03-10T16:41:00Z', slips_minutes: 11 },
        },
      ],
    });
    const [drive] = [Date.parse(data.items[2].starts_at) - NOW];
    expect(drive).toBeGreaterThan(data.items[2].travel_minutes_before * MINUTE);
    expect((await owner.get(`/v1/appointments/${pushed.id}`)).data).toEqual(pushed);
    const line = app.lines.find((one) => one.correlation_id === correlationId);
    expect(line?.queries).toBe(4);
  });

  test('begins at `from` when that is later; no start that is offered has slips; a cursor is refused', async () => {
    const { id } = await aTechnician(owner);
    const { data } = await urgentOf(`&technician_id=${id}&from=2031-03-12T10:00:00Z`);
    expect(data.items).toMatchObject([{ starts_at: '2031-03-12T10:00:00Z' }]);
    const offered = await owner.get(`/v1/availability?technician_id=${id}&limit=1`);
    expect(offered.data.items[0]).not.toHaveProperty('slips');
    expect((await urgentOf('&cursor=x')).status).toBe(400);
    expect((await urgentOf('&to=2031-03-30')).status).toBe(400);
  });
});

describe(`random days (TEST_SEED=${SEED})`, () => {
  const somewhere = (random: (limit: number) => number) => ({
    ...{ lat: 34 + random(200) / 1_000, lng: -118.4 + random(300) / 1_000 },
  });

  const aDay = async (random: (limit: number) => number): Promise<{ id: string; customer_id: string }> => {
    const { id: customer_id } = await aCustomer(owner);
    const { id: vehicle_id } = await aVehicle(owner, { customer_id });
    const { id: other } = await aTechnician(owner);
    const { id } = await aTechnician(owner, random(3) === 0 ? {} : { start: somewhere(random) });
    const buffer_before_minutes = random(3) * 5;
    const buffer_after_minutes = random(3) * 5;
    const buffers = { buffer_before_minutes, buffer_after_minutes };
    await owner.patch('/v1/settings', { ...buffers, jobs_per_day: random(4) === 0 ? 4 : null });
    const book = (technician_id: string, minutes: number, extra: Data = {}) =>
      owner.post('/v1/appointments', {
        ...{ customer_id, technician_id, starts_at: after(minutes) },
        ends_at: after(minutes + 30 + random(7) * 15),
        ...(random(5) === 0 ? {} : { location: somewhere(random) }),
        ...extra,
      });
    if (random(2) === 0) {
      const { data } = await book(id, 0);
      await app.sql`
        update appointments set starts_at = starts_at - interval '1 hour', ends_at = ends_at - make_interval(mins => ${random(90)}),
          status = ${['en_route', 'in_progress', 'ready', 'scheduled'][random(4)] ?? ''}, started_at = now()
        where id = ${data.id}`;
    }
    if (random(2) === 0) await book(other, 60 + random(400), { vehicle_id });
    for (let count = random(6); count >= 0; count -= 1) {
      await book(id, 5 + random(600), random(3) === 0 ? { vehicle_id } : {});
    }
    if (random(2) === 0)
      await owner.post('/v1/holds', { technician_id: id, starts_at: after(30 + random(400)), minutes: 60 });
    // What is booked keeps its buffers when the settings change, and stands when the hours do.
    await owner.patch('/v1/settings', { ...buffers, [Object.keys(buffers)[random(2)] ?? '']: random(4) * 5 });
    if (random(2) === 0)
      await app.sql`
        update technicians set hours = '[{"weekday": 1, "from": "08:00", "to": "12:00"}, {"weekday": 1, "from": "12:30", "to": "18:00"},
          {"weekday": 2, "from": "08:00", "to": "18:00"}]' where id = ${id}`;
    return { id, customer_id };
  };

  test('what is told can be done: the slips, the last one first, then the booking', async () => {
    const seen = { days: 0, slips: 0, none: 0 };
    for (let round = 0; round < 30; round += 1) {
      const { id, customer_id } = await aDay(seeded(`urgent day ${round}`));
      const [item] = (await urgentOf(`&technician_id=${id}`)).data.items;
      if (item === undefined) {
        seen.none += 1;
        continue;
      }
      seen.days += 1;
      seen.slips += item.slips.length;
      const outcomes = await apply(item, customer_id);
      expect([round, ...outcomes]).toEqual([round, ...item.slips.map(() => 200), 201]);
    }
    expect(seen.days).toBeGreaterThan(25);
    expect(seen.slips).toBeGreaterThan(5);
  });

  test('nobody who can be booked without it comes later with it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await aDay(seeded(`urgent or offered ${round}`));
      await app.sql`update technicians set start_lat = null, start_lng = null where id = ${id}`;
      await app.sql`delete from outbox`;
      await app.sql`delete from appointments where technician_id = ${id} and starts_at < ${iso(NOW)}`;
      const [urgent] = (await urgentOf(`&technician_id=${id}`)).data.items;
      const [offered] = (
        await owner.get(`/v1/availability?technician_id=${id}&lat=34.05&lng=-118.25&limit=1`)
      ).data.items;
      expect(Date.parse(urgent.starts_at)).toBeLessThanOrEqual(Date.parse(offered.starts_at));
    }
  });
});

test('an unknown technician has no start', async () =>
  expect((await urgentOf(`&technician_id=${newId()}`)).data).toEqual({ items: [], next_cursor: null }));
