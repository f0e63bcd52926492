import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline, Transform } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { parse as parseAtOnce } from 'csv-parse/sync';
import { refuse } from '../../process/refusal.ts';

/** A record of the file; `line` is where it begins, counted from 1 as an editor does. */
export type Line = { line: number; cells: readonly string[] };

export type Head = { delimiter: string; header: readonly string[] };

const DELIMITERS = [',', ';', '\t'] as const;
const HEAD_BYTES = 65_536;
/** A record over this is a quote that is never closed; it also bounds what is held. */
const MAX_RECORD_BYTES = 262_144;
const LINE_FEED = 0x0a;

const FORM = {
  bom: true,
  trim: true,
  // 5" wheels: a quote inside of a cell is a sign like others.
  relax_quotes: true,
  relax_column_count: true,
  record_delimiter: ['\r\n', '\n', '\r'],
  max_record_size: MAX_RECORD_BYTES,
};

/** The names of the columns, and the sign that stands between them: the one that makes the most of them. */
export const readHead = async (path: string): Promise<Head> => {
  const bytes = await firstBytes(path);
  checkerOf(path)(bytes);
  const heads = DELIMITERS.map((delimiter) => ({ delimiter, header: headerBy(delimiter, bytes) }));
  const best = heads.reduce((one, other) => (other.header.length > one.header.length ? other : one));
  if (best.header.length > 0) return best;
  throw refuse(
    bytes.toString().trim() === ''
      ? `${basename(path)} is empty.`
      : `The first line of ${basename(path)} cannot be read as the names of columns.`,
  );
};

const firstBytes = async (path: string): Promise<Buffer> => {
  const file = await open(path).catch((error: unknown) => {
    throw refuse(
      `${basename(path)} cannot be read${error instanceof Error ? `: ${error.message}` : ''}.`,
      error,
    );
  });
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

const headerBy = (delimiter: string, bytes: Buffer): string[] => {
  try {
    const [header = []] = parseAtOnce(bytes, {
      ...FORM,
      delimiter,
      to: 1,
      skip_records_with_empty_values: true,
    });
    return header;
  } catch {
    // Not the sign, or a file whose first line is broken: then no sign reads it.
    return [];
  }
};

/** Every line after the header, read as it is wanted: the file is never held. Empty lines are passed over. */
export async function* readLines(path: string, delimiter: string): AsyncGenerator<Line> {
  let next = 1;
  const numbered = (cells: string[]): Line => {
    const line = next;
    next += 1 + cells.reduce((total, cell) => total + (cell.match(/\r\n?|\n/g)?.length ?? 0), 0);
    return { line, cells };
  };
  // What on_record gives is what comes out, of whatever type; its own type knows records of texts alone.
  const onRecord = numbered as unknown as (cells: string[]) => string[];
  const parser = parse({ ...FORM, delimiter, on_record: onRecord });
  // Its error comes out of the parser, where it is caught below.
  pipeline(createReadStream(path), utf8Only(path), parser, () => undefined);
  let isHeader = true;
  try {
    for await (const line of parser as AsyncIterable<Line>) {
      if (line.cells.every((cell) => cell === '')) continue;
      if (!isHeader) yield line;
      isHeader = false;
    }
  } catch (error) {
    if (error instanceof CsvError) throw refuse(broken(path, next, error.code));
    throw error;
  }
}

const broken = (path: string, line: number, code: string): string => {
  const what =
    code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE'
      ? 'opens a quote that is never closed'
      : 'has a quote that closes in the middle of a cell (write a quote inside of a cell twice)';
  return `Line ${line} of ${basename(path)} ${what}. Correct it and start again.`;
};

const utf8Only = (path: string): Transform => {
  const check = checkerOf(path);
  return new Transform({
    transform: (chunk: Buffer, _, done) =>
      done(
        faultOf(() => check(chunk)),
        chunk,
      ),
    flush: (done) => done(faultOf(() => check())),
  });
};

const faultOf = (work: () => void): Error | null => {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

const NOTHING = Buffer.alloc(0);

/** Takes a file piece by piece, its end as nothing; refuses it with the line of the first byte that is not UTF-8. */
const checkerOf = (path: string): ((chunk?: Buffer) => void) => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  const decode = (bytes: Buffer, stream: boolean): void => {
    try {
      decoder.decode(bytes, { stream });
    } catch {
      throw refuse(
        `Line ${line} of ${basename(path)} is not UTF-8. Save the list as "CSV UTF-8" and start again.`,
      );
    }
  };
  return (chunk) => {
    if (chunk === undefined) return decode(NOTHING, false);
    for (let start = 0; start < chunk.length; ) {
      const found = chunk.indexOf(LINE_FEED, start);
      const end = found === -1 ? chunk.length : found + 1;
      decode(chunk.subarray(start, end), true);
      if (found !== -1) line += 1;
      start = end;
    }
  };
};
