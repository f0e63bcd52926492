import { describe, expect, test } from 'bun:test';
import { type Standing, urgentStart } from '../../../src/features/availability/slips.ts';
import type { Book, ShopRules, Visit } from '../../../src/features/availability/types.ts';
import { at, DAY_START, evenShop, MINUTE, north, START, timeOf } from '../../helpers/even-shop.ts';

type Made = Visit & { status: Standing['status'] | 'held' | 'completed' };
const visit = (id: string, [from, to]: [string, string], changes: Partial<Made> = {}): Made => ({
  ...{ id, from: at(from), to: at(to), before: 0, after: 0, place: north(0), lane: 0 },
  ...{ status: 'scheduled', isActive: true },
  ...changes,
});

type Given = {
  now?: string;
  place?: ReturnType<typeof north> | null;
  rules?: Partial<ShopRules>;
  book?: Partial<Book>;
  vehicles?: Record<string, Standing['vehicle_visits']>;
  skills?: Record<string, string[]>;
};

/** An hour's job, wanted now: when it can begin, and which jobs slip to when. */
const urgent = (
  visits: Made[],
  { now = '10:00', place = north(0), rules, book, vehicles = {}, skills = {} }: Given = {},
) => {
  const shop = { ...evenShop, ...rules };
  const standings = new Map(
    visits.flatMap(({ id, status }): [string, Standing][] =>
      status === 'held' || status === 'completed'
        ? []
        : [[id, { status, skills: skills[id] ?? [], vehicle_visits: vehicles[id] ?? [] }]],
    ),
  );
  const buffers = { before: shop.bufferBefore, after: shop.bufferAfter };
  const wish = { id: null, place, skills: [], vehicleVisits: [], isPublic: false, now: at(now), ...buffers };
  const technician = { id: 't', name: 'Mo', isActive: true, skills: [], start: START };
  const open = [{ from: DAY_START - 86_400_000, to: DAY_START + 2 * 86_400_000 }];
  const search = { shop, wish, lengthMs: 60 * MINUTE };
  const span = { from: at(now), to: at('23:00') };
  const found = urgentStart(search, { book: { technician, open, visits, ...book }, standings }, span);
  return found === undefined
    ? undefined
    : [timeOf(found.at), ...found.slips.map(({ id, from, to }) => `${id} ${timeOf(from)} > ${timeOf(to)}`)];
};

describe('an urgent start', () => {
  test('is now, on the minute, when nothing stands in the way', () =>
    expect(urgent([], { now: '10:07' })).toEqual(['10:07']));
  test('is after the drive from the start of the van', () =>
    expect(urgent([], { place: north(20) })).toEqual(['10:20']));
  test('is after the drive from the last job of today, when that is over, and from now on at the earliest', () => {
    const done = visit('a', ['08:00', '09:00'], { status: 'completed', isActive: false, place: north(50) });
    expect(urgent([done], { place: north(20) })).toEqual(['10:30']);
  });

  test('keeps the job that runs, to the end that is now expected of it, and drives on from there', () => {
    const running = (to: string) => visit('a', ['09:00', to], { status: 'in_progress', place: north(30) });
    expect(urgent([running('10:40')], { place: north(20) })).toEqual(['10:50']);
    expect(urgent([running('09:40')], { place: north(20) })).toEqual(['10:10']);
    const driving = visit('a', ['09:30', '10:15'], { status: 'en_route', place: north(20) });
    expect(urgent([driving], { place: north(20) })).toEqual(['10:45']);
  });

  test('pushes what is in the way no further than it must, drives included, one after another', () => {
    const visits = [
      visit('a', ['10:15', '11:15'], { place: north(10) }),
      visit('b', ['11:30', '12:00'], { place: north(30) }),
      visit('c', ['15:00', '16:00'], { place: north(30) }),
    ];
    // 10:20 to 11:20 at 20 km; 10 min to a: 11:30 to 12:30; 20 min to b: 12:50; c stays.
    expect(urgent(visits, { place: north(20) })).toEqual(['10:20', 'a 10:15 > 11:30', 'b 11:30 > 12:50']);
  });

  test('a job that should have begun and has not is nowhere to drive from, and may slip', () =>
    expect(urgent([visit('a', ['09:30', '10:30'], { place: north(50) })], { place: north(20) })).toEqual([
      '10:20',
      'a 09:30 > 11:50',
    ]));

  test('gives a job that is pushed the buffers of the settings, and keeps its own for one that stays', () => {
    const rules = { bufferBefore: 5 * MINUTE, bufferAfter: 10 * MINUTE };
    const visits = [visit('a', ['10:30', '11:00']), visit('b', ['11:55', '12:30'], { before: 4 * MINUTE })];
    // 10:05 to 11:05, 10 after, 5 before: 11:20 to 11:50, 10 after, 5 before: 12:05.
    expect(urgent(visits, { rules })).toEqual(['10:05', 'a 10:30 > 11:20', 'b 11:55 > 12:05']);
  });

  test('keeps holds, and jobs of another day', () => {
    const held = visit('h', ['10:30', '11:30'], { status: 'held' });
    expect(urgent([held])).toEqual(['11:30']);
    const late = [visit('a', ['22:30', '23:30']), visit('b', ['24:10', '25:00'])];
    // a could go to 23:01 and then ends at 00:01; b stays.
    expect(urgent(late, { now: '22:01' })).toEqual(['22:01', 'a 22:30 > 23:01']);
    expect(urgent([late[0] ?? held, visit('b', ['24:00', '25:00'])], { now: '22:01' })).toBeUndefined();
  });

  test('keeps the hours: what cannot be pushed into them is waited for', () => {
    const book = { open: [{ from: at('08:00'), to: at('13:00') }] };
    expect(urgent([visit('a', ['10:30', '12:45'])], { book })).toBeUndefined();
    expect(urgent([visit('a', ['10:30', '12:00'])], { book })).toEqual(['10:00', 'a 10:30 > 11:00']);
    expect(urgent([visit('a', ['10:30', '11:45'])], { now: '10:50', book })).toEqual(['11:45']);
  });

  test('keeps what the vehicle of a pushed job has with others', () => {
    const busy = [{ id: 'x', from: at('11:30'), to: at('12:30') }];
    expect(urgent([visit('a', ['10:30', '11:00'])], { vehicles: { a: busy } })).toEqual([
      '10:00',
      'a 10:30 > 11:00',
    ]);
    expect(urgent([visit('a', ['10:20', '11:00'])], { vehicles: { a: busy } })).toEqual([
      '10:00',
      'a 10:20 > 12:30',
    ]);
  });

  test('leaves a job alone that cannot be moved at all', () => {
    const rules = {
      areas: [
        {
          ...{ id: 'z', name: 'Near', kind: 'radius', lat: 0, lng: 0, radius_km: 20 },
          ...{ codes: [], trip_fee_cents: 0 },
        },
      ],
    } satisfies Partial<ShopRules>;
    const outside = visit('a', ['10:30', '11:00'], { place: north(30) });
    expect(urgent([outside], { rules })).toEqual(['11:30']);
    const unskilled = visit('a', ['10:30', '11:00']);
    expect(urgent([unskilled], { skills: { a: ['tow'] } })).toEqual(['11:00']);
  });

  test('counts the jobs that it pushes among those of the day', () => {
    const visits = [visit('a', ['10:30', '11:00']), visit('b', ['13:00', '14:00'])];
    expect(urgent(visits, { rules: { jobsPerDay: 3 } })).toEqual(['10:00', 'a 10:30 > 11:00']);
    expect(urgent(visits, { rules: { jobsPerDay: 2 } })).toBeUndefined();
  });
});
