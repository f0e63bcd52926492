import { MIN_JOB_MINUTES, sharesOf, walkDay } from './calendar.ts';
import type { Car } from './cars.ts';
import { drawWork, minutesOf, type Service, type Sold } from './catalog.ts';
import type { Days } from './days.ts';
import type { Address } from './places.ts';
import { idOf, type Random, randomOf } from './random.ts';
import { type Story, tellStory } from './stories.ts';
import type { Technician } from './team.ts';

/** Moments are milliseconds since 1970. */
export type Job = {
  id: string;
  label: string;
  car: Car;
  technician: Technician;
  place: Address;
  work: Sold[];
  notes: string | null;
  bookedAt: number;
  /** When the shop opens on the job's day. */
  opensAt: number;
  startsAt: number;
  endsAt: number;
  /** What happens to it, whether it has happened yet or not. */
  story: Story;
};

export type Shop = {
  days: Days;
  catalog: readonly Service[];
  team: readonly Technician[];
  /** In the order of how often they come. */
  cars: readonly Car[];
  /** The day of each car's latest job. */
  lastVisits: Map<string, number>;
};

const MIN_DAYS_BETWEEN_VISITS = 10;
const MAX_TRIES = 10_000;

/** All jobs of a day; days are to be made in their order. */
export const makeJobs = (shop: Shop, day: number, count: number): Job[] => {
  const random = randomOf(`day ${day}`);
  const jobs: Job[] = [];
  for (const [index, share] of sharesOf(random, count, shop.team.length).entries()) {
    const technician = shop.team[index];
    if (technician === undefined) continue;
    walkDay(random, share, (gap, place) => {
      const job = makeJob(shop, { ...gap, day, technician, label: `job ${day} ${index} ${place}` });
      jobs.push(job);
      return (job.endsAt - job.startsAt) / 60_000;
    });
  }
  return jobs;
};

type Opening = {
  label: string;
  day: number;
  technician: Technician;
  start: number;
  room: number;
  drive: number;
};

const makeJob = (shop: Shop, { label, day, technician, start, room, drive }: Opening): Job => {
  const random = randomOf(label);
  const bookedDay = Math.min(day, 0) - 1 - Math.floor(random.unit() ** 2 * 20);
  const car = pickCar(shop, random, { day, bookedDay });
  const work = drawWork(random, shop.catalog, { skills: technician.skills, power: car.power, room });
  const minutes = Math.max(MIN_JOB_MINUTES, minutesOf(work));
  const opensAt = shop.days.at(day, 0);
  const startsAt = shop.days.at(day, start);
  const endsAt = shop.days.at(day, start + minutes);
  const bookedAt = shop.days.at(bookedDay, random.whole(60, 600));
  const notes = random.chance(0.12) ? random.pick(NOTES) : null;
  const id = idOf(label, bookedAt);
  const story = tellStory(random, { bookedAt, startsAt, endsAt, drive });
  const place = random.pick(car.owner.places);
  return { id, label, car, technician, place, work, notes, bookedAt, opensAt, startsAt, endsAt, story };
};

/** A car that the shop knew when the job was booked, that is still there, and that was not just here. */
const pickCar = (
  { cars, lastVisits }: Shop,
  random: Random,
  { day, bookedDay }: { day: number; bookedDay: number },
): Car => {
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const car = cars[Math.floor(random.unit() ** 1.25 * cars.length)];
    if (car === undefined || car.owner.joinedOn >= bookedDay || car.untilDay < day) continue;
    if ((lastVisits.get(car.row.id) ?? Number.NEGATIVE_INFINITY) > day - MIN_DAYS_BETWEEN_VISITS) continue;
    lastVisits.set(car.row.id, day);
    return car;
  }
  throw new RangeError('There are too few vehicles for that many jobs.');
};

const NOTES = [
  'Grinding noise from the front left when braking.',
  'Starts only at the second try.',
  'Warning light since Monday.',
  'Customer is at work, the key is with the neighbour.',
  'Parked on the third level, bring the low jack.',
  'Asks for a look at the tires as well.',
  'Pulls to the right on the freeway.',
  'El cliente prefiere que le llamen antes.',
];
