import { type Days, iso, REACH_DAYS } from './days.ts';
import { aName, FLEETS } from './names.ts';
import { type Address, anAddress } from './places.ts';
import { idOf, type Random, randomOf } from './random.ts';

export type Person = {
  row: {
    id: string;
    name: string;
    email: string | null;
    phone: string | null;
    address: string | null;
    notes: string | null;
    tags: string[];
    is_vip: boolean;
    sms_consent: boolean;
    created_at: string;
    updated_at: string;
  };
  /** How a message addresses them. */
  given: string;
  isFleet: boolean;
  /** The day on which the shop first heard of them. */
  joinedOn: number;
  /** Where their jobs are done. */
  places: Address[];
};

const OLDEST_DAYS = 900;
const FLEET_SHARE = 0.008;

export const makePeople = (count: number, days: Days): Person[] => {
  const random = randomOf('people');
  const mailboxes = new Map<string, number>();
  const phones = allPhones(random);
  const fleets = Math.min(FLEETS.length, Math.ceil(count * FLEET_SHARE));
  return Array.from({ length: count }, (_, index) => {
    const own = randomOf(`person ${index}`);
    const isFleet = index < fleets;
    const name = isFleet ? companyName(FLEETS[index] ?? '') : aName(own);
    const phone = own.chance(0.93) ? phones[index] : undefined;
    const email = phone === undefined || own.chance(0.88) ? mailbox(own, name.latin, mailboxes) : null;
    return person(own, { index, name, isFleet, email, phone: phone ?? null }, days);
  });
};

type Known = {
  index: number;
  name: { shown: string; given: string };
  isFleet: boolean;
  email: string | null;
  phone: string | null;
};

const person = (random: Random, { index, name, isFleet, email, phone }: Known, days: Days): Person => {
  // Most were customers before the first job that is shown here, the others came since.
  const isOld = isFleet || random.chance(0.8);
  const joinedOn = isOld ? -random.whole(REACH_DAYS + 25, OLDEST_DAYS) : -random.whole(1, REACH_DAYS + 24);
  const createdAt = days.at(joinedOn, random.whole(30, 600));
  const home = anAddress(random);
  const work = random.chance(0.3) ? [anAddress(random)] : [];
  const row = {
    id: idOf(`person ${index}`, createdAt),
    name: name.shown,
    email,
    phone,
    address: random.chance(0.95) ? home.text : null,
    notes: random.chance(0.18) ? random.pick(NOTES) : null,
    tags: tagsOf(random, isFleet),
    is_vip: random.chance(isFleet ? 0.5 : 0.03),
    sms_consent: phone !== null && random.chance(0.7),
    created_at: iso(createdAt),
    updated_at: iso(createdAt),
  };
  return { row, given: name.given, isFleet, joinedOn, places: [home, ...work] };
};

const companyName = (shown: string) => ({
  shown,
  given: shown,
  latin: `office.${shown.toLowerCase().replace(/[^a-z]/g, '')}`,
});

const tagsOf = (random: Random, isFleet: boolean): string[] => {
  const others = TAGS.filter(() => random.chance(0.06));
  return isFleet ? ['fleet', ...others] : others;
};

/** Domains that nobody can own (RFC 2606): whatever is sent there, no stranger reads it. */
const mailbox = (random: Random, name: string, taken: Map<string, number>): string => {
  const number = (taken.get(name) ?? 0) + 1;
  taken.set(name, number);
  const domain = random.pick(['example.com', 'example.net', 'example.org']);
  return `${name}${number === 1 ? '' : number}@${domain}`;
};

/** 555-0100 to 555-0199 are kept for fiction in each area code: nobody's phone rings. The area's own come first. */
const allPhones = (random: Random): string[] => {
  const numbers = (codes: readonly number[]): string[] =>
    codes.flatMap((code) => Array.from({ length: 100 }, (_, line) => `+1${code}5550${100 + line}`));
  const near = numbers(AREA_CODES.near);
  const far = random.shuffle(numbers(AREA_CODES.far));
  return random.shuffle([...near, ...far.slice(0, near.length)]).concat(far.slice(near.length));
};

const AREA_CODES = {
  near: [213, 310, 323, 424, 562, 657, 661, 714, 747, 818, 949],
  far: [909, 951, 805, 760, 858, 619, 510, 650, 415, 408, 916, 702, 206, 503, 212, 512, 917, 312, 404, 720],
};

const TAGS = [
  'cash',
  'gate code',
  'mornings only',
  'referral',
  'rideshare',
  'senior',
  'student',
  'español',
  '한국어',
];

const NOTES = [
  'Call from the street, the bell does not work.',
  'Gate code 4471, park behind the blue truck.',
  'Prefers texts to calls.',
  'The dog is friendly.',
  'Underground parking, clearance 6 ft 8 in.',
  'Habla español; la hija traduce si hace falta.',
  'Pays by check, needs the invoice by e-mail.',
  'Street cleaning on Tuesdays, 8 to 10.',
  'Came through the neighbour at 1420.',
];
