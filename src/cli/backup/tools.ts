import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress, withoutPassword } from '../../database/address.ts';
import { withSession } from '../../database/session.ts';
import { BARE_ENVIRONMENT } from '../../process/embedded/binaries.ts';
import { refuse } from '../../process/refusal.ts';

type Tool = { name: 'pg_dump' | 'pg_restore'; path: string; major: number };

// Debian's has one of each version beside the others.
const VERSIONS = '/usr/lib/postgresql';

export const findServerMajor = (url: string): Promise<number> =>
  withSession(url, 'edgars-backup', async (ask) => {
    const [row] = await ask<{ number: number }>(
      "select current_setting('server_version_num')::int / 10000 as number",
    );
    return Number(row?.number);
  });

/** The newest one of this machine, when it is at least that new: an older one cannot read what a newer server has. */
export const findTool = async (name: Tool['name'], least: number): Promise<Tool> => {
  const paths = [...versioned(name), Bun.which(name)].filter((path) => path !== null);
  const found = (await Promise.all(paths.map(async (path) => ({ name, path, major: await majorOf(path) }))))
    .filter(({ major }) => major > 0)
    .sort((one, other) => other.major - one.major);
  const [newest] = found;
  if (newest !== undefined && newest.major >= least) return newest;
  const here = newest === undefined ? 'there is none here' : `the newest here is ${newest.major}`;
  throw refuse(
    `${name} ${least} or newer is needed, and ${here}: install postgresql-client-${least} (Debian and Ubuntu have every version at apt.postgresql.org).`,
  );
};

/** Runs one against the database of that address. */
export const runTool = async (
  { name, path }: Tool,
  { url, words, signal }: { url: string | undefined; words: readonly string[]; signal: AbortSignal },
): Promise<void> => {
  const child = Bun.spawn(
    [path, ...words, ...(url === undefined ? [] : [`--dbname=${withoutPassword(url)}`])],
    {
      env: { ...BARE_ENVIRONMENT, ...(url === undefined ? {} : { PGPASSWORD: parseAddress(url).password }) },
      ...{ stdin: 'ignore', stdout: 'ignore', stderr: 'pipe', signal },
    },
  );
  const [complaint, code] = await Promise.all([child.stderr.text(), child.exited]);
  signal.throwIfAborted();
  if (code === 0) return;
  const reason = /error: (.*)/.exec(complaint)?.[1] ?? complaint.trim().split('\n').at(-1) ?? '';
  throw refuse(`${name} failed: ${reason || `exit code ${code}`}`);
};

const versioned = (name: string): string[] =>
  existsSync(VERSIONS)
    ? readdirSync(VERSIONS)
        .map((version) => join(VERSIONS, version, 'bin', name))
        .filter((path) => existsSync(path))
    : [];

const majorOf = async (path: string): Promise<number> => {
  const asked = Bun.spawn([path, '--version'], { env: BARE_ENVIRONMENT, stdout: 'pipe', stderr: 'ignore' });
  return Number(/\(PostgreSQL\) (\d+)/.exec(await asked.stdout.text())?.[1] ?? 0);
};
