import { appendFileSync } from 'node:fs';

export type Figure = { drill: string; what: string; seen: string; promise: string };

/** Notes what a drill has seen: `bun run drill` shows all of them as one table. */
export const figure = (drill: string, what: string, seen: string | number, promise: string): void => {
  const one: Figure = { drill, what, seen: String(seen), promise };
  const path = process.env.DRILL_FIGURES;
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(one)}\n`);
};

export const ms = (value: number): string => `${Math.round(value)} ms`;

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
