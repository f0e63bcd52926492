import { facesFor } from './faces.ts';
import { type Pen, penFor, type Style } from './lettering.ts';
import type { Column, Fact, Paper, Table } from './schema.ts';

// US letter, in points.
const [WIDTH, HEIGHT, MARGIN, TOP] = [612, 792, 42, 54];
const ROOM = WIDTH - 2 * MARGIN;
const RIGHT = WIDTH - MARGIN;
const BOTTOM = HEIGHT - 60;

const PALE = '#5b6875';
const RULE = '#dfe4e9';
const BODY: Style = { size: 9 };
const SMALL: Style = { size: 7.5, color: PALE };
const STRONG: Style = { size: 10, isBold: true };
const LEADING = 1.35;
const CELL = 4;

/** A page after the other, and how far down the last one is written. */
type Sheet = { doc: PDFKit.PDFDocument; pen: Pen; paper: Paper; y: number };

/** The same bytes for the same paper: its date is the row's, and its id is made from that. */
export const pdfOf = async (paper: Paper): Promise<Uint8Array<ArrayBuffer>> => {
  // Loaded at the first document: a worker starts without it.
  const [{ default: PDFDocument }, faces] = await Promise.all([import('pdfkit'), facesFor(textsOf(paper))]);
  const doc = new PDFDocument({
    ...{ size: [WIDTH, HEIGHT], margin: 0, bufferPages: true, autoFirstPage: false, lang: 'en-US' },
    ...{ font: '', displayTitle: true },
    info: {
      ...{ Title: paper.title, Author: paper.shop[0] ?? '', CreationDate: new Date(paper.madeAt) },
    },
  });
  const sheet: Sheet = { doc, pen: penFor(doc, faces), paper, y: 0 };
  const bytes = bytesOf(doc);
  addPage(sheet);
  writeHead(sheet);
  writeBlocks(sheet);
  for (const table of paper.tables) writeTable(sheet, table);
  writeSums(sheet, paper.sums);
  for (const table of paper.entries) writeTable(sheet, table);
  for (const remark of paper.remarks) writeLines(sheet, remark, BODY);
  numberPages(sheet);
  doc.end();
  return bytes;
};

const textsOf = (paper: Paper): string[] => [
  ...[paper.title, ...paper.shop, ...paper.remarks],
  ...[...paper.facts, ...paper.sums].flat(),
  ...paper.blocks.flatMap(({ title, lines }) => [title, ...lines]),
  ...[...paper.tables, ...paper.entries].flatMap(({ rows }) => rows.flat()),
];

const bytesOf = (doc: PDFKit.PDFDocument): Promise<Uint8Array<ArrayBuffer>> => {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const pieces: Uint8Array[] = [];
  doc.on('data', (piece: Uint8Array) => pieces.push(piece));
  doc.on('end', () => resolve(new Uint8Array(Buffer.concat(pieces))));
  doc.on('error', reject);
  return promise;
};

const addPage = (sheet: Sheet): void => {
  const { doc, pen, paper } = sheet;
  doc.addPage();
  sheet.y = TOP;
  if (paper.mark === null) return;
  const style: Style = { size: 120, isBold: true, color: '#b3261e' };
  const x = (WIDTH - pen.width(paper.mark, style)) / 2;
  doc
    .save()
    .fillOpacity(0.12)
    .rotate(-35, { origin: [WIDTH / 2, HEIGHT / 2] });
  pen.write(paper.mark, { x, y: HEIGHT / 2 + 40 }, style);
  doc.restore();
};

/** Goes to a new page when so much does not fit below what is written; true when it did. */
const makeRoom = (sheet: Sheet, height: number): boolean => {
  if (sheet.y + height <= BOTTOM) return false;
  addPage(sheet);
  const { pen, paper } = sheet;
  pen.write(`${paper.title} · ${paper.shop[0] ?? ''}`, { x: MARGIN, y: sheet.y }, SMALL);
  sheet.y += 14;
  return true;
};

const lineHeight = ({ size }: Style): number => size * LEADING;

/** Ends at the right margin, or so far from it. */
const writeRight = (
  { pen, y }: Sheet,
  text: string,
  style: Style,
  { indent = 0, at = y }: { indent?: number; at?: number } = {},
): void => pen.write(text, { x: RIGHT - indent - pen.width(text, style), y: at }, style);

const SHOP: Style = { size: 16, isBold: true };
const TITLE: Style = { size: 18, isBold: true };

const writeHead = (sheet: Sheet): void => {
  const { pen, paper } = sheet;
  const [name = '', ...more] = paper.shop;
  const half = ROOM * 0.55;
  let left = sheet.y;
  for (const line of pen.wrap(name, half, SHOP)) {
    left += lineHeight(SHOP);
    pen.write(line, { x: MARGIN, y: left }, SHOP);
  }
  for (const line of more.flatMap((one) => pen.wrap(one, half, BODY))) {
    left += lineHeight(BODY) + 2;
    pen.write(line, { x: MARGIN, y: left }, { ...BODY, color: PALE });
  }
  let right = sheet.y + lineHeight(TITLE);
  writeRight(sheet, paper.title, TITLE, { at: right });
  for (const [term, value] of paper.facts) {
    right += lineHeight(BODY) + 1;
    writeRight(sheet, term, { ...BODY, color: PALE }, { at: right, indent: 100 });
    writeRight(sheet, value, BODY, { at: right });
  }
  sheet.y = Math.max(left, right) + 24;
};

