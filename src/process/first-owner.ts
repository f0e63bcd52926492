import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Database } from '../database/sql.ts';
import { Failure } from '../errors.ts';
import { ensureFirstOwner } from '../features/staff/commands.ts';
import { giveToFolderOwner } from './embedded/home.ts';
import { refuse } from './refusal.ts';

const DEFAULT_EMAIL = 'owner@shop.local';
// Without letters that look alike; 24 of 54 are 138 bits.
const LETTERS = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const PASSWORD_LENGTH = 24;

interface Reader {
  isTerminal: boolean;
}

/** Makes the first owner when there is no staff; gives the line that says how to log in. */
export const makeFirstOwner = async (
  database: Database,
  config: Config,
  { isTerminal }: Reader,
): Promise<string> => {
  const email = config.ownerEmail ?? DEFAULT_EMAIL;
  const password = config.ownerPassword ?? randomPassword();
  const note = join(config.dataDir, 'first-owner');
  const isNoteNeeded = config.ownerPassword === undefined && !isTerminal;
  const made = await database.transaction(async (tx) => {
    const input = { email, password, name: 'Owner', shopName: config.shopName };
    if (!(await ensureFirstOwner(tx, input).catch(nameVariable))) return false;
    // Before the commit: an owner whose password nobody knows would lock the shop out.
    if (isNoteNeeded) await writeNote(note, `${email}\n${password}\n`);
    return true;
  });
  if (!made)
    return existsSync(note) ? `log in as the first owner: see ${note}` : 'log in as a member of staff';
  if (config.ownerPassword !== undefined) return `log in as ${email} with the password of OWNER_PASSWORD`;
  return isTerminal
    ? `log in as ${email} with the password ${password} (it is not shown again)`
    : `log in as ${email} with the password in ${note}`;
};

// A password of our own is never too weak.
const nameVariable = (error: unknown): never => {
  if (!(error instanceof Failure) || error.reason !== 'password.too_weak') throw error;
  throw refuse(`OWNER_PASSWORD is refused: ${error.message}`, error);
};

export const randomPassword = (): string =>
  Array.from({ length: PASSWORD_LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');

const writeNote = async (path: string, text: string): Promise<void> => {
  await rm(path, { force: true });
  await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  await giveToFolderOwner(path);
};
