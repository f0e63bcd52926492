import type { Client, Data, TestApp } from '../../helpers/app.ts';
import { aCustomer, aTechnician } from '../../helpers/factories.ts';
import { seeded } from '../../helpers/seeded.ts';

export const ZONE = 'America/Los_Angeles';
export const MONDAY = '2031-03-03';
const QUARTER_MS = 900_000;

/** Chance that can be played again: see test/helpers/seeded.ts. */
export const chance = (label: string) => {
  const below = seeded(label);
  return {
    below,
    pick: <One>(of: readonly One[]): One => of[below(of.length)] as One, // never asked of an empty list
    isTrue: (percent: number): boolean => below(100) < percent,
  };
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
    if (luck.isTrue(40)) {
      const from = 40 + luck.below(20);
      await app.sql`insert into time_off (id, technician_id, starts_at, ends_at)
        values (gen_random_uuid(), ${technician.id}, ${quarterOf(from)}, ${quarterOf(from + 4)})`;
    }
    technicians.push(technician);
  }
  return { technicians, customer: await aCustomer(owner) };
};

const clock = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;
