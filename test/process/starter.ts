/** Starts the embedded PostgreSQL of a folder, says so in one JSON line, and waits to be killed. */
import { openPostgres } from './made-data.ts';

try {
  const { pid, url, adopted, created, folder } = await openPostgres(process.argv[2] ?? '');
  console.log(JSON.stringify({ pid, url, adopted, created, folder }));
  setInterval(() => undefined, 1_000);
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
