import { describe, expect, test } from 'bun:test';
import type { Routing } from '../../../src/features/availability/routing.ts';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';
import { SEED, seeded } from '../../helpers/seeded.ts';
import { aDay, chance, MONDAY, quarterOf, somewhere, ZONE } from './days.ts';

const DAYS = ['first', 'second', 'third', 'fourth', 'fifth'];
const counts = { yes: 0, no: 0 };

/** Whatever the distance, some of them long; the same ones at each time. */
const arbitrary: Routing = async (from, to) => {
  const below = seeded(`drive ${from.lat},${from.lng};${to.lat},${to.lng}`);
  return 60 * below(below(3) === 0 ? 400 : 60);
};
const SOURCES: Record<string, Routing | undefined> = { estimated: undefined, measured: arbitrary };
const RUNS = Object.keys(SOURCES).flatMap((source) => DAYS.map((day): [string, string] => [source, day]));

describe('a start is offered ⇔ explain passes ⇔ booking it succeeds', () => {
  for (const [source, day] of RUNS) {
    test(`on the ${day} day, drives ${source} (seed ${SEED})`, async () => {
      const routing = SOURCES[source];
      const app = await testApp({
        env: { ...PATIENT, SHOP_TIMEZONE: ZONE },
        ...(routing === undefined ? {} : { routing }),
      });
      const owner = await app.as('owner');
      const luck = chance(`equivalence, ${day}`);
      await owner.patch('/v1/settings', {
        buffer_before_minutes: luck.pick([0, 5, 20]),
        buffer_after_minutes: luck.pick([0, 10]),
        jobs_per_day: luck.pick([null, null, 3]),
      });
      const { technicians, customer } = await aDay(app, owner, luck);
      for (let round = 0; round < 8; round += 1) {
        const place = luck.isTrue(85) ? somewhere(luck) : undefined;
        const asked = place === undefined ? '' : `&lat=${place.lat}&lng=${place.lng}`;
        const { data } = await owner.get(`/v1/availability?from=${MONDAY}&to=2031-03-04&limit=100${asked}`);
        const more =
          data.next_cursor === null
            ? []
            : (
                await owner.get(
                  `/v1/availability?from=${MONDAY}&to=2031-03-04&limit=100${asked}&cursor=${data.next_cursor}`,
                )
              ).data.items;
        const offered = new Set(
          [...data.items, ...more].map((one: Data) => `${one.technician_id} ${one.starts_at}`),
        );
        for (let at = 0; at < 10; at += 1) {
          const technician = luck.pick(technicians);
          const starts_at = quarterOf(20 + luck.below(56));
          const isOffered = offered.has(`${technician.id} ${starts_at}`);
          const explained = await owner.get(
            `/v1/availability/explain?technician_id=${technician.id}&starts_at=${starts_at}${asked}`,
          );
          const body = {
            ...{ customer_id: customer.id, technician_id: technician.id, starts_at },
            ...(place === undefined ? {} : { location: place }),
          };
          const tried = await owner.post('/v1/appointments?dry_run=true', body);
          const held = await owner.post('/v1/holds?dry_run=true', {
            ...{ technician_id: technician.id, starts_at },
            ...(place === undefined ? {} : { location: place }),
          });
          expect({ starts_at, explained: explained.data.bookable, tried: tried.ok, held: held.ok }).toEqual({
            starts_at,
            explained: isOffered,
            tried: isOffered,
            held: isOffered,
          });
          if (!tried.ok) {
            for (const next of tried.error.details.next_starts) {
              if (next < '2031-03-04') expect(offered).toContain(`${technician.id} ${next}`);
            }
          }
          counts[isOffered ? 'yes' : 'no'] += 1;
        }
        // A few are really booked, so that the next round finds a fuller day.
        const taken = data.items[luck.below(data.items.length)];
        if (taken !== undefined) {
          const booked = await owner.post('/v1/appointments', {
            ...{ customer_id: customer.id, technician_id: taken.technician_id, starts_at: taken.starts_at },
            ...(place === undefined ? {} : { location: place }),
          });
          expect(booked.status).toBe(201);
        }
      }
    });
  }

  test('and both were met often enough', () => {
    expect(counts.yes + counts.no).toBe(RUNS.length * 80);
    expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(20);
  });
});
