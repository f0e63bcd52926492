import { failureOf } from '../../database/failures.ts';
import type { Sql, Transaction } from '../../database/sql.ts';
import { FetchFirst } from '../../http/write.ts';
import type { Point } from '../../values/place.ts';
import { readTravelTimes, storeTravelTimes } from './queries.ts';
import type { Measured, ShopRules, Travel, Way } from './types.ts';
import { keyOf } from './ways.ts';

/** Most ways that one request asks for. */
const MOST_WAYS = 60;
/** Every round knows more drives, and so may come by others; after so many the estimate counts for the rest. */
const MOST_ROUNDS = 12;
const PER_DEGREE = 10_000;

type Known = { shop: ShopRules; travel: Travel | undefined };
type Reckon<Result> = (shop: ShopRules) => Result;

/**
 * What `reckon` finds with the drives that a routing service has measured: those that it comes by are read, or asked
 * for and kept, and it reckons again. Not inside a transaction. For drives that nobody knows the estimate counts.
 */
export const reckoned = async <Result>(
  sql: Sql,
  { shop, travel }: Known,
  reckon: Reckon<Result>,
): Promise<Result> => {
  if (travel === undefined) return reckon(shop);
  let [leftWays, leftMs] = [MOST_WAYS, travel.timeoutMs];
  return inRounds(shop, reckon, async (ways) => {
    const kept = await readTravelTimes(sql, ways);
    const missing = without(ways, kept, travel).slice(0, leftWays);
    if (missing.length === 0 || leftMs < 1 || travel.isPaused()) return kept;
    const begun = performance.now();
    const fresh = await travel.ask(missing, leftMs);
    await storeTravelTimes(sql, fresh).catch(unlessNothingCanBeWritten);
    leftMs -= Math.ceil(performance.now() - begun);
    leftWays -= missing.length;
    return [...kept, ...fresh];
  });
};

/**
 * The same inside a transaction, with what is kept alone. With `mustAsk` a drive that nobody knows ends the transaction
 * (FetchFirst): it begins again once the service was asked.
 */
export const reckonedInside = async <Result>(
  tx: Transaction,
  { shop, travel, mustAsk }: Known & { mustAsk: boolean },
  reckon: Reckon<Result>,
): Promise<Result> => {
  if (travel === undefined) return reckon(shop);
  return inRounds(shop, reckon, async (ways) => {
    const kept = await readTravelTimes(tx, ways);
    const missing = without(ways, kept, travel).slice(0, MOST_WAYS);
    if (mustAsk && missing.length > 0 && !travel.isPaused())
      throw new FetchFirst(async (sql) => {
        await storeTravelTimes(sql, await travel.ask(missing, travel.timeoutMs));
      });
    return kept;
  });
};

const inRounds = async <Result>(
  shop: ShopRules,
  reckon: Reckon<Result>,
  learn: (ways: readonly Way[]) => Promise<Measured[]>,
): Promise<Result> => {
  const minutes = new Map<string, number | null>();
  for (let round = 1; ; round += 1) {
    const unknown = new Map<string, Way>();
    const measured = (from: Point, to: Point): number | undefined => {
      const way = { from: rounded(from), to: rounded(to) };
      if (way.from.lat === way.to.lat && way.from.lng === way.to.lng) return undefined;
      const key = keyOf(way);
      const found = minutes.get(key);
      if (found === undefined) unknown.set(key, way);
      return found ?? undefined;
    };
    const result = reckon({ ...shop, measured });
    if (unknown.size === 0 || round === MOST_ROUNDS) return result;
    const learned = await learn([...unknown.values()]);
    for (const key of unknown.keys()) minutes.set(key, null);
    for (const one of learned) minutes.set(keyOf(one), one.minutes);
  }
};

/** A full disk keeps nobody from reading: the drives are in hand, and whoever writes is told. */
const unlessNothingCanBeWritten = (error: unknown): void => {
  const reason = failureOf(error)?.reason;
  if (reason !== 'database.storage_full' && reason !== 'database.read_only') throw error;
};

const without = (ways: readonly Way[], kept: readonly Way[], travel: Travel): Way[] => {
  const keys = new Set(kept.map(keyOf));
  return ways.filter((way) => !keys.has(keyOf(way)) && !travel.isSkipped(way));
};

const rounded = ({ lat, lng }: Point): Point => ({ lat: round(lat), lng: round(lng) });

const round = (degrees: number): number => Math.round(degrees * PER_DEGREE) / PER_DEGREE;
