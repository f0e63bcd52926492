import type { Sql } from '../../database/sql.ts';
import { fail } from '../../errors.ts';
import type { Actor } from '../../http/context.ts';
import { type EventStream, openEventStream } from '../../http/event-stream.ts';
import {
  type BoardEvent,
  chunkOf,
  firstWord,
  listBoardEvents,
  retryAfter,
  signOfLife,
} from './board-events.ts';
import { placeSome } from './places.ts';
import { listLivingSessions } from './queries.ts';

export type Pace = {
  /** How often a worker looks for what is new, while anybody listens to it. */
  tickMs: number;
  /** A sign of life, so that nothing on the way takes the connection for a dead one. */
  heartbeatMs: number;
  /** How often the sessions of all who listen are looked at. */
  checkMs: number;
  maxStreams: number;
  /** What a client may leave untaken, beyond its socket. */
  roomBytes: number;
  /** Who has no room left for so long is cut off. */
  patienceMs: number;
};

export const PACE: Pace = {
  ...{ tickMs: 250, heartbeatMs: 15_000, checkMs: 30_000 },
  ...{ maxStreams: 1_000, roomBytes: 256 * 1024, patienceMs: 10_000 },
};

export type StreamEnd = { correlationId: string; actor: string; events: number; ms: number; why: string };
export type StreamDeps = {
  sql: Sql;
  pace: Pace;
  isDraining(): boolean;
  /** How many streams are open, and how many events have gone out, and a stream that was cut for want of room. */
  counted: { open(streams: number): void; sent(events: number): void; dropped(): void };
  ended(stream: StreamEnd): void;
  failed(error: unknown): void;
};

export type Streams = {
  /** `after`: the last place that the client knows; undefined when it begins, NaN when it names none of ours. */
  open(client: { actor: Actor; correlationId: string; after: number | undefined }): EventStream['readable'];
};

/** Some 130 KB of events. */
const BATCH = 500;
/** Who is further behind reads the board again: that is cheaper for both. */
const MAX_BEHIND = 10_000;
const RETRY_MS = 1_000;

type Client = {
  actor: Actor;
  pipe: EventStream;
  /** Where it wants to go on. */
  after: number | undefined;
  /** The last place that it was told of; undefined while it waits for the first word. */
  at: number | undefined;
  /** Since when there is no room for what it should be told. */
  fullSince: number | undefined;
  events: number;
};

/**
 * One look at the journal for all streams of this process, and one write per stream and batch. With LISTEN a
 * connection more would be needed, and none of it gets through a PgBouncer; without streams nothing is asked.
 */
