import { connect } from '../helpers/connection.ts';

/** A fingerprint of every row of every table but the counters: equal when nothing was written in between. */
export const fingerprintOf = async (url: string): Promise<Record<string, string>> => {
  const sql = connect(url);
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'attempts' order by 1`;
  const prints: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await sql`
      select count(*) || ' ' || md5(coalesce(string_agg(t::text, '' order by t::text), '')) as print
      from ${sql(name)} t`;
    prints[name] = row?.print;
  }
  await sql.end();
  return prints;
};
