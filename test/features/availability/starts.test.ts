import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician } from '../../helpers/factories.ts';
import { ZONE } from './days.ts';

const NOW = Date.parse('2031-03-03T09:07:00-08:00');
const app = await testApp({ env: { SHOP_TIMEZONE: ZONE }, clock: () => NOW });
const owner = await app.as('owner');

const withHours = async (hours: Data[], overrides: Data = {}): Promise<Data> => {
  const technician = await aTechnician(owner, overrides);
  await app.sql`update technicians set hours = ${app.sql.json(hours)} where id = ${technician.id}`;
  return technician;
};
const week = (from: string, to: string) => [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from, to }));
const local = ({ data }: { data: Data }): string[] =>
  data.items.map((one: Data) => one.local_start.slice(5, 16));
const ask = (query: string) => owner.get(`/v1/availability?${query}`);

describe('GET /v1/availability', () => {
  test('starts begin on the quarter hours from now on, keep the hours, and end with them', async () => {
    const { id } = await withHours(week('08:00', '12:00'));
    const answer = await ask(`technician_id=${id}&to=2031-03-04`);
    expect(local(answer).slice(0, 2)).toEqual(['03-03T09:15', '03-03T09:30']);
    expect(local(answer).at(-1)).toBe('03-03T11:00');
    expect(answer.data.next_cursor).toBeNull();
    expect(answer.data.items[0]).toEqual({
      technician_id: id,
      starts_at: '2031-03-03T17:15:00Z',
      ends_at: '2031-03-03T18:15:00Z',
      local_start: '2031-03-03T09:15:00-08:00',
      ...{ travel_minutes_before: null, travel_minutes_after: null, travel_source: 'estimate' },
      ...{ is_area_centre: false, trip_fee_cents: 0, needs_review: false },
    });
  });

  test('without from and to: the next seven days', async () => {
    const { id } = await withHours([{ weekday: 1, from: '08:00', to: '09:00' }]);
    // The Monday of now is over; the next one is seven days ahead.
    expect(local(await ask(`technician_id=${id}`))).toEqual(['03-10T08:00']);
  });

  test('services decide how long it takes and who can do it', async () => {
    const hybrid = await aService(owner, { duration_minutes: 90, skills: ['hybrid'] });
    const plain = await aService(owner, { duration_minutes: 30 });
    const able = await withHours(week('10:00', '12:00'), { skills: ['hybrid', 'diesel'] });
    const unable = await withHours(week('10:00', '12:00'));
    const asked = `service_ids=${hybrid.id},${plain.id}&from=2031-03-04&to=2031-03-05`;
    const { data } = await ask(`${asked}&limit=100`);
    const whose = data.items.map((one: Data) => one.technician_id);
    expect(whose).toContain(able.id);
    expect(whose).not.toContain(unable.id);
    const ours = data.items.filter((one: Data) => one.technician_id === able.id);
    expect(ours.map((one: Data) => one.local_start.slice(11, 16))).toEqual(['10:00']);
    expect((await ask(`${asked}&technician_id=${unable.id}`)).data.items).toEqual([]);
  });

  test('time off, closures and extra hours count', async () => {
    const { id } = await withHours(week('08:00', '10:00'));
    await app.sql`insert into time_off (id, technician_id, starts_at, ends_at)
      values (gen_random_uuid(), ${id}, '2031-03-05T08:30:00-08:00', '2031-03-05T12:00:00-08:00')`;
    await app.sql`insert into extra_hours (id, technician_id, starts_at, ends_at)
      values (gen_random_uuid(), ${id}, '2031-03-05T20:00:00-08:00', '2031-03-05T21:15:00-08:00')`;
    await app.sql`insert into closures (id, starts_at, ends_at)
      values (gen_random_uuid(), '2031-03-06T00:00:00-08:00', '2031-03-07T00:00:00-08:00')`;
    const asked = `technician_id=${id}&from=2031-03-04&to=2031-03-07`;
    expect(local(await ask(asked))).toEqual([
      ...['03-04T08:00', '03-04T08:15', '03-04T08:30', '03-04T08:45', '03-04T09:00'],
      ...['03-05T20:00', '03-05T20:15'],
    ]);
    await app.sql`delete from closures`;
  });

  test('pages tell every start once, in order, for technicians together', async () => {
    const other = await testApp({ env: { SHOP_TIMEZONE: ZONE }, clock: () => NOW });
    const boss = await other.as('owner');
    for (let at = 0; at < 3; at += 1) await aTechnician(boss);
    const seen: string[] = [];
    let cursor = '';
    do {
      const { data } = await boss.get(`/v1/availability?from=2031-03-04&to=2031-03-05&limit=50${cursor}`);
      seen.push(...data.items.map((one: Data) => `${one.starts_at} ${one.technician_id}`));
      cursor = data.next_cursor === null ? '' : `&cursor=${data.next_cursor}`;
    } while (cursor !== '');
    expect(seen).toHaveLength(3 * 96);
    expect(seen).toEqual([...new Set(seen)].sort());
  });

  test('an inactive technician is not offered', async () => {
    const { id } = await aTechnician(owner, { is_active: false });
    expect((await ask(`technician_id=${id}`)).data.items).toEqual([]);
    const { data } = await ask('limit=100&to=2031-03-03T10:00:00-08:00');
    expect(data.items.map((one: Data) => one.technician_id)).not.toContain(id);
  });

  test('drives are told: from the start of the day, from the job before and to the job after', async () => {
    const technician = await withHours(week('08:00', '18:00'), { start: { lat: 34, lng: -118 } });
    const { id: customer_id } = await aCustomer(owner);
    await aBooking(owner, {
      ...{ customer_id, technician_id: technician.id, starts_at: '2031-03-05T12:00:00-08:00' },
      location: { lat: 34.3, lng: -118 },
    });
    const { data } = await ask(
      `technician_id=${technician.id}&from=2031-03-05&to=2031-03-06&lat=34.1&lng=-118&limit=100`,
    );
    const at = (time: string): Data => data.items.find((one: Data) => one.local_start.slice(11, 16) === time);
    // 11.1 km × 1.3 at 40 km/h; 22.2 km × 1.3.
    expect(at('10:00')).toMatchObject({ travel_minutes_before: 22, travel_minutes_after: 44 });
    expect(at('10:15')).toMatchObject({ travel_minutes_after: 44 });
    expect(at('10:30')).toBeUndefined();
    expect(at('13:30')).toBeUndefined();
    expect(at('13:45')).toMatchObject({ travel_minutes_before: 44, travel_minutes_after: null });
  });

  test('400 for what cannot be asked, with what to do', async () => {
    const service = '01a20bd7-9f55-7017-915d-6baafcf06004';
    const cases: [string, string][] = [
      ['lat=34', 'lat'],
      ['lat=91&lng=0', 'lat'],
      ['lat=1e1&lng=0', 'lat'],
      ['from=2031-03-05&to=2031-03-05', 'to'],
      ['from=2031-03-05&to=2031-05-08', 'to'],
      [`service_ids=${service}`, 'service_ids'],
      ['cursor=x', 'cursor'],
      ['limit=0', 'limit'],
      ['technician=1', 'technician'],
    ];
    for (const [query, path] of cases) {
      const { status, error } = await ask(query);
      expect([query, status, error?.issues?.[0]?.path]).toEqual([query, 400, path]);
    }
    expect((await ask('from=2031-03-05&to=2031-05-06')).status).toBe(200);
  });
});
