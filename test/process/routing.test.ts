import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { createRouting } from '../../src/process/routing.ts';
import { testApp } from '../helpers/app.ts';
import { aBooking, aTechnician } from '../helpers/factories.ts';

let seen: string[] = [];
let answer: () => Response | Promise<Response> = () => Response.json({});
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: ({ url }) => {
    seen.push(url.slice(url.indexOf('/', 8)));
    return answer();
  },
});
afterAll(() => server.stop(true));
const route = (duration: unknown) =>
  Response.json({ code: 'Ok', routes: [{ duration, distance: 14_500.2, legs: [] }], waypoints: [] });
const FORM = '/route/v1/driving/{from_lng},{from_lat};{to_lng},{to_lat}?overview=false&key=hidden';

let now = Date.now();
const counts: Record<string, number> = {};
const counted = (outcome: string) => {
  counts[outcome] = (counts[outcome] ?? 0) + 1;
};
const app = await testApp({
  env: { TRAVEL_TIMEOUT_MS: '300' },
  clock: () => now,
  routing: createRouting(`http://127.0.0.1:${server.port}${FORM}`, counted),
});
const owner = await app.as('owner');
const { id: technician_id } = await aTechnician(owner);
await aBooking(owner, {
  ...{ technician_id, starts_at: '2031-03-03T10:00:00-08:00', location: { lat: 34.1, lng: -118 } },
});

const explain = async () => {
  const asked = `technician_id=${technician_id}&starts_at=2031-03-03T11:30:00-08:00&lat=34&lng=-118`;
  const { data } = await owner.get(`/v1/availability/explain?${asked}`);
  return data.rules.find(({ rule }: { rule: string }) => rule === 'travel_before');
};
const warnings = () => app.lines.filter(({ message }) => String(message).includes('routing service'));

beforeEach(async () => {
  await app.sql`delete from travel_times`;
  // The pause of the test before is over.
  now += 31_000;
  app.lines.length = 0;
  seen = [];
});

describe('a service that speaks the form of OSRM', () => {
  test('is asked from the one place to the other, and its seconds count', async () => {
    answer = () => route(1_803.4);
    const drive = await explain();
    expect(seen).toEqual(['/route/v1/driving/-118,34.1;-118,34?overview=false&key=hidden']);
    expect(drive).toMatchObject({
      pass: false,
      details: { minutes: 31, source: 'measured', short_minutes: 1 },
    });
    expect(counts.measured).toBe(1);
    await explain();
    expect(seen).toHaveLength(1);
  });

  test('says that there is no road: the estimate counts, and no pause follows', async () => {
    for (const code of ['NoRoute', 'NoSegment']) {
      await app.sql`delete from travel_times`;
      answer = () => Response.json({ code, message: 'Impossible route' }, { status: 400 });
      expect(await explain()).toMatchObject({ pass: true, details: { minutes: 22, source: 'estimate' } });
    }
    expect([seen.length, counts.no_road, warnings()]).toEqual([2, 2, []]);
  });

  const WRONG: Record<string, () => Response | Promise<Response>> = {
    'is slow': () => Bun.sleep(2_000).then(() => route(60)),
    'sends its answer slowly': () => new Response(dripping()),
    fails: () => new Response('overloaded', { status: 503 }),
    'fails with an answer': () => Response.json({ code: 'Ok', routes: [{ duration: 60 }] }, { status: 500 }),
    'refuses the key': () => Response.json({ message: 'Not Authorized' }, { status: 401 }),
    'answers with garbage': () => new Response('<html>'),
    'answers with nothing': () => new Response(''),
    'has no routes': () => Response.json({ code: 'Ok', routes: [] }),
    'has a text for a number': () => route('60'),
    'has a number below zero': () => route(-1),
    'has a number without end': () => new Response('{"code":"Ok","routes":[{"duration":1e999}]}'),
  };
  for (const [what, wrong] of Object.entries(WRONG)) {
    test(`that ${what}: the estimate counts, one line tells it, and nobody asks for a while`, async () => {
      answer = wrong;
      const begun = performance.now();
      expect(await explain()).toMatchObject({ pass: true, details: { minutes: 22, source: 'estimate' } });
      expect(performance.now() - begun).toBeLessThan(1_200);
      await explain();
      expect(seen).toHaveLength(1);
      expect(warnings()).toMatchObject([{ pause_ms: 30_000 }]);
      for (const secret of ['hidden', '34.1', '-118'])
        expect(JSON.stringify(app.lines)).not.toContain(secret);
      now += 31_000;
      answer = () => route(600);
      expect(await explain()).toMatchObject({ details: { minutes: 10, source: 'measured' } });
    });
  }

  test('that is gone, last of all', async () => {
    await server.stop(true);
    expect(await explain()).toMatchObject({ pass: true, details: { source: 'estimate' } });
    expect(warnings()).toHaveLength(1);
    expect(JSON.stringify(app.lines)).not.toContain('hidden');
  });
});

const dripping = () =>
  new ReadableStream<Uint8Array>({
    async pull(controller) {
      await Bun.sleep(100);
      controller.enqueue(new TextEncoder().encode(' '));
    },
  });
