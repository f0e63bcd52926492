/** What one contender did at each number of connections. */
export type Series = { who: string; points: readonly Point[] };
export type Point = { connections: number; perSecond: number; p99Ms: number };

const WIDTH = 920;
const HEIGHT = 400;
const PANEL = { top: 48, bottom: 60, left: 64, gap: 88, right: 24 };
const LEGEND_ROW = 18;
// Okabe and Ito's: told apart by all eyes.
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const TICKS = 4;

type Panel = { title: string; left: number; width: number; of: (point: Point) => number; isLog: boolean };

/** Throughput and p99 over the number of connections, side by side, as SVG. */
export const drawChart = (title: string, all: readonly Series[]): string => {
  const width = (WIDTH - PANEL.left - PANEL.gap - PANEL.right) / 2;
  const panels: Panel[] = [
    { title: 'requests/s', left: PANEL.left, width, of: ({ perSecond }) => perSecond, isLog: false },
    {
      title: 'p99 in ms',
      left: PANEL.left + width + PANEL.gap,
      width,
      of: ({ p99Ms }) => p99Ms,
      isLog: true,
    },
  ];
  const height = HEIGHT + all.length * LEGEND_ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${PANEL.left}" y="24" font-size="15" font-weight="600">${escaped(title)}</text>
${panels.map((panel) => drawPanel(panel, all)).join('\n')}
${all.map(({ who }, at) => legend(who, at)).join('\n')}
</svg>
`;
};

const drawPanel = ({ title, left, width, of, isLog }: Panel, all: readonly Series[]): string => {
  const points = all.flatMap(({ points }) => points);
  const x = scale(
    points.map(({ connections }) => connections),
    true,
    [left, left + width],
  );
  const y = scale(isLog ? points.map(of) : [0, ...points.map(of)], isLog, [
    HEIGHT - PANEL.bottom,
    PANEL.top + 16,
  ]);
  const ticksX = [...new Set(points.map(({ connections }) => connections))];
  const lines = y.ticks.map(
    (value) =>
      `<line x1="${left}" x2="${left + width}" y1="${at(y.of(value))}" y2="${at(y.of(value))}" stroke="#ddd"/><text x="${left - 8}" y="${at(y.of(value) + 4)}" text-anchor="end">${shown(value)}</text>`,
  );
  const marks = ticksX.map(
    (value) =>
      `<text x="${at(x.of(value))}" y="${HEIGHT - PANEL.bottom + 18}" text-anchor="middle">${shown(value)}</text>`,
  );
  const curves = all.map(({ points }, index) => {
    const path = points.map((point) => `${at(x.of(point.connections))},${at(y.of(of(point)))}`);
    const color = colorOf(index);
    const dots = path.map(
      (pair) => `<circle cx="${pair.split(',')[0]}" cy="${pair.split(',')[1]}" r="3" fill="${color}"/>`,
    );
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}`;
  });
  return `<text x="${left}" y="${PANEL.top}">${title}</text>
${lines.join('\n')}
${marks.join('\n')}
<text x="${left + width / 2}" y="${HEIGHT - PANEL.bottom + 38}" text-anchor="middle">connections</text>
${curves.join('\n')}`;
};

const legend = (who: string, index: number): string => {
  const y = HEIGHT + index * LEGEND_ROW;
  return `<rect x="${PANEL.left}" y="${y - 8}" width="20" height="4" fill="${colorOf(index)}"/><text x="${PANEL.left + 28}" y="${y}">${escaped(who)}</text>`;
};

const scale = (values: readonly number[], isLog: boolean, [from, to]: [number, number]) => {
  const turn = isLog ? (value: number) => Math.log10(Math.max(value, 0.1)) : (value: number) => value;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [low, high] = [turn(least), turn(most)];
  const of = (value: number): number => from + ((turn(value) - low) / (high - low || 1)) * (to - from);
  return { of, ticks: isLog ? decades(least, most) : steps(most) };
};

const steps = (most: number): number[] => {
  const raw = most / TICKS;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = Math.ceil(raw / unit) * unit;
  return Array.from({ length: TICKS + 1 }, (_, index) => index * step).filter((value) => value <= most);
};

const decades = (least: number, most: number): number[] => {
  const exponents = Array.from({ length: 8 }, (_, index) => 10 ** (index - 1));
  return exponents.flatMap((unit) => [unit, 3 * unit]).filter((value) => value >= least && value <= most);
};

const colorOf = (index: number): string => COLORS[index % COLORS.length] ?? '#000';
const at = (value: number): string => value.toFixed(1);
const shown = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 });
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
