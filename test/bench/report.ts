import type { Seen } from './measure.ts';

export type Measured = Seen & { route: string; who: string };

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const HEAD = [
  ...['route', 'who', 'requests/s', 'ours is ×', 'p50 ms', 'p99 ms'],
  ...['errors', 'its cores', 'cores of PostgreSQL'],
];

/** The medians as a table for people, ours first on each route. */
export const tableOf = (all: readonly Measured[]): string[] => {
  const routes = [...new Set(all.map(({ route }) => route))];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = HEAD.map((_, at) => (at < 2 ? '---' : '---:'));
  return [line(HEAD), line(rule), ...routes.flatMap((route) => rowsOf(route, all).map(line))];
};

const rowsOf = (route: string, all: readonly Measured[]): string[][] => {
  const here = all.filter((one) => one.route === route);
  const names = [...new Set(here.map(({ who }) => who))];
  const rates = names.map((who) => median(of(here, who).map(({ perSecond }) => perSecond)));
  return names.map((who, at) => {
    const turns = of(here, who);
    const middle = (pick: (one: Measured) => number | undefined, digits = 0): string => {
      const numbers = turns.flatMap((one) => pick(one) ?? []);
      return numbers.length === 0 ? '–' : median(numbers).toFixed(digits);
    };
    return [
      ...[route, who, Math.round(rates[at] ?? 0).toLocaleString('en')],
      at === 0 ? '1' : ((rates[0] ?? 0) / (rates[at] ?? 1)).toFixed(2),
      ...[middle(({ p50Ms }) => p50Ms), middle(({ p99Ms }) => p99Ms)],
      String(turns.reduce((sum, { errors }) => sum + errors, 0)),
      ...[middle(({ ownCores }) => ownCores, 2), middle(({ databaseCores }) => databaseCores, 2)],
    ];
  });
};

const of = (all: readonly Measured[], who: string): Measured[] => all.filter((one) => one.who === who);
