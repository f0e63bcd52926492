import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { refuse } from '../../process/refusal.ts';
import type { Outcome } from './settle.ts';

const PIECE_BYTES = 65_536;

export interface Report {
  path: string;
  add(outcomes: readonly Outcome[]): void;
  /** Puts it in its place, where it stands whole or not at all, and closes it. */
  keep(): void;
  close(): void;
}

/** Until it is kept it has no name: however the import ends, nothing of it is left. */
export const openReport = (input: string): Report => {
  const { dir, name } = parse(input);
  const path = join(dir, `${name}.report.csv`);
  assertWritable(path);
  const draft = openDraft();
  writeSync(draft, 'line,outcome,id,message\n');
  return {
    path,
    add: (outcomes) => {
      writeSync(draft, outcomes.map(rowOf).join(''));
    },
    keep: () => {
      try {
        copy(draft, path);
      } catch (error) {
        const cause = error instanceof Error ? `: ${error.message}` : '';
        throw refuse(`The import is done, but its report cannot be written to ${path}${cause}.`, error);
      } finally {
        closeSync(draft);
      }
    },
    close: () => closeSync(draft),
  };
};

const assertWritable = (path: string): void => {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw refuse(`The report cannot be written: ${path} is in a folder that is closed to us.`, error);
  }
};

const openDraft = (): number => {
  const path = join(tmpdir(), `edgars-import-${Bun.randomUUIDv7()}`);
  const draft = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return draft;
};

const copy = (draft: number, path: string): void => {
  const part = `${path}.part`;
  const target = openSync(part, 'w');
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    for (let at = 0; ; ) {
      const size = readSync(draft, piece, 0, PIECE_BYTES, at);
      if (size === 0) break;
      writeSync(target, piece, 0, size);
      at += size;
    }
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    closeSync(target);
  }
};

const rowOf = ({ line, outcome, id, message }: Outcome): string =>
  `${line},${outcome},${id ?? ''},${/[",\r\n]/.test(message) ? `"${message.replaceAll('"', '""')}"` : message}\n`;
