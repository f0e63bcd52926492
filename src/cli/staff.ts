import { ROLES } from '../access.ts';
import type { Config } from '../config.ts';
import { migrate } from '../database/migrate.ts';
import { openPool } from '../database/pool.ts';
import type { Database } from '../database/sql.ts';
import { newTrace } from '../database/timing.ts';
import { readShopName } from '../features/settings/queries.ts';
import { addStaff, preparePassword, setStaffPassword } from '../features/staff/commands.ts';
import { findStaffByEmail, hasStaff, listLogins } from '../features/staff/queries.ts';
import { createLog } from '../observe/log.ts';
import { withDatabase } from '../process/borrowed-database.ts';
import { refuseUnreachable } from '../process/database-address.ts';
import { randomPassword } from '../process/first-owner.ts';
import { poolOptions } from '../process/pool-options.ts';
import { refuse } from '../process/refusal.ts';
import { readStaffWords, type StaffWords } from './staff/words.ts';

type Streams = {
  /** For the person at the terminal. */
  say: (line: string) => void;
  /** For whoever reads the outcome, which may be a program. */
  print: (line: string) => void;
};

const HELP = `Usage: bun run staff add --email <address> --name <name> --role <${ROLES.join(' | ')}>
       bun run staff list
       bun run staff password <address>

Works beside a running server and without one. A password is read from the variable STAFF_PASSWORD;
without it one is made and shown once. A new password ends every session of the account.`;

/** Gives the exit code: 2 for words that mean nothing. */
export const runStaff = async (
  config: Config,
  { say, print }: Streams,
  rest: readonly string[],
): Promise<number> => {
  const words = readStaffWords(rest);
  if (words.kind === 'help') {
    print(HELP);
    return 0;
  }
  if (words.kind === 'fault') {
    say(`${words.fault}\n\n${HELP}`);
    return 2;
  }
  const lines = await withDatabase(config, say, (url) => workAt(url, config, words)).catch((error: unknown) =>
    refuseUnreachable(error, config),
  );
  for (const line of lines) print(line);
  return 0;
};

type Work = Exclude<StaffWords, { kind: 'help' | 'fault' }>;

const workAt = async (url: string, config: Config, work: Work): Promise<string[]> => {
  const log = createLog({ level: 'error' });
  await migrate({ url, log });
  const pool = openPool({ ...poolOptions(config, url, 'edgars-staff'), max: 2, min: 0 }, log);
  try {
    const sql = pool.database(newTrace('staff'));
    switch (work.kind) {
      case 'list':
        return await list(sql);
      case 'add':
        return await add(sql, work, config.staffPassword);
      case 'password':
        return await changePassword(sql, work.email, config.staffPassword);
    }
  } finally {
    await pool.close();
  }
};

const list = async (sql: Database): Promise<string[]> => {
  const logins = await listLogins(sql);
  const width = (texts: string[]): number => Math.max(...texts.map((text) => text.length));
  const [emails, names] = [width(logins.map(({ email }) => email)), width(logins.map(({ name }) => name))];
  return logins.map(
    ({ email, name, role, is_active }) =>
      `${email.padEnd(emails)}  ${name.padEnd(names)}  ${role}${is_active ? '' : ' (not active)'}`,
  );
};

const add = async (
  sql: Database,
  { email, name, role }: Extract<Work, { kind: 'add' }>,
  typed: string | undefined,
): Promise<string[]> => {
  const password = typed ?? randomPassword();
  const input = { email, name, role, password };
  const passwordHash = await preparePassword(input, await readShopName(sql));
  await sql.transaction(async (tx) => {
    // The first start makes an owner only where there is nobody: a shop of advisors alone would stay without.
    if (role !== 'owner' && !(await hasStaff(tx))) {
      throw refuse('There is no owner yet. Start the server once, or add an owner first.');
    }
    await addStaff(tx, { input, passwordHash });
  });
  return [`added ${email} (${role})`, ...shownOnce(password, typed)];
};

const changePassword = async (sql: Database, email: string, typed: string | undefined): Promise<string[]> => {
  const account = await findStaffByEmail(sql, email);
  if (account === undefined) {
    throw refuse(`Nobody of the staff has the address ${email}. bun run staff list shows who there is.`);
  }
  const password = typed ?? randomPassword();
  const passwordHash = await preparePassword({ ...account, password }, await readShopName(sql));
  await sql.transaction((tx) => setStaffPassword(tx, account.id, passwordHash));
  const state = account.is_active ? '' : ', whose account is not active';
  return [`changed the password of ${account.email}${state}`, ...shownOnce(password, typed)];
};

const shownOnce = (password: string, typed: string | undefined): string[] =>
  typed === undefined ? [`password: ${password} (it is not shown again)`] : [];
