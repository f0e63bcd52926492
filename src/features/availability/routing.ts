import type { Point } from '../../values/place.ts';
import { LONGEST_DRIVE_MS } from './travel.ts';
import type { Measured, Travel, Way } from './types.ts';
import { keyOf } from './ways.ts';

const AT_ONCE = 10;
const PAUSE_MS = 30_000;
const MOST_SKIPPED = 10_000;
const MINUTE_S = 60;
const LONGEST_DRIVE_MINUTES = LONGEST_DRIVE_MS / 60_000;

/** Seconds of a drive; null: there is no road. Throws when the service does not say. */
export type Routing = (from: Point, to: Point, signal: AbortSignal) => Promise<number | null>;

type Options = {
  routing: Routing;
  timeoutMs: number;
  clock: () => number;
  warn: (error: unknown, pauseMs: number) => void;
};

/**
 * Asks several ways at once. After a failure nothing is asked for a while: a service that is away slows nobody else.
 * Of too many for the time there is, those that were not answered are left out for as long.
 */
export const createTravel = ({ routing, timeoutMs, clock, warn }: Options): Travel => {
  let pausedUntil = Number.NEGATIVE_INFINITY;
  const isPaused = (): boolean => clock() < pausedUntil;
  const pause = (error: unknown): void => {
    // Of many requests that meet the same failure, one tells it.
    if (!isPaused()) warn(error, PAUSE_MS);
    pausedUntil = clock() + PAUSE_MS;
  };
  const skipped = new Map<string, number>();
  const isSkipped = (way: Way): boolean => clock() < (skipped.get(keyOf(way)) ?? 0);
  const skip = (ways: readonly Way[]): void => {
    if (skipped.size > MOST_SKIPPED) skipped.clear();
    for (const way of ways) skipped.set(keyOf(way), clock() + PAUSE_MS);
  };
  const ask = async (ways: readonly Way[], withinMs: number): Promise<Measured[]> => {
    const measured: Measured[] = [];
    const left = ways.values();
    const cut = new AbortController();
    const askOn = async (): Promise<void> => {
      for (const way of left) {
        const seconds = await routing(way.from, way.to, cut.signal);
        if (cut.signal.aborted) return;
        measured.push({ ...way, minutes: seconds === null ? null : minutesOf(seconds) });
      }
    };
    const late = Promise.withResolvers<void>();
    // A signal alone is not enough: Bun's fetch does not heed it while it connects.
    const isLate = new Error(`no answer within ${withinMs} ms`);
    const timer = setTimeout(late.reject, withinMs, isLate);
    try {
      await Promise.race([Promise.all(Array.from({ length: AT_ONCE }, askOn)), late.promise]);
    } catch (error) {
      const answered = new Set(measured.map(keyOf));
      skip(ways.filter((way) => !answered.has(keyOf(way))));
      if (error !== isLate || (answered.size === 0 && withinMs >= timeoutMs)) pause(error);
    } finally {
      clearTimeout(timer);
      cut.abort();
    }
    return measured;
  };
  return { timeoutMs, isPaused, isSkipped, ask };
};

const minutesOf = (seconds: number): number => Math.min(Math.ceil(seconds / MINUTE_S), LONGEST_DRIVE_MINUTES);
