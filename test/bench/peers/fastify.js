// Fastify and pg, two processes of Node's cluster. No login, no log, no envelope.
import cluster from 'node:cluster';
import Fastify from 'fastify';
import pg from 'pg';

const { PORT, DATABASE_URL, STATEMENTS } = process.env;

const serve = async () => {
  const statements = JSON.parse(STATEMENTS);
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20 });
  const app = Fastify();
  app.get('/health', async () => {
    await pool.query({ name: 'health', text: 'select 1' });
    return { ok: true };
  });
  for (const [name, { text, values, columns }] of Object.entries(statements)) {
    app.get(`/${name}/:id`, async ({ params }, reply) => {
      const { rows } = await pool.query({ name, text, values: values[params.id] });
      const items = rows.map((row) => `{${columns.map((column) => `"${column}":${row[column]}`).join(',')}}`);
      reply.header('Content-Type', 'application/json');
      return `[${items.join(',')}]`;
    });
  }
  await app.listen({ port: Number(PORT), host: '127.0.0.1' });
};

if (cluster.isPrimary) {
  process.on('SIGTERM', () => process.exit(0));
  for (let worker = 0; worker < 2; worker += 1) cluster.fork();
} else await serve();
