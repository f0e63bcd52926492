import type { Step } from './load.ts';
import type { Figures } from './tally.ts';

/** What the shop asks of its server; latencies count at that many users, the success rate at every step. */
export const OBJECTIVES = {
  users: 200,
  min_success_rate: 0.99,
  p95_below_ms: 300,
  p99_below_ms: 800,
} as const;

export type Verdict = {
  passed: boolean;
  /** The step whose latencies were judged: the one with OBJECTIVES.users, else the largest. */
  judged_users: number;
  objectives: typeof OBJECTIVES;
  /** One sentence for each objective that a route has missed. */
  missed: string[];
};

export const judge = (steps: readonly Step[]): Verdict => {
  const largest = Math.max(0, ...steps.map(({ users }) => users));
  const judged = steps.some(({ users }) => users === OBJECTIVES.users) ? OBJECTIVES.users : largest;
  const missed = steps.flatMap(({ users, routes }) =>
    routes.flatMap((route) => [
      ...missedSuccess(users, route),
      ...(users === judged ? missedLatency(users, route) : []),
    ]),
  );
  return {
    passed: missed.length === 0 && steps.length > 0,
    judged_users: judged,
    objectives: OBJECTIVES,
    missed,
  };
};

export const percent = (rate: number | null): string =>
  rate === null ? '–' : `${(Math.floor(rate * 1e4 + 1e-6) / 100).toFixed(2)} %`;

const missedSuccess = (users: number, { route, success_rate }: Figures): string[] => {
  if (success_rate === null) return [`${route}, ${at(users)}: not one request was sent`];
  return success_rate >= OBJECTIVES.min_success_rate
    ? []
    : [`${route}, ${at(users)}: ${percent(success_rate)} succeeded, the objective is 99 %`];
};

const missedLatency = (users: number, { route, p95_ms, p99_ms }: Figures): string[] => [
  ...over(`${route}, ${at(users)}: p95`, p95_ms, OBJECTIVES.p95_below_ms),
  ...over(`${route}, ${at(users)}: p99`, p99_ms, OBJECTIVES.p99_below_ms),
];

const over = (what: string, ms: number, below: number): string[] =>
  ms < below ? [] : [`${what} is ${ms} ms, the objective is below ${below} ms`];

const at = (users: number): string => (users === 1 ? '1 user' : `${users} users`);
