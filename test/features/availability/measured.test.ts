import { describe, expect, test } from 'bun:test';
import type { Routing } from '../../../src/features/availability/routing.ts';
import { type Answer, type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aLink, aTechnician } from '../../helpers/factories.ts';
import { aVisitor, env } from '../public/visitors.ts';
import { ZONE } from './days.ts';

const NOW = Date.parse('2031-03-01T09:00:00-08:00');
/** The estimate says 22 minutes from the one to the other at eleven. */
const [THERE, HERE] = [
  { lat: 34.1, lng: -118 },
  { lat: 34, lng: -118 },
];
const AT_HERE = 'lat=34&lng=-118';

let minutes: number | null = 0;
let asked: string[] = [];
/** How many transactions stood open while the service was asked. */
const open: number[] = [];
const routing: Routing = async (from, to) => {
  asked.push(`${from.lat},${from.lng};${to.lat},${to.lng}`);
  const [row] = await app.sql<{ open: number }>`
    select count(*)::integer as open from pg_stat_activity
    where datname = current_database() and state = 'idle in transaction'`;
  open.push(row?.open ?? -1);
  return minutes === null ? null : minutes * 60 - 30;
};
const app = await testApp({ env: { ...env, SHOP_TIMEZONE: ZONE }, clock: () => NOW, routing });
const owner = await app.as('owner');

/** The service says so from now on, and nothing of before is known. */
const theDriveTakes = async (now: number | null): Promise<void> => {
  await app.sql`delete from travel_times`;
  [minutes, asked] = [now, []];
};

/** A technician with a job THERE from ten to eleven on that Monday, and what a job HERE at `time` meets everywhere. */
const everywhere = async (time: string, takes: number): Promise<Data> => {
  await theDriveTakes(1);
  const { id: technician_id } = await aTechnician(owner);
  const { id: customer_id } = await aCustomer(owner);
  const job = { technician_id, customer_id };
  await aBooking(owner, { ...job, starts_at: '2031-03-03T10:00:00-08:00', location: THERE });
  const starts_at = `2031-03-03T${time}:00-08:00`;
  const instant = new Date(starts_at).toISOString().replace('.000Z', 'Z');
  const later = await aBooking(owner, { ...job, starts_at: '2031-03-05T10:00:00-08:00', location: HERE });
  const token = await aLink(app, later.id);
  const back = await aBooking(owner, { ...job, starts_at, location: HERE, force: { reason: 'A test' } });
  await owner.put(`/v1/appointments/${back.id}/status`, { status: 'canceled' });
  const visitor = aVisitor(app);
  const place = { technician_id, starts_at, location: HERE };
  const search = `technician_id=${technician_id}&from=2031-03-03&to=2031-03-04&limit=100&${AT_HERE}`;
  const offers = ({ data }: Answer): boolean => data.items.some((one: Data) => one.starts_at === instant);
  const ways: Record<string, () => Promise<Answer>> = {
    booking: () => owner.post('/v1/appointments?dry_run=true', { customer_id, ...place }),
    hold: () => owner.post('/v1/holds?dry_run=true', place),
    reschedule: () => owner.patch(`/v1/appointments/${later.id}?dry_run=true`, { starts_at }),
    'un-cancel': () => owner.put(`/v1/appointments/${back.id}/status?dry_run=true`, { status: 'scheduled' }),
    'public hold': () => visitor.post('/v1/public/holds?dry_run=true', place),
    'public reschedule': () =>
      visitor.post(`/v1/public/appointments/${token}/reschedule?dry_run=true`, { starts_at }),
  };
  const met: Data = {};
  for (const [name, go] of Object.entries(ways)) {
    await theDriveTakes(takes);
    const { ok, error } = await go();
    if (!ok) expect([name, error.reason]).toEqual([name, 'appointment.travel_infeasible']);
    expect([name, asked.length > 0]).toEqual([name, true]);
    met[name] = ok;
  }
  await theDriveTakes(takes);
  const explained = await owner.get(
    `/v1/availability/explain?technician_id=${technician_id}&starts_at=${starts_at}&${AT_HERE}`,
  );
  const drive = explained.data.rules.find(({ rule }: Data) => rule === 'travel_before');
  expect(drive.details).toMatchObject({ minutes: takes, source: 'measured' });
  met.explain = explained.data.bookable;
  await theDriveTakes(takes);
  met.availability = offers(await owner.get(`/v1/availability?${search}`));
  await theDriveTakes(takes);
  met['public availability'] = offers(await visitor.get(`/v1/public/availability?${search}`));
  return met;
};

const EVERYWHERE = [
  ...['booking', 'hold', 'reschedule', 'un-cancel', 'public hold', 'public reschedule'],
  ...['explain', 'availability', 'public availability'],
];
const all = (answer: boolean) => Object.fromEntries(EVERYWHERE.map((name) => [name, answer]));

