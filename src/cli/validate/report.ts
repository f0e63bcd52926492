import { charts } from './charts.ts';
import { failureLines, HEAD, type Outcome, rowsOf, verdictLine } from './outcome.ts';

const STYLE = `
:root { color-scheme: light; --ink: #1d2733; --soft: #5b6876; --line: #dde3ea; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.5rem 4rem; color: var(--ink); background: #fff;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .75rem; }
p { margin: 0 0 .5rem; color: var(--soft); }
.verdict { margin: 1.25rem 0; padding: .8rem 1rem; border-left: 5px solid; border-radius: 4px; color: var(--ink); }
.passed { border-color: #1a7f4b; background: #e9f6ef; }
.missed { border-color: #c0392b; background: #fcedeb; }
.none { border-color: #8a6d1c; background: #fdf6e0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1.25rem; }
figure { margin: 0; padding: .75rem; border: 1px solid var(--line); border-radius: 6px; }
figcaption { font-weight: 600; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:last-child, td:last-child { text-align: left; }
th { color: var(--soft); font-weight: 600; }
.sum td { font-weight: 600; border-bottom: 2px solid #b9c3ce; }
li { color: var(--ink); }
`;

/** One page that needs no network and no script. */
export const reportPage = (outcome: Outcome): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Load validation of ${escaped(outcome.address)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Load validation of ${escaped(outcome.address)}</h1>
<p>${escaped(conditions(outcome))}</p>
${verdict(outcome)}
<h2>Latency by users at once</h2>
<div class="charts">
${charts(outcome.steps, escaped)}
</div>
<h2>Figures</h2>
<div class="scroll"><table>
<thead><tr>${HEAD.map((name) => `<th>${escaped(name)}</th>`).join('')}</tr></thead>
<tbody>
${rowsOf(outcome.steps)
  .map(({ row, isSum }) => `<tr${isSum ? ' class="sum"' : ''}>${row.map(cell).join('')}</tr>`)
  .join('\n')}
</tbody>
</table></div>
${list('Failed', failureLines(outcome.steps))}${list('Not measured', outcome.remarks)}${list('Left behind', outcome.left_behind)}</body>
</html>
`;

export const escaped = (text: string): string => Bun.escapeHTML(text);

const conditions = ({ began_at, ended_at, seconds_per_step, think_ms, timeout_ms }: Outcome): string =>
  `${second(began_at)} to ${second(ended_at)} · ${seconds_per_step} s a step · think time ${think_ms} ms · timeout ${timeout_ms} ms`;

const second = (instant: string): string =>
  Temporal.Instant.from(instant).round('second').toString().replace('T', ' ').replace('Z', ' UTC');

const verdict = (outcome: Outcome): string => {
  const kind = outcome.verdict === null ? 'none' : outcome.verdict.passed ? 'passed' : 'missed';
  const missed = outcome.verdict?.missed ?? [];
  const items = missed.length === 0 ? '' : `<ul>${missed.map(item).join('')}</ul>`;
  return `<div class="verdict ${kind}"><strong>${escaped(verdictLine(outcome))}</strong>${items}</div>`;
};

const cell = (text: string): string => `<td>${escaped(text)}</td>`;
const item = (text: string): string => `<li>${escaped(text)}</li>`;
const list = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<h2>${escaped(title)}</h2>\n<ul>${lines.map(item).join('')}</ul>\n`;