export const createStreams = ({ sql, pace, isDraining, counted, ended, failed }: StreamDeps): Streams => {
  const clients = new Set<Client>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let isTicking = false;
  let isFailing = false;
  /** The place up to which everybody who is not behind was told; undefined while nobody listens. */
  let told: number | undefined;
  /** The last place that was seen. */
  let head = 0;
  let [beatAt, checkAt] = [0, 0];

  const start = (): void => {
    [beatAt, checkAt] = [performance.now() + pace.heartbeatMs, performance.now() + pace.checkMs];
    told = undefined;
    timer = setInterval(turn, pace.tickMs);
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  const turn = (): void => {
    if (isDraining()) {
      // Who has not taken everything would hold up the end: it comes back, and is told the rest elsewhere.
      for (const { pipe } of clients) pipe.waiting() > 0 ? pipe.cut('the process ends') : pipe.end();
      return;
    }
    if (performance.now() >= beatAt) {
      beatAt = performance.now() + pace.heartbeatMs;
      for (const { pipe, at } of clients) pipe.send(signOfLife(at));
    }
    const longAgo = performance.now() - pace.patienceMs;
    for (const { pipe, fullSince = Number.POSITIVE_INFINITY } of clients) {
      if (fullSince >= longAgo) continue;
      counted.dropped();
      pipe.cut('the client takes the events too slowly');
    }
    void tick();
  };

  const tick = async (): Promise<void> => {
    if (isTicking) return;
    isTicking = true;
    try {
      if (performance.now() >= checkAt) {
        await endStrangers();
        checkAt = performance.now() + pace.checkMs;
      }
      while (clients.size > 0 && (await advance()));
      isFailing = false;
    } catch (error) {
      if (!isFailing) failed(error);
      isFailing = true;
    } finally {
      isTicking = false;
    }
  };

  /** One batch for everybody; whether there is more to be told at once. */
  const advance = async (): Promise<boolean> => {
    const { last, isDone } = await placeSome(sql, { isPatient: false });
    const from = told ?? last;
    const live = [...clients].filter(({ at }) => at === from);
    const events = last > from ? await listBoardEvents(sql, { after: from, until: last, limit: BATCH }) : [];
    told = placeAfter(events, last);
    const chunk = chunkOf(events);
    for (const client of live) tell(client, told, chunk, events.length);
    const isCurrent = isDone && told === last;
    for (const client of clients) if (client.at === undefined) greet(client, last, isCurrent);
    // Where another process is giving places just now, the next turn is soon enough.
    const isMoving = last > head;
    head = last;
    return (await catchUp(told)) || (!isCurrent && isMoving);
  };

  const greet = (client: Client, last: number, isCurrent: boolean): void => {
    const { after } = client;
    const isKnown = after !== undefined && after <= last && last - after <= MAX_BEHIND;
    // What an import left without places is old, and is not told to who begins.
    if (!isKnown && !isCurrent) return;
    const word = isKnown || after === undefined ? 'hello' : 'reset';
    client.at = isKnown ? after : last;
    client.pipe.send(firstWord(word, client.at));
  };

  /** For those who came back, or had no room: one reading from the place of whoever is furthest behind. */
  const catchUp = async (until: number): Promise<boolean> => {
    const behind = [...clients].filter(
      ({ at, pipe }) => at !== undefined && at < until && pipe.waiting() === 0,
    );
    const after = Math.min(...behind.map(({ at = until }) => at));
    if (behind.length === 0) return false;
    const events = await listBoardEvents(sql, { after, until, limit: BATCH });
    const upTo = placeAfter(events, until);
    for (const client of behind) {
      const { at = upTo } = client;
      const missed = events.filter(({ position }) => position > at);
      if (at < upTo) tell(client, upTo, chunkOf(missed), missed.length);
    }
    return upTo < until;
  };

  const tell = (client: Client, place: number, chunk: Uint8Array | undefined, events: number): void => {
    if (chunk !== undefined && !client.pipe.send(chunk)) {
      client.fullSince ??= performance.now();
      return;
    }
    [client.at, client.fullSince] = [place, undefined];
    client.events += events;
    if (events > 0) counted.sent(events);
  };

  const endStrangers = async (): Promise<void> => {
    const ids = [...new Set([...clients].map(({ actor }) => actor.sessionId))];
    const living = new Map((await listLivingSessions(sql, ids)).map(({ id, role }) => [id, role]));
    for (const { actor, pipe } of clients) if (living.get(actor.sessionId) !== actor.role) pipe.end();
  };

  return {
    open: ({ actor, correlationId, after }) => {
      if (isDraining()) {
        throw fail('server.draining', 'This process is about to end. Connect again.', { retryAfterS: 1 });
      }
      if (clients.size >= pace.maxStreams) {
        const message = 'There are as many streams as this server keeps open. Try again later.';
        throw fail('board.too_many_streams', message, { retryAfterS: 10 });
      }
      const began = performance.now();
      const pipe = openEventStream(pace.roomBytes, (why) => {
        clients.delete(client);
        counted.open(clients.size);
        const ms = Math.round(performance.now() - began);
        ended({ correlationId, actor: actor.id, events: client.events, ms, why });
        if (clients.size === 0) stop();
      });
      const client: Client = { actor, pipe, after, at: undefined, fullSince: undefined, events: 0 };
      pipe.send(retryAfter(RETRY_MS));
      clients.add(client);
      counted.open(clients.size);
      if (timer === undefined) start();
      void tick();
      return pipe.readable;
    },
  };
};

/** Behind these events; up to `last` when they are all there are. */
const placeAfter = (events: readonly BoardEvent[], last: number): number =>
  events.length < BATCH ? last : (events.at(-1)?.position ?? last);
