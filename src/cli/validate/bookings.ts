import * as v from 'valibot';
import type { Session } from './session.ts';

/** As many as a shop has: on one alone, bookings would wait for each other and not for the server. */
const TECHNICIANS = 8;
const NAME = 'Load validation';
const SLOT_MINUTES = 30;
const SLOTS_A_YEAR = (365 * 24 * 60) / SLOT_MINUTES;
const FIRST_START = '2100-01-01T00:00:00Z';
/** Runs begin at a slot of their own within so many years, so that what one left is not in another's way. */
const YEARS = 60;
const AT_ONCE = 16;
const PAGE = 100;
const ROUNDS = 4;
const PAUSE_MS = 2_000;

const Id = v.object({ id: v.string() });
const Named = v.object({ id: v.string(), name: v.string(), is_active: v.boolean() });
const Job = v.object({ id: v.string(), notes: v.nullable(v.string()) });
const pageOf = <Schema extends v.GenericSchema>(item: Schema) =>
  v.object({ items: v.array(item), next_cursor: v.nullable(v.string()) });

export interface Bookings {
  customerId: string;
  /** The body of the next booking: a slot that no other has. */
  next(): Record<string, unknown>;
  /** Deletes what this run booked; gives one sentence for each thing that is left behind. */
  remove(progress: (text: string) => void): Promise<string[]>;
}

/** Technicians can only be made by an owner; an advisor's bookings go to those that the shop has. */
export const prepareBookings = async (session: Session, run: string): Promise<Bookings> => {
  const isOwner = session.role === 'owner';
  const own = isOwner ? await ownTechnicians(session) : [];
  const technicians = isOwner ? own : await shopTechnicians(session);
  const email = `${run}@validate.invalid`;
  const customer = await session.demand(['POST', '/v1/customers', { name: NAME, email }], Id);
  const marker = `${NAME} ${run}`;
  const firstSlot = Math.floor(Math.random() * YEARS * SLOTS_A_YEAR);
  let count = 0;
  const next = () => {
    const technician = technicians[count % technicians.length];
    const slot = firstSlot + Math.floor(count++ / technicians.length);
    const starts_at = Temporal.Instant.from(FIRST_START)
      .add({ minutes: slot * SLOT_MINUTES })
      .toString();
    const ends_at = Temporal.Instant.from(starts_at).add({ minutes: SLOT_MINUTES }).toString();
    // The shop's hours and jobs a day are not what is measured, nor are they kept by slots around the clock.
    const force = { reason: marker };
    return { customer_id: customer.id, technician_id: technician, starts_at, ends_at, notes: marker, force };
  };
  const remove: Bookings['remove'] = async (progress) => {
    const { deleted, left } = await deleteAll(session, { customerId: customer.id, marker }, progress);
    if (left !== 0) {
      const many = left === undefined ? 'an unknown number of bookings' : `${left} bookings`;
      return [
        `${many} from 2100 on, with the note "${marker}": the server did not delete them`,
        `their customer "${NAME}" (${email}) and technicians`,
      ];
    }
    const isGone = await succeeds(session, 'DELETE', `/v1/customers/${customer.id}`);
    const stillActive: string[] = [];
    for (const id of own) {
      if (!(await succeeds(session, 'PATCH', `/v1/technicians/${id}`, { is_active: false })))
        stillActive.push(id);
    }
    return [
      `${deleted} deleted bookings and ${isGone ? 'a deleted' : 'an undeleted'} customer "${NAME}", with their rows in the audit`,
      ...(isOwner ? [`${own.length} technicians "${NAME} …", for the next run to find`] : []),
      ...(stillActive.length > 0 ? [`of them ${stillActive.length} still active`] : []),
    ];
  };
  return { customerId: customer.id, next, remove };
};

const ownTechnicians = async (session: Session): Promise<string[]> => {
  const known = await listAll(session, '/v1/technicians?sort=name', Named);
  const ids: string[] = [];
  for (let number = 1; number <= TECHNICIANS; number++) {
    const name = `${NAME} ${number}`;
    const found = known.find((one) => one.name === name);
    const asked =
      found === undefined
        ? (['POST', '/v1/technicians', { name }] as const)
        : (['PATCH', `/v1/technicians/${found.id}`, { is_active: true }] as const);
    ids.push((await session.demand(asked, Id)).id);
  }
  return ids;
};

const shopTechnicians = async (session: Session): Promise<(string | null)[]> => {
  const path = `/v1/technicians?is_active=true&limit=${TECHNICIANS}`;
  const { items } = await session.demand(['GET', path], pageOf(Named));
  return items.length === 0 ? [null] : items.map(({ id }) => id);
};

const listAll = async <Schema extends v.GenericSchema>(
  session: Session,
  path: string,
  item: Schema,
): Promise<v.InferOutput<Schema>[]> => {
  const found: v.InferOutput<Schema>[] = [];
  let cursor: string | null = null;
  do {
    const at: string = cursor === null ? '' : `&cursor=${cursor}`;
    const asked = ['GET', `${path}&limit=${PAGE}${at}`] as const;
    const page: { items: v.InferOutput<Schema>[]; next_cursor: string | null } = await session.demand(
      asked,
      pageOf(item),
    );
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
};

type Own = { customerId: string; marker: string };

/** Looks for what there is instead of remembering: a booking whose answer was lost is deleted too. */
const deleteAll = async (session: Session, { customerId, marker }: Own, progress: (text: string) => void) => {
  let deleted = 0;
  for (let round = 1; ; round++) {
    progress('looking for the bookings of this run');
    const jobs = await listAll(session, `/v1/appointments?customer_id=${customerId}`, Job).catch(
      () => undefined,
    );
    const ids = jobs?.filter(({ notes }) => notes === marker).map(({ id }) => id);
    const left = ids?.length;
    if (left === 0 || round === ROUNDS) return { deleted, left };
    const gone = await deleteEach(session, ids ?? [], (count) =>
      progress(`deleted ${deleted + count} of ${deleted + (left ?? 0)} bookings`),
    );
    deleted += gone;
    if (gone !== left) await Bun.sleep(PAUSE_MS);
  }
};

const deleteEach = async (
  session: Session,
  ids: readonly string[],
  progress: (count: number) => void,
): Promise<number> => {
  const waiting = [...ids];
  let count = 0;
  const worker = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (await succeeds(session, 'DELETE', `/v1/appointments/${id}`)) progress(++count);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return count;
};

const succeeds = async (session: Session, method: string, path: string, body?: unknown): Promise<boolean> => {
  const reply = await session.send(method, path, { body }).catch(() => undefined);
  return reply !== undefined && reply.status < 300;
};
