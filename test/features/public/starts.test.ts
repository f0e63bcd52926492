import { describe, expect, test } from 'bun:test';
import { type Answer, type Data, testApp } from '../../helpers/app.ts';
import { aTechnician } from '../../helpers/factories.ts';
import { aVisitor, bookedAs, env } from './visitors.ts';

const app = await testApp({ env });
const owner = await app.as('owner');
const LA = { address: '210 Main St', lat: 34.05, lng: -118.24 };
const DAYS = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: '08:00', to: '18:00' }));

const QUARTER_MS = 900_000;

const hoursAt = (days: number, hour: number): string =>
  new Date(Math.ceil(Date.now() / 86_400_000 + days) * 86_400_000 + hour * 3_600_000).toISOString();
const aWorkingTechnician = async (): Promise<Data> => {
  const technician = await aTechnician(owner, { start: { lat: 34.05, lng: -118.24 } });
  await owner.put(`/v1/technicians/${technician.id}/hours`, { hours: DAYS });
  return technician;
};
const startsOf = ({ data }: Answer): number[] =>
  data.items.map(({ starts_at }: Data) => Date.parse(starts_at));
/** Every start between, the whole day of which is in question. */
const asked = (days: number) => `from=${hoursAt(days, 0)}&to=${hoursAt(days + 1, 0)}&limit=100`;

describe('GET /v1/public/appointments/:token/starts', () => {
  test('a start is offered exactly when rescheduling to it succeeds, its own hours and its place counted', async () => {
    const { id: technician_id } = await aWorkingTechnician();
    const visitor = aVisitor(app);
    const { appointment, manage_url } = await bookedAs(visitor, owner, {
      technician_id,
      starts_at: hoursAt(3, 20),
    });
    await app.sql`update appointments set location_lat = ${LA.lat}, location_lng = ${LA.lng} where id = ${appointment.id}`;
    // A long drive away, so that what is near it is out of reach.
    const far = await owner.post('/v1/appointments', {
      ...{ customer_id: (await owner.get('/v1/customers?limit=1')).data.items[0].id, technician_id },
      ...{ starts_at: hoursAt(3, 23), location: { lat: 34.25, lng: -118.5 } },
    });
    expect(far.status).toBe(201);
    const offered = startsOf(await visitor.get(`${manage_url}/starts?${asked(3)}`));
    const own = Date.parse(appointment.starts_at);
    expect(offered).toContain(own + QUARTER_MS);
    const possible: number[] = [];
    for (let at = Date.parse(hoursAt(3, 0)); at < Date.parse(hoursAt(4, 0)); at += QUARTER_MS) {
      const starts_at = new Date(at).toISOString();
      const { status } = await aVisitor(app).post(`${manage_url}/reschedule?dry_run=true`, { starts_at });
      if (status === 200) possible.push(at);
    }
    expect(possible.length).toBeGreaterThan(5);
    expect(possible.length).toBeLessThan(40);
    expect(offered).toEqual(possible);
  });

  test('a job that is not the customer’s to change any more has none: 409', async () => {
    const visitor = aVisitor(app);
    const { manage_url } = await bookedAs(visitor, owner);
    await visitor.post(`${manage_url}/cancel`);
    expect((await visitor.get(`${manage_url}/starts`)).error.reason).toBe('appointment.closed');
  });

  test('a job without a technician is offered the starts of all', async () => {
    await aWorkingTechnician();
    const visitor = aVisitor(app);
    const { appointment, manage_url } = await bookedAs(visitor, owner);
    await app.sql`update appointments set technician_id = null where id = ${appointment.id}`;
    expect(startsOf(await visitor.get(`${manage_url}/starts?${asked(3)}`)).length).toBeGreaterThan(0);
  });
});

describe('a link that a person opens', () => {
  const NAVIGATION = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

  test('leads a browser to its page, with the token in the fragment', async () => {
    const { manage_url } = await bookedAs(aVisitor(app), owner);
    const opened = await aVisitor(app).get(manage_url, { accept: NAVIGATION });
    const token = manage_url.split('/').at(-1);
    expect([opened.status, opened.headers.get('location')]).toEqual([303, `/book#${token}`]);
    expect(opened.headers.get('vary')).toContain('Accept');
    expect(opened.headers.get('cache-control')).toBe('no-store');
  });

  test('is JSON for everybody else', async () => {
    const { manage_url, appointment } = await bookedAs(aVisitor(app), owner);
    for (const accept of ['application/json', '*/*', 'application/json, text/html', '']) {
      expect((await aVisitor(app).get(manage_url, { accept })).data).toEqual(appointment);
    }
  });
});

test('GET /v1/public/shop tells the name and the clocks, as the settings stand', async () => {
  await owner.patch('/v1/settings', { shop_name: 'Corner Garage', licence_number: 'ARD 1' });
  expect((await aVisitor(app).get('/v1/public/shop')).data).toEqual({
    ...{ name: 'Corner Garage', licence_number: 'ARD 1' },
    ...{ timezone: 'America/Los_Angeles', phone_region: 'US' },
  });
});
