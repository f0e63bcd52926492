import { table } from '../table.ts';
import type { Step } from './load.ts';
import { OBJECTIVES, percent, type Verdict } from './objectives.ts';
import type { Figures } from './tally.ts';

/** What --json prints. */
export type Outcome = {
  /** Stands in the notes of its bookings: "Load validation <run>". */
  run: string;
  address: string;
  began_at: string;
  ended_at: string;
  seconds_per_step: number;
  think_ms: number;
  timeout_ms: number;
  /** Stopped by Ctrl-C: what there is, without a verdict. */
  is_interrupted: boolean;
  steps: Step[];
  verdict: Verdict | null;
  remarks: string[];
  left_behind: string[];
};

export const HEAD = [
  'users',
  'requests',
  'succeeded',
  'req/s',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'max ms',
  'route',
];

export const cells = (users: number, one: Figures): string[] => [
  String(users),
  one.requests.toLocaleString('en-US'),
  percent(one.success_rate),
  ...[one.requests_per_s, one.p50_ms, one.p95_ms, one.p99_ms, one.max_ms].map((value) => value.toFixed(1)),
  one.route,
];

export const rowsOf = (steps: readonly Step[]): { row: string[]; isSum: boolean }[] =>
  steps.flatMap(({ users, routes, all }) => [
    ...routes.map((route) => ({ row: cells(users, route), isSum: false })),
    { row: cells(users, all), isSum: true },
  ]);

/** One line for each route and step in which requests failed. */
export const failureLines = (steps: readonly Step[]): string[] =>
  steps.flatMap(({ users, routes }) =>
    routes.flatMap(({ route, failures }) => {
      const reasons = Object.entries(failures).map(([reason, count]) => `${count} × ${reason}`);
      return reasons.length === 0 ? [] : [`${route}, ${users} users: ${reasons.join(', ')}`];
    }),
  );

export const verdictLine = ({ verdict }: Outcome): string => {
  if (verdict === null) return 'No verdict: the run was stopped.';
  const { p95_below_ms, p99_below_ms, users } = OBJECTIVES;
  const where =
    verdict.judged_users === users
      ? ''
      : ` (latency judged at ${verdict.judged_users} users, not at ${users})`;
  return `${verdict.passed ? 'PASSED' : 'NOT PASSED'}: success 99 % or more, p95 below ${p95_below_ms} ms, p99 below ${p99_below_ms} ms at ${users} users${where}`;
};

export const shown = (outcome: Outcome): string =>
  [
    ...table(
      HEAD,
      rowsOf(outcome.steps).map(({ row }) => row),
    ),
    '',
    ...section('failed:', failureLines(outcome.steps)),
    ...section('not measured:', outcome.remarks),
    ...section('left behind:', outcome.left_behind),
    verdictLine(outcome),
    ...(outcome.verdict?.missed ?? []).map((line) => `  ${line}`),
  ].join('\n');

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ''];
