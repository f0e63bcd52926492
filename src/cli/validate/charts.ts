import type { Step } from './load.ts';
import { OBJECTIVES } from './objectives.ts';
import type { Figures } from './tally.ts';

const WIDTH = 480;
const HEIGHT = 240;
const [LEFT, RIGHT, TOP, BOTTOM] = [60, 42, 14, 40];
const TICKS = 4;

const LINES = [
  { name: 'p50', color: '#2a78b8', of: ({ p50_ms }: Figures) => p50_ms },
  { name: 'p95', color: '#d9822b', of: ({ p95_ms }: Figures) => p95_ms },
  { name: 'p99', color: '#b3364a', of: ({ p99_ms }: Figures) => p99_ms },
] as const;

const GOALS = [
  { name: 'p95 objective', color: '#d9822b', ms: OBJECTIVES.p95_below_ms },
  { name: 'p99 objective', color: '#b3364a', ms: OBJECTIVES.p99_below_ms },
] as const;

/** A figure for each route, and one for all of them. */
export const charts = (steps: readonly Step[], escaped: (text: string) => string): string => {
  const names = [...new Set(steps.flatMap(({ routes }) => routes.map(({ route }) => route)))];
  const series = names.map((name) => ({
    title: name,
    points: steps.flatMap(({ users, routes }) =>
      routes.filter(({ route }) => route === name).map((figures) => ({ users, figures })),
    ),
  }));
  const all = { title: 'all routes', points: steps.map(({ users, all }) => ({ users, figures: all })) };
  return [...series, all]
    .map(
      ({ title, points }) =>
        `<figure><figcaption>${escaped(title)}</figcaption>${chart(points, escaped(title))}</figure>`,
    )
    .join('\n');
};

type Point = { users: number; figures: Figures };

const chart = (points: readonly Point[], title: string): string => {
  const top = niceTop(Math.max(1, ...points.map(({ figures }) => figures.p99_ms)));
  const x = (index: number): number =>
    LEFT + (points.length < 2 ? 0.5 : index / (points.length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (ms: number): number => HEIGHT - BOTTOM - (ms / top) * (HEIGHT - TOP - BOTTOM);
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}: latency in milliseconds by users">`,
    ...Array.from({ length: TICKS + 1 }, (_, index) => tick((top / TICKS) * index, y)),
    ...points.map(
      ({ users }, index) =>
        `<text x="${x(index)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${users}</text>`,
    ),
    `<text x="${WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">users at once</text>`,
    ...GOALS.filter(({ ms }) => ms <= top).map((goal) => goalLine(goal, y(goal.ms))),
    ...LINES.map(({ color, of }) =>
      line(
        points.map(({ figures }, i) => [x(i), y(of(figures))]),
        color,
      ),
    ),
    ...labels(points, y),
    '</svg>',
  ].join('');
};

/** The next of 1, 2, 4 or 8 × a power of ten: a quarter of it is a round number too. */
const niceTop = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 8].find((step) => step * power >= value) ?? 20) * power;
};

const tick = (ms: number, y: (ms: number) => number): string =>
  `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(ms)}" y2="${y(ms)}" stroke="#dde3ea"/>` +
  `<text x="${LEFT - 6}" y="${y(ms) + 4}" text-anchor="end">${Number(ms.toPrecision(3))} ms</text>`;

const goalLine = ({ name, color, ms }: (typeof GOALS)[number], y: number): string =>
  `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="${color}" stroke-dasharray="5 4"/>` +
  `<text x="${LEFT + 4}" y="${y - 4}">${name} ${ms} ms</text>`;

const line = (places: readonly (readonly [number, number])[], color: string): string =>
  `<polyline fill="none" stroke="${color}" stroke-width="2" points="${places.map(([x, y]) => `${at(x)},${at(y)}`).join(' ')}"/>` +
  places.map(([x, y]) => `<circle cx="${at(x)}" cy="${at(y)}" r="3" fill="${color}"/>`).join('');

const at = (value: number): string => value.toFixed(1);

const LABEL_APART = 12;

/** Names beside the ends of the lines, moved up where they would cover each other. */
const labels = (points: readonly Point[], y: (ms: number) => number): string[] => {
  const last = points.at(-1);
  if (last === undefined) return [];
  let below = Number.POSITIVE_INFINITY;
  return LINES.map(({ name, color, of }) => {
    const place = Math.min(y(of(last.figures)) + 4, below - LABEL_APART);
    below = place;
    return `<text x="${WIDTH - RIGHT + 8}" y="${at(place)}" style="fill:${color};font-weight:600">${name}</text>`;
  });
};
