import { addTo, type Figures, figures, newTally, record, rounded, type Tally } from './tally.ts';

/** So that a server that is away is asked again and again, but not as fast as a machine can. */
const NO_ANSWER_PAUSE_MS = 100;
const SLEEP_AT_MOST_MS = 100;

/** One kind of request: each user takes them in turn. */
export type Kind = {
  name: string;
  request(): { path: string; method?: string; headers?: Record<string, string>; body?: string };
};

export type Step = { users: number; seconds: number; routes: Figures[]; all: Figures };

type Orders = {
  address: string;
  users: number;
  seconds: number;
  thinkMs: number;
  timeoutMs: number;
  kinds: readonly Kind[];
  isStopped: () => boolean;
};

/** A step under way: `result` comes once the last request has been answered or has timed out. */
export const beginStep = (orders: Orders) => {
  const { users, seconds, thinkMs, kinds, isStopped } = orders;
  const began = performance.now();
  const end = began + seconds * 1000;
  const isOver = (): boolean => isStopped() || performance.now() >= end;
  const tallies = new Map(kinds.map((kind) => [kind, newTally()] as const));
  const sleep = async (ms: number): Promise<void> => {
    const until = performance.now() + ms;
    while (!isOver() && performance.now() < until)
      await Bun.sleep(Math.min(SLEEP_AT_MOST_MS, until - performance.now()));
  };
  const user = async (number: number): Promise<void> => {
    // Users who think do not all think at the same time.
    await sleep(Math.random() * thinkMs);
    for (let turn = number; !isOver(); turn++) {
      const kind = kinds[turn % kinds.length];
      const tally = kind && tallies.get(kind);
      if (kind === undefined || tally === undefined) return;
      const failure = await measure(orders, kind, tally);
      if (failure === 'no answer') await sleep(NO_ANSWER_PAUSE_MS);
      if (thinkMs > 0) await sleep(thinkMs);
    }
  };
  const snapshot = (): Step => {
    const elapsed = (performance.now() - began) / 1000;
    const sum = newTally();
    for (const tally of tallies.values()) addTo(sum, tally);
    return {
      users,
      seconds: rounded(elapsed, 2),
      routes: [...tallies].map(([{ name }, tally]) => figures(name, tally, elapsed)),
      all: figures('all', sum, elapsed),
    };
  };
  const result = Promise.all(Array.from({ length: users }, (_, number) => user(number))).then(snapshot);
  return { result, snapshot };
};

const measure = async (
  { address, timeoutMs }: Orders,
  kind: Kind,
  tally: Tally,
): Promise<string | undefined> => {
  const { path, ...request } = kind.request();
  const sent = performance.now();
  const signal = AbortSignal.timeout(timeoutMs);
  const failure = await fetch(`${address}${path}`, { ...request, redirect: 'manual', signal })
    .then(async (response) => {
      // An answer counts when all of it has arrived.
      await response.arrayBuffer();
      return response.ok ? undefined : String(response.status);
    })
    .catch(() => (signal.aborted ? 'timeout' : 'no answer'));
  record(tally, (performance.now() - sent) * 1000, failure);
  return failure;
};
