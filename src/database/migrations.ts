import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseRefusal } from './failures.ts';

export type Migration = { number: number; name: string; text: string; checksum: string };
export type Landed = { number: number; name: string; checksum: string };

const FILE_NAME = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;
/** The runner owns the transaction; in a function's body these words have no semicolon right behind them. */
const ENDS_TRANSACTION = /^\s*(?:begin|commit|rollback)\s*;/im;

/** Every migration of the folder in its order: 0001-name.sql, 0002-name.sql … without a gap. */
export const readMigrations = async (directory: string): Promise<Migration[]> => {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const migrations = await Promise.all(names.map((name) => readMigration(directory, name)));
  for (const [index, migration] of migrations.entries()) {
    const previous = migrations[index - 1];
    if (previous?.number === migration.number) {
      throw new DatabaseRefusal(
        `The migration number ${padded(migration.number)} is taken twice: ${previous.name} and ${migration.name}.`,
      );
    }
    if (migration.number !== index + 1) {
      throw new DatabaseRefusal(
        `The migration number ${padded(index + 1)} is missing: the next file is ${migration.name}.`,
      );
    }
  }
  return migrations;
};

/** The first migration that has not landed; throws when what has landed is not the beginning of `migrations`. */
export const assertHistory = (migrations: Migration[], landed: Landed[]): Migration | undefined => {
  for (const [index, past] of landed.entries()) {
    const migration = migrations[index];
    if (migration === undefined) {
      throw new DatabaseRefusal(
        `The database is newer than this program: it has the migration ${past.name}, which is unknown here.`,
      );
    }
    if (past.number !== migration.number || past.name !== migration.name) {
      throw new DatabaseRefusal(
        `The database has the migration ${past.name} where this program has ${migration.name}: a number may not be used again.`,
      );
    }
    if (past.checksum !== migration.checksum) {
      throw new DatabaseRefusal(
        `The migration ${past.name} was edited after it had landed: restore the file and add a new migration.`,
      );
    }
  }
  return migrations[landed.length];
};

const readMigration = async (directory: string, name: string): Promise<Migration> => {
  const digits = FILE_NAME.exec(name)?.[1];
  if (digits === undefined) {
    throw new DatabaseRefusal(`The migration ${name} must be named like 0001-lower-case-words.sql.`);
  }
  // The same checksum however git checks the file out.
  const text = (await readFile(join(directory, name), 'utf8')).replaceAll('\r\n', '\n');
  if (ENDS_TRANSACTION.test(text)) {
    throw new DatabaseRefusal(
      `The migration ${name} begins or ends a transaction: each file already runs in one.`,
    );
  }
  return { number: Number(digits), name, text, checksum: createHash('sha256').update(text).digest('hex') };
};

const padded = (number: number): string => String(number).padStart(4, '0');
