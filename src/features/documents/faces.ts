import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import type { Font } from 'fontkit';

/** A main face in two weights; what it lacks is taken from the last one, which has nearly all of Unicode. */
export type Faces = { regular: Font; bold: Font; last: Font | undefined };

const REGULAR = 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf';
const BOLD = 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf';
const LAST = '@fontsource/unifontex/files/unifontex-latin-400-normal.woff';

let main: Promise<{ regular: Font; bold: Font }> | undefined;
let last: Promise<Font> | undefined;

/** Read once in a process, when the first document asks for them; the last face only when a text needs it. */
export const facesFor = async (texts: readonly string[]): Promise<Faces> => {
  main ??= openMain().catch((error: unknown) => {
    // What failed once, for want of descriptors perhaps, is tried again.
    main = undefined;
    throw error;
  });
  const { regular, bold } = await main;
  const isCovered = texts.every((text) => [...text].every((sign) => has(regular, sign) && has(bold, sign)));
  if (isCovered) return { regular, bold, last: undefined };
  last ??= read(LAST)
    .then(unpacked)
    .then(open)
    .catch((error: unknown) => {
      last = undefined;
      throw error;
    });
  return { regular, bold, last: await last };
};

export const has = (font: Font, sign: string): boolean => font.hasGlyphForCodePoint(sign.codePointAt(0) ?? 0);

const openMain = async () => {
  const [regular, bold] = await Promise.all([REGULAR, BOLD].map(async (path) => open(await read(path))));
  if (regular === undefined || bold === undefined) throw new Error('a face is missing');
  return { regular, bold };
};

const read = (path: string): Promise<Buffer> => readFile(fileURLToPath(import.meta.resolve(path)));

const open = async (bytes: Buffer): Promise<Font> => {
  const { create } = await import('fontkit');
  const font = create(bytes);
  if (!('layout' in font)) throw new Error('a collection of fonts, where one font was meant');
  return font;
};

const inflated = promisify<Buffer, Buffer>(inflate);
const WOFF_HEADER = 44;
const WOFF_ENTRY = 20;
const SFNT_HEADER = 12;
const SFNT_ENTRY = 16;

/**
 * The TrueType font that a WOFF 1.0 file (W3C) holds. fontkit reads WOFF as well, but unpacks the whole table of
 * outlines for each glyph: half a second each in a font of this size.
 */
const unpacked = async (woff: Buffer): Promise<Buffer> => {
  const count = woff.readUInt16BE(12);
  const entries = Array.from({ length: count }, (_, at) => WOFF_HEADER + at * WOFF_ENTRY);
  const tables = await Promise.all(
    entries.map((entry) => {
      const [offset, packed, size] = [4, 8, 12].map((at) => woff.readUInt32BE(entry + at));
      const bytes = woff.subarray(offset, (offset ?? 0) + (packed ?? 0));
      return packed === size ? bytes : inflated(bytes);
    }),
  );
  const head = Buffer.alloc(SFNT_HEADER + count * SFNT_ENTRY);
  woff.copy(head, 0, 4, 8);
  head.writeUInt16BE(count, 4);
  const pieces: Buffer[] = [head];
  let offset = head.length;
  for (const [at, table] of tables.entries()) {
    const [from, to] = [entries[at] ?? 0, SFNT_HEADER + at * SFNT_ENTRY];
    woff.copy(head, to, from, from + 4);
    woff.copy(head, to + 4, from + 16, from + 20);
    head.writeUInt32BE(offset, to + 8);
    head.writeUInt32BE(table.length, to + 12);
    const padding = Buffer.alloc(-table.length & 3);
    pieces.push(table, padding);
    offset += table.length + padding.length;
  }
  return Buffer.concat(pieces);
};
