// Elysia and Bun's own PostgreSQL driver, two processes on one port. No login, no log, no envelope.
import { SQL } from 'bun';
import { Elysia } from 'elysia';

const { PORT, DATABASE_URL, STATEMENTS } = process.env;
const statements = JSON.parse(STATEMENTS);
const { username, password, pathname, searchParams } = new URL(DATABASE_URL);
const sql = new SQL({
  ...{ adapter: 'postgres', path: `${searchParams.get('host')}/.s.PGSQL.5432`, max: 20 },
  ...{ username, password, database: pathname.slice(1) },
});

const answer = async ({ text, values, columns }, id) => {
  const rows = await sql.unsafe(text, values[id]);
  const items = rows.map((row) => `{${columns.map((name) => `"${name}":${row[name]}`).join(',')}}`);
  return new Response(`[${items.join(',')}]`, { headers: { 'Content-Type': 'application/json' } });
};

const app = new Elysia({ serve: { reusePort: true } }).get('/health', async () => {
  await sql`select 1`;
  return { ok: true };
});
for (const [name, statement] of Object.entries(statements))
  app.get(`/${name}/:id`, ({ params }) => answer(statement, params.id));
app.listen({ port: Number(PORT), hostname: '127.0.0.1' });