const writeBlocks = (sheet: Sheet): void => {
  const { pen, paper } = sheet;
  const width = ROOM / 2 - 12;
  const ends = paper.blocks.map(({ title, lines }, at) => {
    const x = MARGIN + at * (ROOM / 2 + 12);
    let y = sheet.y;
    pen.write(title.toUpperCase(), { x, y }, SMALL);
    for (const [place, line] of lines.entries()) {
      const style = place === 0 ? STRONG : BODY;
      for (const part of pen.wrap(line, width, style)) {
        y += lineHeight(style);
        pen.write(part, { x, y: y + 2 }, style);
      }
    }
    return y;
  });
  sheet.y = Math.max(...ends, sheet.y) + 26;
};

type Place = Column & { x: number; width: number };

const placesOf = (columns: readonly Column[]): Place[] => {
  const whole = columns.reduce((sum, { part }) => sum + part, 0);
  let x = MARGIN;
  return columns.map((column) => {
    const width = (ROOM * column.part) / whole;
    x += width;
    return { ...column, x: x - width, width };
  });
};

const writeTable = (sheet: Sheet, { title, columns, rows }: Table): void => {
  const places = placesOf(columns);
  const heading = (): void => writeHeading(sheet, places);
  if (title !== null) {
    makeRoom(sheet, 60);
    sheet.y += lineHeight(STRONG);
    sheet.pen.write(title, { x: MARGIN, y: sheet.y }, STRONG);
    sheet.y += 12;
  }
  heading();
  for (const row of rows) {
    const cells = places.map((place, at) => linesOf(sheet, row[at] ?? '', place));
    const height = Math.max(...cells.map((lines) => lines.length)) * lineHeight(BODY) + 2 * CELL;
    if (makeRoom(sheet, height)) heading();
    for (const [at, place] of places.entries()) writeCell(sheet, cells[at] ?? [], place);
    sheet.y += height;
    rule(sheet, RULE, 0.5);
  }
  sheet.y += 10;
};

const linesOf = ({ pen }: Sheet, text: string, { isFigure, width }: Place): string[] =>
  isFigure ? [text] : pen.wrap(text, width - 2 * CELL, BODY);

const writeHeading = (sheet: Sheet, places: readonly Place[]): void => {
  sheet.y += lineHeight(SMALL);
  for (const place of places)
    writeAt(sheet, place.title, { place, y: sheet.y - 3 }, { ...SMALL, isBold: true });
  sheet.y += 2;
  rule(sheet, PALE, 1);
};

const writeCell = (sheet: Sheet, lines: readonly string[], place: Place): void => {
  for (const [at, line] of lines.entries()) {
    const y = sheet.y + CELL + at * lineHeight(BODY) + BODY.size;
    writeAt(sheet, line, { place, y }, BODY);
  }
};

/** A figure that is wider than its column is written smaller. */
const writeAt = (
  { pen }: Sheet,
  text: string,
  { place, y }: { place: Place; y: number },
  style: Style,
): void => {
  const room = place.width - 2 * CELL;
  const fitted = { ...style, size: style.size * Math.min(1, room / Math.max(pen.width(text, style), 1)) };
  const indent = place.isFigure ? room - pen.width(text, fitted) : 0;
  pen.write(text, { x: place.x + CELL + indent, y }, fitted);
};

const rule = ({ doc, y }: Sheet, color: string, width: number): void => {
  doc.moveTo(MARGIN, y).lineTo(RIGHT, y).lineWidth(width).strokeColor(color).stroke();
};

/** They stand together on one page. */
const writeSums = (sheet: Sheet, sums: readonly Fact[]): void => {
  const height = sums.length * (lineHeight(STRONG) + 2) + 10;
  makeRoom(sheet, height);
  for (const [at, [term, value]] of sums.entries()) {
    const isLast = at === sums.length - 1;
    const style = isLast ? { ...STRONG, size: 12 } : BODY;
    sheet.y += lineHeight(STRONG) + (isLast ? 6 : 2);
    writeRight(sheet, term, isLast ? style : { ...style, color: PALE }, { indent: 130 });
    writeRight(sheet, value, style, { indent: CELL });
  }
  sheet.y += 20;
};

const writeLines = (sheet: Sheet, text: string, style: Style): void => {
  for (const line of sheet.pen.wrap(text, ROOM, style)) {
    makeRoom(sheet, lineHeight(style));
    sheet.y += lineHeight(style);
    sheet.pen.write(line, { x: MARGIN, y: sheet.y }, style);
  }
};

const numberPages = (sheet: Sheet): void => {
  const { count } = sheet.doc.bufferedPageRange();
  for (let at = 0; at < count; at += 1) {
    sheet.doc.switchToPage(at);
    writeRight(sheet, `Page ${at + 1} of ${count}`, SMALL, { at: HEIGHT - 32 });
  }
};
