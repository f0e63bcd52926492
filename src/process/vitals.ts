import type { Vitals } from './messages.ts';

const LOOK_EVERY_MS = 50;
const WINDOW_MS = 1_000;

/** Watches the event loop of this process: how late its timers are. */
export const startVitals = (requests: () => number): { now(): Vitals } => {
  let dueAt = performance.now() + LOOK_EVERY_MS;
  let windowEndsAt = performance.now() + WINDOW_MS;
  let longestMs = 0;
  let lagMs = 0;
  setInterval(() => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - dueAt);
    dueAt = now + LOOK_EVERY_MS;
    if (now < windowEndsAt) return;
    lagMs = Math.round(longestMs * 10) / 10;
    longestMs = 0;
    windowEndsAt = now + WINDOW_MS;
  }, LOOK_EVERY_MS).unref();
  return { now: () => ({ rssBytes: process.memoryUsage.rss(), requests: requests(), lagMs }) };
};