describe('a measured drive counts instead of the estimate, everywhere', () => {
  test('a longer one refuses what the estimate would allow', async () => {
    expect(await everywhere('11:30', 22)).toEqual(all(true));
    expect(await everywhere('11:30', 31)).toEqual(all(false));
  });

  test('a shorter one allows what the estimate would refuse', async () => {
    expect(await everywhere('11:15', 16)).toEqual(all(false));
    expect(await everywhere('11:15', 15)).toEqual(all(true));
  });

  test('and no transaction is open while somebody is asked', async () => {
    open.length = 0;
    await everywhere('11:30', 31);
    expect(open.length).toBeGreaterThanOrEqual(EVERYWHERE.length);
    expect(open.filter((count) => count !== 0)).toEqual([]);
  });
});

describe('what was measured', () => {
  const place = async (): Promise<Data> => {
    await theDriveTakes(9);
    const { id: technician_id } = await aTechnician(owner, { start: { lat: 34.00004, lng: -118.1 } });
    const { id: customer_id } = await aCustomer(owner);
    const starts_at = '2031-03-03T10:00:00-08:00';
    await aBooking(owner, { technician_id, customer_id, starts_at, location: THERE });
    const search = `/v1/availability?technician_id=${technician_id}&from=2031-03-03&to=2031-03-04&limit=100&${AT_HERE}`;
    return { technician_id, customer_id, search };
  };

  test('is told as such, where all of it is', async () => {
    const { search } = await place();
    const sources = async () =>
      (await owner.get(search)).data.items.map((one: Data) => [
        ...[one.travel_minutes_before, one.travel_minutes_after, one.travel_source],
      ]);
    const told = await sources();
    // Eight in the morning: from the start, and on to the job; at noon from the job.
    expect(told[0]).toEqual([9, 9, 'measured']);
    expect(told.at(-1)).toEqual([9, null, 'measured']);
    expect(asked.toSorted()).toEqual(['34,-118.1;34,-118', '34,-118;34.1,-118', '34.1,-118;34,-118']);
    await app.sql`update travel_times set minutes = null where from_lng = -1181000`;
    expect((await sources())[0]).toEqual([expect.any(Number), 9, 'estimate']);
  });

  test('is asked for once in thirty days, by whoever comes first', async () => {
    const { search, technician_id, customer_id } = await place();
    await owner.get(search);
    asked = [];
    await owner.get(search);
    const body = { technician_id, customer_id, location: HERE, starts_at: '2031-03-03T11:15:00-08:00' };
    expect((await owner.post('/v1/appointments', body)).status).toBe(201);
    expect(asked).toEqual([]);
    await app.sql`update travel_times set fetched_at = now() - interval '30 days'`;
    minutes = 8;
    await owner.get(`${search}&urgent=true`);
    expect(asked.length).toBeGreaterThan(0);
    expect(
      await app.sql`select distinct minutes from travel_times where fetched_at > now() - interval '1 day'`,
    ).toEqual([{ minutes: 8 }]);
  });

  test('costs one statement more where it is known, and none where no drive is', async () => {
    const { search, technician_id } = await place();
    await owner.get(search);
    const queriesOf = async (path: string): Promise<unknown> => {
      const { correlationId } = await owner.get(path);
      return app.lines.find((line) => line.correlation_id === correlationId && 'queries' in line)?.queries;
    };
    const explain = `/v1/availability/explain?technician_id=${technician_id}&starts_at=2031-03-03T11:15:00-08:00`;
    expect(await queriesOf(explain)).toBe(2);
    expect(await queriesOf(`${explain}&${AT_HERE}`)).toBe(3);
    expect(await queriesOf(search)).toBe(3);
  });

  test('counts in the day of a technician', async () => {
    const { technician_id } = await place();
    const { data } = await owner.get(`/v1/technicians/${technician_id}/day?date=2031-03-03`);
    expect(data.stops[0].leg).toMatchObject({ from: 'start', minutes: 9, source: 'measured' });
    expect(data.finish).toMatchObject({ minutes: 9, source: 'measured' });
  });

  test('that there is no road is known too, and the estimate counts', async () => {
    const { search } = await place();
    await theDriveTakes(null);
    const { data } = await owner.get(search);
    expect(data.items[0].travel_source).toBe('estimate');
    expect(asked).toHaveLength(3);
    await owner.get(search);
    expect(asked).toHaveLength(3);
  });
});

test('a full disk keeps nobody from reading; any other fault of the store is heard', async () => {
  const { id } = await aTechnician(owner);
  const at = '2031-03-03T10:00:00-08:00';
  await aBooking(owner, { technician_id: id, starts_at: at, location: THERE });
  const explained = () =>
    owner.get(`/v1/availability/explain?technician_id=${id}&starts_at=2031-03-03T20:00:00Z&${AT_HERE}`);
  await app.sql`
    create function refuse() returns trigger language plpgsql as $$
    begin raise exception 'refused' using errcode = tg_argv[0]; end $$`;
  for (const [code, status] of [
    [app.sql.part`'53100'`, 200],
    [app.sql.part`'22012'`, 500],
  ] as const) {
    await theDriveTakes(5);
    await app.sql`create trigger refuse before insert on travel_times for each row execute function refuse(${code})`;
    expect((await explained()).status).toBe(status);
    await app.sql`drop trigger refuse on travel_times`;
  }
});
