import type { Paper, Table } from './schema.ts';

const STYLE = `
:root { font: 14px/1.45 system-ui, sans-serif; color: #1c2530; background: #eef1f4 }
body { margin: 0 }
main { position: relative; max-width: 7.5in; margin: 1.5rem auto; padding: .6in; background: #fff; overflow: hidden }
header, .blocks { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 1rem 2rem; margin-bottom: 1.5rem }
h1 { margin: 0; font-size: 1.6rem }
h2 { margin: 0 0 .2rem; font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: #5b6875 }
p { margin: 0; overflow-wrap: anywhere }
.shop p:first-child { font-size: 1.25rem; font-weight: 700 }
.blocks > * { flex: 1 1 14rem; min-width: 0 }
dl { display: grid; grid-template-columns: auto auto; gap: .1rem 1rem; margin: .4rem 0 0 }
dt { color: #5b6875 }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums }
table { width: 100%; border-collapse: collapse; margin: 0 0 1rem }
caption { text-align: left; font-weight: 700; padding: .3rem 0 }
th { font-size: .8rem; color: #5b6875; border-bottom: 1.5px solid #1c2530 }
th, td { padding: .35rem .4rem; text-align: left; vertical-align: top }
td { border-bottom: 1px solid #dfe4e9; overflow-wrap: anywhere }
.figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.sums { width: max-content; margin: 0 0 1.5rem auto; font-size: 1rem; break-inside: avoid }
.sums dt:last-of-type, .sums dd:last-of-type { font-weight: 700; color: inherit; border-top: 1.5px solid; padding-top: .2rem }
.mark { position: absolute; inset: 0; display: grid; place-items: center; font-size: 8rem; font-weight: 700;
  color: #b3261e; opacity: .13; transform: rotate(-30deg); pointer-events: none }
thead { display: table-header-group }
tr { break-inside: avoid }
@page { size: letter; margin: .6in }
@media print { :root { background: none; font-size: 11px } main { margin: 0; padding: 0; max-width: none } }
`;

const hash = new Bun.CryptoHasher('sha256').update(STYLE).digest('base64');

/** Nothing but the style above: no script, no picture, nothing from elsewhere. */
export const POLICY = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export const htmlOf = (paper: Paper): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(paper.title)} · ${escaped(paper.shop[0] ?? '')}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${paper.mark === null ? '' : `<div class="mark" role="note">${escaped(paper.mark)}</div>\n`}<header>
<div class="shop">${paper.shop.map(paragraph).join('')}</div>
<div><h1>${escaped(paper.title)}</h1>
${list(paper.facts, 'facts')}</div>
</header>
<div class="blocks">${paper.blocks
  .map(({ title, lines }) => `<section><h2>${escaped(title)}</h2>${lines.map(paragraph).join('')}</section>`)
  .join('')}</div>
${paper.tables.map(table).join('\n')}
${list(paper.sums, 'sums')}
${paper.entries.map(table).join('\n')}
${paper.remarks.map(paragraph).join('\n')}
</main>
</body>
</html>
`;

/** Each text by itself: one that is written from right to left leaves those beside it alone. */
const paragraph = (text: string): string => `<p dir="auto">${escaped(text)}</p>`;

const list = (facts: Paper['facts'], name: string): string =>
  `<dl class="${name}">${facts
    .map(([term, value]) => `<dt>${escaped(term)}</dt><dd>${escaped(value)}</dd>`)
    .join('')}</dl>`;

const table = ({ title, columns, rows }: Table): string => {
  const kind = (at: number): string => (columns[at]?.isFigure ? ' class="figure"' : ' dir="auto"');
  return `<table>${title === null ? '' : `<caption>${escaped(title)}</caption>`}
<thead><tr>${columns.map(({ title: name }, at) => `<th scope="col"${kind(at)}>${escaped(name)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${row.map((cell, at) => `<td${kind(at)}>${escaped(cell)}</td>`).join('')}</tr>`).join('\n')}
</tbody></table>`;
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
