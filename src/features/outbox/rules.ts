const MINUTE_MS = 60_000;
/** After each failed attempt: eight attempts in about a day. */
const PAUSES_MINUTES = [1, 5, 15, 60, 180, 420, 720];
const JITTER = 0.2;

/** Milliseconds until the next attempt; undefined after the last one. `chance` from 0 to 1 spreads those that failed together. */
export const pauseAfter = (attempts: number, chance: number): number | undefined => {
  const minutes = PAUSES_MINUTES[attempts - 1];
  return minutes === undefined
    ? undefined
    : Math.round(minutes * MINUTE_MS * (1 - JITTER + 2 * JITTER * chance));
};
