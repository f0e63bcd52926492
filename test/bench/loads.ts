import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one turn saw. Latencies in milliseconds; pgbench tells no p99. */
export type Turn = { perSecond: number; errors: number; p50Ms?: number; p99Ms?: number };

/** Keep-alive connections that ask without a pause, for the requests in turn: method, path and body with tabs between. */
export const runWrk = async (
  address: string,
  requests: readonly string[],
  { seconds, connections, token }: { seconds: number; connections: number; token?: string },
): Promise<Turn> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgars-bench-'));
  const list = join(folder, 'requests');
  writeFileSync(list, `${requests.join('\n')}\n`);
  const words = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s'];
  const script = join(import.meta.dir, 'wrk.lua');
  const said = await output(['wrk', ...words, '-s', script, address], {
    REQUESTS: list,
    ...(token === undefined ? {} : { TOKEN: token }),
  }).finally(() => rmSync(folder, { recursive: true }));
  const line = said.split('\n').findLast((one) => one.startsWith('{'));
  if (line === undefined) throw new Error(`wrk said nothing of use:\n${said}`);
  const { durationUs, errors, p50Us, p99Us, ...done } = JSON.parse(line);
  return {
    perSecond: done.requests / (durationUs / 1_000_000),
    errors,
    p50Ms: p50Us / 1_000,
    p99Ms: p99Us / 1_000,
  };
};

const CLIENTS = 20;

/** The statements alone, prepared, by 20 clients: what the database can do. One script for each text. */
export const runPgbench = async (
  url: string,
  scripts: readonly string[],
  { seconds }: { seconds: number },
): Promise<Turn> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgars-bench-'));
  const files = scripts.flatMap((script, at) => {
    const path = join(folder, `${at}.sql`);
    writeFileSync(path, `${script}\n`);
    return ['-f', path];
  });
  const words = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(CLIENTS),
    '-j',
    '2',
    '-T',
    String(seconds),
    '-D',
    'n=0',
  ];
  const said = await output(['pgbench', ...words, ...files, url], {}).finally(() =>
    rmSync(folder, { recursive: true }),
  );
  const perSecond = Number(/tps = ([\d.]+)/.exec(said)?.[1]);
  const errors = Number(/failed transactions: (\d+)/.exec(said)?.[1] ?? 0);
  if (Number.isNaN(perSecond)) throw new Error(`pgbench said nothing of use:\n${said}`);
  return { perSecond, errors };
};

const output = async (command: string[], env: Record<string, string>): Promise<string> => {
  const child = Bun.spawn(command, {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command[0]} ended with ${code}:\n${out}${err}`);
  return out;
};
