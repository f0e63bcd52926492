import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician, aVehicle } from '../../helpers/factories.ts';

let now = Date.parse('2031-03-09T12:00:00Z');
const app = await testApp({ clock: () => now });
let owner = await app.as('owner');
/** A token lives for minutes: at another time a new one is needed. */
const goTo = async (instant: string): Promise<void> => {
  now = Date.parse(instant);
  owner = await app.as('owner');
};
const START = { lat: 34.05, lng: -118.25 };
const idsOf = (day: Data): string[] => day.stops.map(({ id }: Data) => id);
const dayOf = async (id: string, date?: string) =>
  (await owner.get(`/v1/technicians/${id}/day${date === undefined ? '' : `?date=${date}`}`)).data;

describe('GET /v1/technicians/{id}/day', () => {
  test('tells all that a van needs, in order of the starts', async () => {
    const { id } = await aTechnician(owner, { name: 'Maria Lopez', start: START });
    const { id: customer_id } = await aCustomer(owner, { name: 'Sam', phone: '(628) 555-0142' });
    const { id: vehicle_id } = await aVehicle(owner, { customer_id, color: 'red', license_plate: 'DAY1' });
    const { id: service_id } = await aService(owner, { name: 'Brakes' });
    const job = { technician_id: id, customer_id };
    const late = await aBooking(owner, { ...job, starts_at: '2031-03-10T21:00:00Z' });
    const location = { address: '1 Main St', lat: 34.1, lng: -118.3 };
    const early = await aBooking(owner, {
      ...{ ...job, vehicle_id, location, notes: 'Gate 7', starts_at: '2031-03-10T17:00:00Z' },
      services: [{ service_id }],
    });
    const day = await dayOf(id, '2031-03-10');
    expect(day).toMatchObject({
      ...{ date: '2031-03-10', timezone: 'America/Los_Angeles', start: START },
      technician: { id, name: 'Maria Lopez', initials: 'ML' },
      finish: { from: early.id, source: 'estimate', is_area_centre: false },
    });
    expect(idsOf(day)).toEqual([early.id, late.id]);
    expect(day.stops[0]).toMatchObject({
      ...{ id: early.id, position: 0, status: 'scheduled', location, notes: 'Gate 7', version: 1 },
      customer: { name: 'Sam', phone: '+16285550142' },
      vehicle: { id: vehicle_id, year: 2019, make: 'Toyota', color: 'red', license_plate: 'DAY1' },
      ...{ services: ['Brakes'], starts_at: '2031-03-10T17:00:00Z', ends_at: '2031-03-10T17:45:00Z' },
      ...{
        leg: { from: 'start', is_area_centre: false },
        arrive_at: '2031-03-10T17:00:00Z',
        late_minutes: 0,
      },
      expected_ends_at: '2031-03-10T17:45:00Z',
    });
    const { leg, leave_at } = day.stops[0];
    expect(Date.parse(leave_at) + leg.minutes * 60_000).toBe(Date.parse('2031-03-10T17:00:00Z'));
    expect(day.stops[1]).toMatchObject({
      position: 1,
      vehicle: null,
      location: null,
      leg: null,
      leave_at: null,
    });
  });

  test('a day is that of the shop: 23 hours long when its clocks go forward, and today by default', async () => {
    const { id } = await aTechnician(owner);
    const at = async (starts_at: string) => (await aBooking(owner, { technician_id: id, starts_at })).id;
    await goTo('2031-03-08T12:00:00Z');
    const [before, first, last, after] = [
      await at('2031-03-09T06:30:00Z'),
      await at('2031-03-09T08:00:00Z'),
      await at('2031-03-10T05:30:00Z'),
      await at('2031-03-10T07:00:00Z'),
    ];
    await goTo('2031-03-09T12:00:00Z');
    expect(idsOf(await dayOf(id))).toEqual([first, last]);
    expect(idsOf(await dayOf(id, '2031-03-10'))).toEqual([after]);
    // It ends at half past eleven of the day before.
    expect(idsOf(await dayOf(id, '2031-03-08'))).toEqual([before]);
  });

  test('carries over what still runs; leaves out what is called off or deleted; shows what is done', async () => {
    await goTo('2031-05-01T12:00:00Z');
    const { id } = await aTechnician(owner);
    const at = async (hour: number, status?: string) => {
      const job = await aBooking(owner, {
        technician_id: id,
        starts_at: new Date(Date.UTC(2031, 4, 1, hour)).toISOString(),
      });
      if (status !== undefined)
        await app.sql`update appointments set status = ${status} where id = ${job.id}`;
      return job.id;
    };
    // Midnight in Los Angeles is seven o'clock UTC.
    const forgotten = await at(20, 'in_progress');
    await at(22, 'completed');
    await at(24);
    const over = await aBooking(owner, {
      ...{ technician_id: id, starts_at: '2031-05-02T06:00:00Z', ends_at: '2031-05-02T09:00:00Z' },
    });
    const done = await at(34, 'completed');
    await at(36, 'canceled');
    await at(37, 'no_show');
    await owner.delete(`/v1/appointments/${await at(38)}`);
    const next = await at(39);
    expect(idsOf(await dayOf(id, '2031-05-02'))).toEqual([over.id, done, next]);
    await goTo('2031-05-02T16:00:00Z');
    const day = await dayOf(id);
    expect(idsOf(day)).toEqual([forgotten, over.id, done, next]);
    expect(day.stops[0].expected_ends_at).toBe('2031-05-02T16:00:00Z');
  });

  test('a technician sees their own day alone; who is none is 404; a bad date 400', async () => {
    const person = await app.as('technician');
    const { id } = await aTechnician(owner, { staff_id: person.staffId });
    const { id: other } = await aTechnician(owner);
    expect((await person.get(`/v1/technicians/${id}/day`)).status).toBe(200);
    expect((await person.get(`/v1/technicians/${other}/day`)).error.reason).toBe('technician.not_found');
    expect((await owner.get(`/v1/technicians/${person.staffId}/day`)).status).toBe(404);
    expect((await owner.get(`/v1/technicians/${id}/day?date=2031-02-29`)).status).toBe(400);
  });
});
