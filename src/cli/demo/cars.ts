import { checkDigitOf } from '../../values/vin.ts';
import { DAY_MS, type Days, iso, REACH_DAYS } from './days.ts';
import { COLORS, MODELS, type Model, type Power, VANS } from './models.ts';
import type { Person } from './people.ts';
import { idOf, type Random, randomOf } from './random.ts';

export type Car = {
  row: {
    id: string;
    customer_id: string;
    year: number;
    make: string;
    model: string;
    trim: string | null;
    color: string | null;
    vin: string | null;
    license_plate: string | null;
    mileage: number | null;
    is_primary: boolean;
    is_active: boolean;
    notes: string | null;
    created_at: string;
    updated_at: string;
  };
  owner: Person;
  power: Power;
  /** The last day on which the owner had it. */
  untilDay: number;
};

const NEWEST_LAG_MS = 30_000;

/** At least one for each customer; the first one is the primary vehicle. */
export const makeCars = (people: readonly Person[], count: number, days: Days): Car[] => {
  const random = randomOf('cars');
  const fleets = people.filter(({ isFleet }) => isFleet);
  const further = Array.from({ length: Math.max(0, count - people.length) }, () =>
    random.pick(fleets.length > 0 && random.chance(0.12) ? fleets : people),
  );
  const plates = new Set<string>();
  return [...people, ...further].map((owner, index) => {
    const isPrimary = index < people.length;
    return car(randomOf(`car ${index}`), { index, owner, isPrimary, plates }, days);
  });
};

type Place = { index: number; owner: Person; isPrimary: boolean; plates: Set<string> };

const car = (random: Random, { index, owner, isPrimary, plates }: Place, days: Days): Car => {
  const model = pickModel(random, owner.isFleet);
  const year = pickYear(random, model, days.year);
  const isSold = !isPrimary && random.chance(0.06);
  const untilDay = isSold ? -random.whole(5, REACH_DAYS - 30) : Number.POSITIVE_INFINITY;
  const createdAt = Date.parse(owner.row.created_at) + (isPrimary ? 1 : index % 30) * NEWEST_LAG_MS;
  const updatedAt = isSold ? Math.max(createdAt, days.at(untilDay, 0) + DAY_MS) : createdAt;
  const row = {
    id: idOf(`car ${index}`, createdAt),
    customer_id: owner.row.id,
    year,
    make: model.make,
    model: model.name,
    trim: random.chance(0.85) ? random.pick(model.trims) : null,
    color: random.chance(0.95) ? random.pickWeighted(COLORS) : null,
    vin: random.chance(0.9) ? vinOf(random, { model, year, serial: index }) : null,
    license_plate: random.chance(0.96) ? plateOf(random, plates) : null,
    mileage: random.chance(0.93) ? mileageOf(random, days.year - year) : null,
    is_primary: isPrimary,
    is_active: !isSold,
    notes: isSold ? 'Sold.' : random.chance(0.08) ? random.pick(NOTES) : null,
    created_at: iso(createdAt),
    updated_at: iso(updatedAt),
  };
  return { row, owner, power: model.power, untilDay };
};

/** Two draws, the better place counts: the head of the list is what most people drive. */
const pickModel = (random: Random, isFleet: boolean): Model => {
  if (isFleet && random.chance(0.85)) return random.pick(VANS);
  const place = Math.min(random.whole(0, MODELS.length - 1), random.whole(0, MODELS.length - 1));
  return MODELS[place] ?? random.pick(MODELS);
};

/** A car is about eight years old. */
const pickYear = (random: Random, { firstYear, lastYear }: Model, thisYear: number): number => {
  const age = Math.round((random.unit() + random.unit() + random.unit()) * 6 - 1);
  return Math.min(Math.max(thisYear - Math.max(age, 0), firstYear), lastYear, thisYear);
};

const mileageOf = (random: Random, age: number): number =>
  Math.round((age + random.unit()) * random.whole(7_000, 14_000)) + random.whole(40, 900);

type Identity = { model: Model; year: number; serial: number };

/** 49 CFR 565.15: maker, five characters of description, check digit, model year, plant, serial number. */
const vinOf = (random: Random, { model, year, serial }: Identity): string => {
  const letter = (): string => random.pick([...VIN_LETTERS]);
  const digit = (): string => String(random.whole(0, 9));
  // For cars the seventh character tells the thirty years apart: a letter from 2010 on.
  const description = `${letter()}${letter()}${digit()}${year >= 2010 ? letter() : digit()}${digit()}`;
  const modelYear = MODEL_YEARS.charAt((year - FIRST_MODEL_YEAR) % MODEL_YEARS.length);
  const tail = `${modelYear}${letter()}${100_000 + ((serial * 271) % 900_000)}`;
  const vin = `${model.maker}${description}0${tail}`;
  return `${vin.slice(0, 8)}${checkDigitOf(vin)}${vin.slice(9)}`;
};

const VIN_LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ';
const MODEL_YEARS = 'ABCDEFGHJKLMNPRSTVWXY123456789';
const FIRST_MODEL_YEAR = 1980;

/** California: a digit, three letters, three digits. */
const plateOf = (random: Random, taken: Set<string>): string => {
  for (;;) {
    const letters = [1, 2, 3].map(() => random.pick([...PLATE_LETTERS])).join('');
    const plate = `${random.whole(5, 9)}${letters}${String(random.whole(0, 999)).padStart(3, '0')}`;
    if (taken.has(plate)) continue;
    taken.add(plate);
    return plate;
  }
};

const PLATE_LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ';

const NOTES = [
  'Locking nut key in the glove box.',
  'Aftermarket wheels, torque 80 lb ft.',
  'Slow oil leak at the valve cover, watch it.',
  'Wants the old parts back.',
  'Second key sticks in the ignition.',
];
