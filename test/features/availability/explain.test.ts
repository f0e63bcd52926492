import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician, aVehicle } from '../../helpers/factories.ts';
import { ZONE } from './days.ts';

const app = await testApp({ env: { SHOP_TIMEZONE: ZONE } });
const owner = await app.as('owner');
const HERE = 'lat=34&lng=-118';

const explain = async (query: string): Promise<Data> =>
  (await owner.get(`/v1/availability/explain?${query}`)).data;
const findingOf = (explained: Data, rule: string): Data =>
  explained.rules.find((one: Data) => one.rule === rule);

describe('GET /v1/availability/explain', () => {
  test('tells every rule, in their order, and passes when all of them do', async () => {
    const { id } = await aTechnician(owner);
    const explained = await explain(`technician_id=${id}&starts_at=2031-03-03T18:00:00Z`);
    expect(explained.rules.map((one: Data) => one.rule)).toEqual([
      ...[
        'past',
        'length',
        'technician',
        'skills',
        'lead_time',
        'horizon',
        'service_area',
        'overlap',
        'vehicle',
      ],
      ...['hours', 'travel_before', 'travel_after', 'jobs_per_day'],
    ]);
    // Around the clock, without an end.
    expect(findingOf(explained, 'hours').details).toEqual({ open_from: null, open_to: null });
    expect(explained.bookable).toBe(true);
    for (const one of explained.rules) expect([one.rule, one.pass]).toEqual([one.rule, true]);
  });

  test('tells the numbers of a drive in words and in fields', async () => {
    const { id } = await aTechnician(owner);
    const job = await aBooking(owner, {
      ...{ technician_id: id, starts_at: '2031-03-03T10:00:00-08:00', location: { lat: 34.1, lng: -118 } },
    });
    const explained = await explain(`technician_id=${id}&starts_at=2031-03-03T11:15:00-08:00&${HERE}`);
    expect(explained.bookable).toBe(false);
    expect(findingOf(explained, 'travel_before')).toEqual({
      rule: 'travel_before',
      pass: false,
      message: 'drive 22 min from the 10:00 job, gap 15 min',
      details: {
        ...{ appointment_id: job.id, minutes: 22, gap_minutes: 15, short_minutes: 7, kilometres: 14.5 },
        ...{ source: 'estimate', is_area_centre: false },
      },
    });
    expect(findingOf(explained, 'overlap').pass).toBe(true);
  });

  test('leaves a job out that is to be moved, and asks the vehicle', async () => {
    const { id } = await aTechnician(owner);
    const vehicle = await aVehicle(owner);
    const job = await aBooking(owner, {
      ...{ customer_id: vehicle.customer_id, vehicle_id: vehicle.id, technician_id: id },
      starts_at: '2031-03-03T10:00:00-08:00',
    });
    const asked = `technician_id=${id}&starts_at=2031-03-03T10:30:00-08:00&vehicle_id=${vehicle.id}`;
    const against = await explain(asked);
    for (const rule of ['overlap', 'vehicle'])
      expect(findingOf(against, rule)).toMatchObject({ pass: false, details: { conflicts_with: job.id } });
    expect((await explain(`${asked}&appointment_id=${job.id}`)).bookable).toBe(true);
  });

  test('says of each rule what a booking then says', async () => {
    const hybrid = await aService(owner, { skills: ['hybrid'] });
    const { id: technician_id } = await aTechnician(owner, { is_active: false });
    const { id: customer_id } = await aCustomer(owner);
    const starts_at = '2020-03-03T18:00:00Z';
    const explained = await explain(
      `technician_id=${technician_id}&starts_at=${starts_at}&ends_at=2020-03-06T18:00:00Z&service_ids=${hybrid.id}`,
    );
    expect(explained.bookable).toBe(false);
    // A span like that is not looked up in any calendar.
    expect(explained.rules.map((one: Data) => one.rule)).toEqual(['past', 'length']);
    const refused = await owner.post('/v1/appointments', { customer_id, starts_at });
    expect(refused.error.issues[0].path).toBe('starts_at');
    const shorter = await explain(
      `technician_id=${technician_id}&starts_at=${starts_at}&service_ids=${hybrid.id}`,
    );
    const failed = shorter.rules.filter((one: Data) => !one.pass).map((one: Data) => one.rule);
    expect(failed).toEqual(['past', 'technician', 'skills']);
  });

  test('400 for a technician or a service that the shop does not have', async () => {
    const unknown = '01a20bd7-9f55-7017-915d-6baafcf06004';
    const { id } = await aTechnician(owner);
    for (const [query, path] of [
      [`technician_id=${unknown}&starts_at=2031-03-03T18:00:00Z`, 'technician_id'],
      [`technician_id=${id}&starts_at=2031-03-03T18:00:00Z&service_ids=${unknown}`, 'service_ids'],
      [`technician_id=${id}&starts_at=2031-03-03`, 'starts_at'],
      ['starts_at=2031-03-03T18:00:00Z', 'technician_id'],
    ] as const) {
      const { status, error } = await owner.get(`/v1/availability/explain?${query}`);
      expect([query, status, error?.issues?.[0]?.path]).toEqual([query, 400, path]);
    }
  });
});
