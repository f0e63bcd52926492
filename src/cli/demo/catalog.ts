import type { Sql } from '../../database/sql.ts';
import type { LineKind } from '../../features/invoices/schema.ts';
import type { Power } from './models.ts';
import type { Random } from './random.ts';

export type Service = {
  id: string;
  name: string;
  kind: LineKind;
  duration_minutes: number;
  price_cents: number;
  skills: string[];
  items: { name: string; kind: LineKind; price_cents: number; quantity: number }[];
};

export type Sold = { service: Service; quantity: number };

/** What the shop sells now, in an order that does not depend on when a row was written. */
export const readCatalog = (sql: Sql): Promise<Service[]> => sql<Service>`
  select s.id, s.name, s.kind, s.duration_minutes, s.price_cents, to_jsonb(s.skills) as skills,
    coalesce((
      select jsonb_agg(jsonb_build_object('name', p.name, 'kind', p.kind, 'price_cents', p.price_cents,
        'quantity', i.quantity) order by i.position)
      from service_items i join services p on p.id = i.service_id where i.package_id = s.id
    ), '[]'::jsonb) as items
  from services s where s.is_active and s.deleted_at is null
  order by s.code, s.id`;

type Wanted = { skills: readonly string[]; power: Power; room: number };

/** One to four services that this technician can do on this car in that many minutes; none when nothing fits. */
export const drawWork = (random: Random, catalog: readonly Service[], wanted: Wanted): Sold[] => {
  const possible = catalog.filter((service) => fits(service, wanted));
  let room = Math.min(wanted.room, random.pickWeighted(BUDGETS_MINUTES));
  const main = within(possible, room).filter(({ kind }) => kind !== 'part');
  const first = main.length > 0 ? main : within(possible, wanted.room);
  if (first.length === 0) return [];
  const work: Sold[] = [];
  const count = random.pickWeighted(COUNTS);
  let candidates = first;
  while (work.length < count && candidates.length > 0) {
    const service = random.pickWeighted(candidates.map((one) => [one, demandFor(one)] as const));
    const isPair = service.kind === 'part' && service.duration_minutes * 2 <= room && random.chance(0.2);
    work.push({ service, quantity: isPair ? 2 : 1 });
    room -= service.duration_minutes * (isPair ? 2 : 1);
    // A package holds what goes with it already.
    if (service.kind === 'package') break;
    candidates = within(possible, room).filter((other) => other.kind !== 'package' && isOther(other, work));
  }
  return work;
};

export const minutesOf = (work: readonly Sold[]): number =>
  work.reduce((sum, { service, quantity }) => sum + service.duration_minutes * quantity, 0);

const BUDGETS_MINUTES = [
  [45, 22],
  [60, 26],
  [75, 20],
  [90, 18],
  [120, 10],
  [150, 4],
] as const;
const COUNTS = [
  [1, 34],
  [2, 36],
  [3, 20],
  [4, 10],
] as const;

const OFTEN = /oil|tire|brake|filter|wiper/i;
const SELDOM = /jump|bulb|battery/i;

/** How often it is asked for, against the others. */
const demandFor = ({ name }: Service): number => (SELDOM.test(name) ? 0.5 : OFTEN.test(name) ? 2 : 1);

const within = (services: readonly Service[], minutes: number): Service[] =>
  services.filter((service) => service.duration_minutes <= minutes);

const fits = (service: Service, { skills, power }: Wanted): boolean =>
  service.skills.every((skill) => skills.includes(skill)) &&
  !(power === 'electric' && [service, ...service.items].some(({ name }) => ENGINE_WORDS.test(name))) &&
  !(power !== 'hybrid' && HYBRID_WORDS.test(service.name));

const ENGINE_WORDS =
  /oil|spark|fuel|alternator|starter|transmission|belt|radiator|thermostat|water pump|engine/i;
const HYBRID_WORDS = /hybrid/i;

/** Nobody buys two kinds of "Oil and filter change, …" at once. */
const isOther = (service: Service, work: readonly Sold[]): boolean =>
  !work.some((sold) => stem(sold.service.name) === stem(service.name));

const stem = (name: string): string => name.split(',')[0] ?? name;
