import type { Client, Data, TestApp } from '../../helpers/app.ts';
import { aCustomer, aTechnician } from '../../helpers/factories.ts';

export const ZONE = 'America/Los_Angeles';
export const MONDAY = '2031-03-03';
const QUARTER_MS = 900_000;

/** Chance that can be played again: the same seed gives the same days. */
export const chance = (seed: number) => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <One>(of: readonly One[]): One => of[below(of.length)] as One;
  return { below, pick, isTrue: (share: number): boolean => next() < share };
};
export type Chance = ReturnType<typeof chance>;

/** Places in and around Los Angeles, some of them an hour apart. */
export const somewhere = ({ below }: Chance): { lat: number; lng: number } => ({
  lat: 33.8 + below(50) / 100,
  lng: -118.5 + below(60) / 100,
});

/** The instant of a quarter hour of that Monday, counted from midnight there. */
export const quarterOf = (quarter: number): string =>
  new Date(Date.parse('2031-03-03T08:00:00Z') + quarter * QUARTER_MS).toISOString().replace('.000Z', 'Z');

/** Two technicians who work on that Monday, each in a way of their own, and a customer. */
export const aDay = async (app: TestApp, owner: Client, luck: Chance) => {
  const technicians: Data[] = [];
  for (let at = 0; at < 2; at += 1) {
    const technician = await aTechnician(owner, { start: somewhere(luck) });
    const opens = 6 + luck.below(4);
    const hours = [
      { weekday: 1, from: clock(opens), to: clock(12) },
      { weekday: 1, from: clock(12 + luck.below(2)), to: clock(16 + luck.below(4)) },
    ];
    await app.sql`update technicians set hours = ${app.sql.json(hours)} where id = ${technician.id}`;
    if (luck.isTrue(0.4)) {
      const from = 40 + luck.below(20);
      await app.sql`insert into time_off (id, technician_id, starts_at, ends_at)
        values (gen_random_uuid(), ${technician.id}, ${quarterOf(from)}, ${quarterOf(from + 4)})`;
    }
    technicians.push(technician);
  }
  return { technicians, customer: await aCustomer(owner) };
};

const clock = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;
