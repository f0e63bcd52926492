import { withSession } from '../../database/session.ts';
import { refuse } from '../../process/refusal.ts';
import type { Rows } from './about.ts';

// A table that had rows and has none any more: a restore of it would be a shop without them.
const SHOWN = ['staff', 'customers', 'vehicles', 'appointments'];

/** Counts every table that outlives a crash, and so reads each of its pages: a damaged one is found. */
export const countRows = (url: string): Promise<Rows> =>
  withSession(url, 'edgars-backup', async (ask) => {
    const rows: Rows = {};
    const tables = await ask<{ name: string }>(
      `select quote_ident(relname) as name from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r' and relpersistence = 'p' order by 1`,
    );
    for (const { name } of tables) {
      const [counted] = await ask<{ count: string }>(`select count(*) from ${name}`);
      rows[name] = Number(counted?.count);
    }
    return rows;
  });

export const hasTables = (url: string): Promise<boolean> =>
  withSession(url, 'edgars-restore', async (ask) => {
    const found = await ask(
      "select 1 from pg_tables where schemaname not in ('pg_catalog', 'information_schema') limit 1",
    );
    return found.length > 0;
  });

export const assertNoneLost = (before: Rows, after: Rows): void => {
  const tables = new Set(Object.keys(after));
  const lost = Object.keys(before).filter(
    (name) => !tables.has(name) || (SHOWN.includes(name) && (before[name] ?? 0) > 0 && after[name] === 0),
  );
  if (lost.length > 0) throw refuse(`The copy lacks what the database has (${lost.join(', ')}).`);
};

export const shownRows = (rows: Rows): string =>
  SHOWN.flatMap((name) => (rows[name] === undefined ? [] : [`${rows[name]} ${name}`])).join(', ');
