import { expect } from 'bun:test';
import type { Ledger } from './ledger.ts';
import { boxOf, type DrillShop } from './shop.ts';

export type Load = {
  /** What the readers have seen so far. */
  reads: readonly Read[];
  /** Ends the clients and gives what the readers saw. */
  stop(): Promise<Read[]>;
};
export type Read = { at: number; tookMs: number; status: number | undefined; retryAfter: string | null };

/** `writers` write through the ledger, `readers` read a list; half of each on connections of their own each time. */
export const startLoad = (
  shop: DrillShop,
  ledger: Ledger,
  { writers, readers }: { writers: number; readers: number },
): Load => {
  const reads: Read[] = [];
  let isOver = false;
  const write = async (at: number): Promise<void> => {
    while (!isOver) {
      const { outcome } = await ledger.write(at % 3 === 0 ? 'booking' : 'customer', at % 5 !== 0);
      // Who is refused or cut off waits as Retry-After asks, only shorter.
      if (outcome === 'unknown') await Bun.sleep(50);
    }
  };
  const read = async (at: number): Promise<void> => {
    while (!isOver) {
      const began = performance.now();
      const response = await fetch(`${boxOf(shop, at)}/v1/technicians?limit=5`, {
        keepalive: at % 5 !== 0,
        headers: { authorization: `Bearer ${shop.token}` },
        signal: AbortSignal.timeout(30_000),
      }).catch(() => undefined);
      await response?.arrayBuffer().catch(() => undefined);
      const now = performance.now();
      reads.push({
        ...{ at: now, tookMs: now - began, status: response?.status },
        retryAfter: response?.headers.get('retry-after') ?? null,
      });
      if (response?.status !== 200) await Bun.sleep(20);
    }
  };
  const clients = [
    ...Array.from({ length: writers }, (_, at) => write(at)),
    ...Array.from({ length: readers }, (_, at) => read(at)),
  ];
  return {
    reads,
    stop: async () => {
      isOver = true;
      await Promise.all(clients);
      return reads;
    },
  };
};

/** How long after `at` the first request is answered again; the server is asked every 20 ms on a new connection. */
export const servedAgainMs = async (address: string, at: number): Promise<number> => {
  for (;;) {
    const response = await fetch(`${address}/health`, {
      ...{ keepalive: false, signal: AbortSignal.timeout(1_000) },
    }).catch(() => undefined);
    if (response?.ok === true) return performance.now() - at;
    await Bun.sleep(20);
  }
};

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};

export const timesOf = (requests: readonly { tookMs: number }[]): number[] =>
  requests.map(({ tookMs }) => tookMs);

/** Who was refused was told so, with a time to come again. */
export const assertHonest = (reads: readonly Read[]): void => {
  const refused = reads.filter(({ status }) => status !== 200);
  expect([...new Set(refused.map(({ status }) => status))]).toEqual(refused.length === 0 ? [] : [503]);
  expect(refused.filter(({ retryAfter }) => retryAfter === null)).toEqual([]);
};
