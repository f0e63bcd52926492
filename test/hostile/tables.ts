import { connect } from '../helpers/connection.ts';

/** A fingerprint of every row of every table but the counters: equal when nothing was written in between. */
export const fingerprintOf = async (url: string): Promise<Record<string, string>> => {
  const sql = connect(url);
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'attempts' order by 1`;
  const prints = await sql.unsafe<{ name: string; print: string }[]>(tables.map(printOf).join(' union all '));
  await sql.end();
  return Object.fromEntries(prints.map(({ name, print }) => [name, print]));
};

const printOf = ({ name }: { name: string }): string =>
  `select '${name}' as name, count(*) || ' ' || md5(coalesce(string_agg(t::text, '' order by t::text), '')) as print
   from ${name} t`;
