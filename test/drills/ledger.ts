import { expect } from 'bun:test';
import { MOVES, type Status } from '../../src/features/appointments/rules.ts';
import type { Data } from '../helpers/app.ts';
import { STALE_TEXTS } from '../helpers/texts.ts';
import { boxOf, type DrillShop, rowsOf } from './shop.ts';

type Kind = 'customer' | 'booking';
type Outcome = 'ok' | 'fail' | 'unknown';

/** One write: noted before it is sent, and what came of it after. */
export type Entry = {
  kind: Kind;
  key: string;
  body: Record<string, unknown>;
  sentAt: number;
  tookMs: number;
  outcome: Outcome;
  status: number | undefined;
  reason: string | undefined;
  id: string | undefined;
};

type Answered = Pick<Entry, 'tookMs' | 'status' | 'reason' | 'id' | 'outcome'>;

const RETRY_EVERY_MS = 100;
const RETRY_WITHIN_MS = 30_000;
const RETRIED_AT_ONCE = 16;
const DAY_MS = 86_400_000;

export const openLedger = (shop: DrillShop) => {
  const entries: Entry[] = [];
  let made = 0;
  let sent = 0;

  const bodyOf = (kind: Kind): Record<string, unknown> => {
    made += 1;
    if (kind === 'customer')
      return { name: `Drill ${made}`, email: `drill-${process.pid}-${made}@example.com` };
    // Few enough slots that bookings meet each other.
    const slot = Math.floor(Math.random() * 400);
    return {
      customer_id: shop.customerId,
      technician_id: shop.technicianIds[made % shop.technicianIds.length],
      starts_at: new Date(Date.UTC(2090, 0, 1) + slot * DAY_MS).toISOString(),
      notes: `drill ${process.pid} ${made}`,
    };
  };

  const send = async ({ kind, key, body }: Entry, keepalive: boolean): Promise<Answered> => {
    const began = performance.now();
    sent += 1;
    const response = await fetch(
      `${boxOf(shop, sent)}/v1/${kind === 'customer' ? 'customers' : 'appointments'}`,
      {
        method: 'POST',
        keepalive,
        headers: {
          authorization: `Bearer ${shop.token}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(RETRY_WITHIN_MS),
      },
    ).catch(() => undefined);
    const answer: Data = await response?.json().catch(() => undefined);
    const status = answer === undefined ? undefined : response?.status;
    const reason: string | undefined = answer?.error?.reason;
    return {
      ...{ tookMs: performance.now() - began, status, reason, id: answer?.data?.id },
      outcome: outcomeOf(status, reason),
    };
  };

  const write = async (kind: Kind, keepalive: boolean): Promise<Entry> => {
    const entry: Entry = {
      ...{ kind, key: crypto.randomUUID(), body: bodyOf(kind), sentAt: performance.now(), tookMs: 0 },
      ...{ outcome: 'unknown', status: undefined, reason: undefined, id: undefined },
    };
    entries.push(entry);
    return Object.assign(entry, await send(entry, keepalive));
  };

  /** The same request with the same key, until it is known what became of each. */
  const settle = async (): Promise<number> => {
    const open = entries.filter(({ outcome }) => outcome === 'unknown');
    const left = open.values();
    const retry = async (): Promise<void> => {
      for (const entry of left) {
        const deadline = performance.now() + RETRY_WITHIN_MS;
        while (entry.outcome === 'unknown' && performance.now() < deadline) {
          const { outcome, id } = await send(entry, true);
          // How long it took and what was said at first stays as it was.
          Object.assign(entry, { outcome, id });
          if (entry.outcome === 'unknown') await Bun.sleep(RETRY_EVERY_MS);
        }
      }
    };
    // A long outage leaves thousands: a few at once, so that it takes seconds.
    await Promise.all(Array.from({ length: RETRIED_AT_ONCE }, retry));
    return open.length;
  };

  return { entries, write, settle };
};

const outcomeOf = (status: number | undefined, reason: string | undefined): Outcome => {
  if (status === undefined || status >= 500 || reason === 'idempotency.in_progress') return 'unknown';
  return status < 300 ? 'ok' : 'fail';
};

export type Ledger = ReturnType<typeof openLedger>;

/** What must hold of the database after every drill, whatever was done to the server (L1–L3, I1, I3, I6–I9). */
export const assertLedger = async ({ entries }: Ledger, shop: DrillShop): Promise<void> => {
  const read = (text: string) => rowsOf(shop.databaseUrl, text);
  expect(entries.filter(({ outcome }) => outcome === 'unknown')).toEqual([]);
  const customers = await read(`select id, email from customers where email like 'drill-%'`);
  const bookings = await read(`select id, notes from appointments where notes like 'drill %'`);
  const idsByMark = Map.groupBy([...customers, ...bookings], ({ email, notes }) => email ?? notes);
  const markOf = ({ body }: Entry): string => String(body.email ?? body.notes);
  // L1 every ok exists exactly once, L3 no fail left a row.
  const wrong = entries.filter((entry) => {
    const rows = idsByMark.get(markOf(entry)) ?? [];
    return entry.outcome === 'ok' ? rows.length !== 1 || rows[0].id !== entry.id : rows.length !== 0;
  });
  expect(wrong).toEqual([]);
  // L2 nothing is there that was never sent.
  const sent = new Set(entries.map(markOf));
  expect([...idsByMark.keys()].filter((mark) => !sent.has(mark))).toEqual([]);
  // I1 no overlap of active jobs, of a technician (a permitted one has another lane) or of a vehicle.
  expect(
    await read(`
      with active as (
        select id, technician_id, vehicle_id, lane, tstzrange(starts_at, ends_at) as span from appointments
        where status in ('scheduled', 'en_route', 'in_progress', 'ready') and deleted_at is null)
      select a.id, b.id as other from active a join active b on a.id < b.id and a.span && b.span
        and ((a.technician_id = b.technician_id and a.lane = b.lane) or a.vehicle_id = b.vehicle_id)`),
  ).toEqual([]);
  // I3 every row has its one journal row, I6 every kept key its one thing.
  expect(
    await read(`
      select x.id from (select id from customers union all select id from appointments) x
      where (select count(*) from journal j where j.entity_id = x.id and j.action = 'created') <> 1`),
  ).toEqual([]);
  // I7 the status of each job has only ever gone the ways of the table, from where it was.
  const moves: { entity_id: string; from: Status | null; to: Status; was: Status | null }[] = await read(`
    select entity_id, changes -> 'status' ->> 'from' as "from", changes -> 'status' ->> 'to' as "to",
      lag(changes -> 'status' ->> 'to') over (partition by entity_id order by seq) as was
    from journal where entity = 'appointment' and changes ? 'status'`);
  expect(
    moves.filter(({ from, to, was }) =>
      from === null ? to !== 'scheduled' || was !== null : from !== was || !MOVES[from].includes(to),
    ),
  ).toEqual([]);
  // I8 every change of a row has raised its version: a change of several of its parts did so once.
  expect(
    await read(`
      select x.id, x.version from (
        select id, version from customers union all select id, version from vehicles
        union all select id, version from technicians union all select id, version from appointments) x
      where x.version < (select count(distinct (j.at, j.correlation_id)) from journal j where j.entity_id = x.id)`),
  ).toEqual([]);
  // I9 every job is told as it is.
  expect(await read(STALE_TEXTS)).toEqual([]);
  const kept = new Set(
    (await read(`select body::jsonb -> 'data' ->> 'id' as id from idempotency_keys`)).map(({ id }) => id),
  );
  expect(entries.filter(({ outcome, id = '' }) => outcome === 'ok' && !kept.has(id))).toEqual([]);
};
