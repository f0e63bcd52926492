import { describe, expect, test } from 'bun:test';
import { createTravel, type Routing } from '../../../src/features/availability/routing.ts';
import { testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aTechnician } from '../../helpers/factories.ts';

const way = (lat: number) => ({ from: { lat, lng: 0 }, to: { lat: 0, lng: 0 } });
const WAYS = Array.from({ length: 25 }, (_, at) => way(at + 1));
const never = () => new Promise<never>(() => undefined);

const travelBy = (routing: Routing) => {
  const warnings: string[] = [];
  const time = { now: 0 };
  const travel = createTravel({
    ...{ routing, timeoutMs: 100, clock: () => time.now },
    warn: (error) => warnings.push(String(error)),
  });
  return { travel, warnings, time };
};

describe('asking for drives', () => {
  test('minutes are rounded up, a day at most; no road is an answer', async () => {
    const seconds = [0, 60, 61, 1e9, null];
    const { travel, warnings } = travelBy(async ({ lat }) => seconds[lat] ?? null);
    const asked = seconds.map((_, at) => way(at));
    expect((await travel.ask(asked, 100)).map((one) => one.minutes)).toEqual([0, 1, 2, 1_440, null]);
    expect([travel.isPaused(), warnings]).toEqual([false, []]);
  });

  test('each way is asked for once, ten at a time', async () => {
    const asked: number[] = [];
    let [now, most] = [0, 0];
    const { travel } = travelBy(async ({ lat }) => {
      asked.push(lat);
      now += 1;
      most = Math.max(most, now);
      await Bun.sleep(2);
      now -= 1;
      return 60;
    });
    expect(await travel.ask(WAYS, 1_000)).toHaveLength(25);
    expect([asked.toSorted((one, other) => one - other), most]).toEqual([
      WAYS.map(({ from }) => from.lat),
      10,
    ]);
  });

  test('too many for the time there is: the service is not to blame, and the rest waits as long', async () => {
    const { travel, warnings, time } = travelBy(async ({ lat }) => (lat > 12 ? never() : 60));
    expect(await travel.ask(WAYS, 100)).toHaveLength(12);
    expect([travel.isPaused(), warnings]).toEqual([false, []]);
    expect(WAYS.filter(travel.isSkipped)).toHaveLength(13);
    time.now = 30_000;
    expect(WAYS.filter(travel.isSkipped)).toHaveLength(0);
  });

  test('a failure keeps what was answered, tells it once, and pauses for thirty seconds', async () => {
    const { travel, warnings, time } = travelBy(async ({ lat }) => {
      if (lat > 1) throw new Error('broken');
      return 60;
    });
    const [answered] = await Promise.all([travel.ask(WAYS, 100), travel.ask(WAYS, 100)]);
    expect(answered).toEqual([{ ...way(1), minutes: 1 }]);
    expect(warnings).toEqual(['Error: broken']);
    time.now = 29_999;
    expect(travel.isPaused()).toBe(true);
    time.now = 30_000;
    expect(travel.isPaused()).toBe(false);
  });

  test('who gives no answer, and heeds no signal, is left in time', async () => {
    const { travel, warnings } = travelBy(never);
    const begun = performance.now();
    expect(await travel.ask(WAYS, 100)).toHaveLength(0);
    expect(performance.now() - begun).toBeWithin(95, 500);
    expect([travel.isPaused(), warnings]).toEqual([true, ['Error: no answer within 100 ms']]);
  });

  test('after the end nobody is asked any more', async () => {
    let asked = 0;
    const { travel } = travelBy(async () => {
      asked += 1;
      await Bun.sleep(30);
      return 60;
    });
    await travel.ask(WAYS, 15);
    await Bun.sleep(60);
    expect(asked).toBe(10);
  });
});

describe('a service that hangs', () => {
  test('costs a request TRAVEL_TIMEOUT_MS once, then nothing for the pause', async () => {
    let [now, asked] = [Date.now(), 0];
    const routing = () => {
      asked += 1;
      return never();
    };
    const env = { TRAVEL_TIMEOUT_MS: '400' };
    const app = await testApp({ env, clock: () => now, routing });
    const owner = await app.as('owner');
    const { id: technician_id } = await aTechnician(owner);
    const { id: customer_id } = await aCustomer(owner);
    const job = { technician_id, customer_id };
    await aBooking(owner, { ...job, starts_at: '2031-03-03T18:00:00Z', location: { lat: 34.1, lng: -118 } });
    const book = async (lat: number): Promise<number> => {
      const begun = performance.now();
      const body = { ...job, starts_at: '2031-03-03T20:00:00Z', location: { lat, lng: -118 } };
      expect((await owner.post('/v1/appointments?dry_run=true', body)).status).toBe(201);
      return performance.now() - begun;
    };
    expect(await book(34)).toBeWithin(390, 1_500);
    const before = asked;
    expect(before).toBeGreaterThan(0);
    expect(await book(34.01)).toBeLessThan(350);
    const place = 'lat=34.02&lng=-118&from=2031-03-03&to=2031-03-04';
    expect((await owner.get(`/v1/availability?technician_id=${technician_id}&${place}`)).status).toBe(200);
    expect(asked).toBe(before);
    const warned = app.lines.filter(({ message }) => String(message).includes('routing service'));
    expect(warned).toMatchObject([{ pause_ms: 30_000 }]);
    now += 30_000;
    expect(await book(34.03)).toBeWithin(390, 1_500);
    expect(asked).toBeGreaterThan(before);
  });
});
