import type { Font } from 'fontkit';
import { type Faces, has } from './faces.ts';

export type Style = { size: number; isBold?: boolean; color?: string };
export type Pen = {
  width(text: string, style: Style): number;
  /** `y` is the line that the letters stand on. */
  write(text: string, at: { x: number; y: number }, style: Style): void;
  /** Cut into lines at white space, and within a word only when it is wider than a line. */
  wrap(text: string, width: number, style: Style): string[];
};
type Run = { text: string; face: keyof Faces };

const INK = '#1c2530';
/** With a list of features, even an empty one, pdfkit lays a run out as a whole, not word by word. */
const FEATURES: [] = [];

/** Writes any text: each sign in the first face that has it, and what is read from right to left so. */
export const penFor = (doc: PDFKit.PDFDocument, faces: Faces): Pen => {
  for (const [name, font] of Object.entries(faces)) {
    // pdfkit takes a font that fontkit has read (since 0.20); its types are older.
    if (font !== undefined) doc.registerFont(name, font as unknown as Uint8Array);
  }
  const runsOf = (text: string, { isBold }: Style): Run[] =>
    runsFor(text, isBold ? 'bold' : 'regular', faces);
  const known = new Map<string, number>();
  /** Laying out is most of the work: each run once, at whatever size. */
  const runWidth = ({ text, face }: Run, size: number): number => {
    const key = `${face} ${text}`;
    const width = known.get(key) ?? doc.font(face).fontSize(1).widthOfString(text, { features: FEATURES });
    known.set(key, width);
    return width * size;
  };
  const width = (text: string, style: Style): number =>
    runsOf(text, style).reduce((sum, run) => sum + runWidth(run, style.size), 0);

  return {
    width,
    write: (text, { x, y }, style) => {
      let at = x;
      for (const run of runsOf(text, style)) {
        const how = { lineBreak: false, baseline: 'alphabetic', features: FEATURES } as const;
        doc
          .font(run.face)
          .fontSize(style.size)
          .fillColor(style.color ?? INK)
          .text(run.text, at, y, how);
        at += runWidth(run, style.size);
      }
    },
    wrap: (text, room, style) => {
      const fits = (line: string): boolean => width(line, style) <= room;
      return fits(text) ? [text] : filled(text.split(/\s+/), ' ', fits);
    },
  };
};

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const signsOf = (text: string): string[] => [...graphemes.segment(text)].map(({ segment }) => segment);

/** Each line with as many pieces as fit. */
const filled = (pieces: readonly string[], between: string, fits: (line: string) => boolean): string[] => {
  const lines: string[] = [];
  let line: string | undefined;
  for (const piece of pieces) {
    const longer: string = line === undefined ? piece : line + between + piece;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line !== undefined) lines.push(line);
    const parts = between === '' || fits(piece) ? [piece] : filled(signsOf(piece), '', fits);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1);
  }
  return line === undefined ? lines : [...lines, line];
};

const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;
const RIGHT_TO_LEFT = /[\p{scx=Hebr}\p{scx=Arab}\p{scx=Syrc}\p{scx=Thaa}\p{scx=Nkoo}]/u;
const NUMBER = /^\p{Nd}/u;
const LETTER = /[\p{L}\p{M}]/u;

type Direction = 'left' | 'right' | 'number' | 'open';
type Sign = Run & { direction: Direction };

/** The runs from left to right as they stand on the page. */
export const runsFor = (text: string, main: 'regular' | 'bold', faces: Faces): Run[] => {
  const signs = signsOf(text.normalize('NFC').replaceAll(/\s/g, ' ')).map((sign) => ({
    ...inAFace(sign, main, faces),
    direction: directionOf(sign),
  }));
  return joined(turned(signs));
};

/** A sign that no face has is named by its number: never an empty box. */
const inAFace = (sign: string, main: 'regular' | 'bold', faces: Faces): Run => {
  const points = [...sign.replaceAll(IGNORABLE, '')];
  const covers = (font: Font | undefined): boolean =>
    font !== undefined && points.every((point) => has(font, point));
  if (covers(faces[main])) return { text: sign, face: main };
  if (covers(faces.last)) return { text: sign, face: 'last' };
  const named = points.map((point) => `[U+${point.codePointAt(0)?.toString(16).toUpperCase()}]`);
  return { text: named.join(''), face: main };
};

const directionOf = (sign: string): Direction => {
  if (NUMBER.test(sign)) return 'number';
  if (!LETTER.test(sign)) return 'open';
  return RIGHT_TO_LEFT.test(sign) ? 'right' : 'left';
};

/**
 * The order of the page: the line is read from left to right, and a stretch that begins and ends with letters read
 * from right to left is turned, but for the numbers in it. A plain part of Unicode's rules (UAX 9): marks that embed a
 * direction count for nothing.
 */
const turned = (signs: readonly Sign[]): Sign[][] => {
  const stretches: Sign[][] = [];
  for (let at = 0; at < signs.length; ) {
    const from = at;
    const isRight = signs[at]?.direction === 'right';
    while (at < signs.length && (signs[at]?.direction === 'right') === isRight)
      at = endOf(signs, at, isRight);
    const stretch = signs.slice(from, at);
    stretches.push(...(isRight ? piecesOf(stretch.map(mirrored)).reverse() : [stretch]));
  }
  return stretches;
};

const MIRRORED: Readonly<Record<string, string>> = {
  ...{ '(': ')', ')': '(', '[': ']', ']': '[', '{': '}', '}': '{', '<': '>', '>': '<', '«': '»', '»': '«' },
};
const mirrored = (sign: Sign): Sign => ({ ...sign, text: MIRRORED[sign.text] ?? sign.text });

/** What comes after a sign of a stretch; open signs and numbers between two letters from right to left belong to them. */
const endOf = (signs: readonly Sign[], at: number, isRight: boolean): number => {
  if (!isRight) return at + 1;
  const next = signs.findIndex(
    ({ direction }, place) => place > at && (direction === 'right' || direction === 'left'),
  );
  return signs[next]?.direction === 'right' ? next : at + 1;
};

/** Numbers, each of which is read from left to right, and what is between them. */
const piecesOf = (stretch: readonly Sign[]): Sign[][] => {
  const pieces: Sign[][] = [];
  for (const sign of stretch) {
    const piece = pieces.at(-1);
    const isSame = (piece?.[0]?.direction === 'number') === (sign.direction === 'number');
    if (piece !== undefined && isSame) piece.push(sign);
    else pieces.push([sign]);
  }
  return pieces;
};

const joined = (stretches: readonly (readonly Sign[])[]): Run[] =>
  stretches.flatMap((stretch) => {
    const runs: Run[] = [];
    for (const { text, face } of stretch) {
      const run = runs.at(-1);
      if (run?.face === face) run.text += text;
      else runs.push({ text, face });
    }
    return runs;
  });
