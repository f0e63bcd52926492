import { connect } from '../../helpers/connection.ts';

/** A fingerprint of every row of every table that outlives a crash. */
export const contentOf = async (url: string): Promise<Record<string, string>> => {
  const sql = connect(url);
  try {
    const content: Record<string, string> = {};
    const tables = await sql`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and relpersistence = 'p' order by 1`;
    for (const { name } of tables) {
      const [row] = await sql`
        select md5(coalesce(string_agg(t::text, ';' order by t::text), '')) as hash, count(*) as count
        from ${sql(name)} t`;
      content[name] = `${row?.count} ${row?.hash}`;
    }
    return content;
  } finally {
    await sql.end();
  }
};
