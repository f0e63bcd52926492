import { expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Data } from '../helpers/app.ts';
import { copyProject, type Project } from '../helpers/project.ts';
import { blocks, chapter } from './readme.ts';

// Only a bound, for a machine that does much else; nothing here depends on how long it takes.
setDefaultTimeout(600_000);

const [startBlock = '', testBlock = ''] = blocks(chapter('Two commands'), 'sh');
const [walkBlock = ''] = blocks(chapter('A first booking'), 'sh');
const ADDRESS = 'http://127.0.0.1:5000';

/** A script in a shell at the copy's folder. What it says goes to files: a pipe would wait for all who inherit it. */
const shell = ({ folder, env }: Project, script: string, extra: Record<string, string> = {}) => {
  const said = (name: string) => Bun.file(join(folder, `said-${Bun.hash(script)}.${name}`));
  const [stdout, stderr] = [said('out'), said('err')];
  const child = Bun.spawn(['bash', '-e', '-c', script], {
    cwd: folder,
    env: { ...env, ...extra },
    stdin: 'ignore',
    stdout,
    stderr,
    // A group of its own, as a terminal makes one: Ctrl-C reaches the shell and all that it started.
    detached: true,
  });
  return { child, stdout, stderr };
};

const ran = async (project: Project, script: string): Promise<{ out: string; err: string; code: number }> => {
  const { child, stdout, stderr } = shell(project, script);
  const code = await child.exited;
  return { out: await stdout.text(), err: await stderr.text(), code };
};

/** Runs `work` beside a server that `./start.sh` started, ends it as Ctrl-C does, and gives its exit code. */
const besideServer = async (project: Project, work: (address: string) => Promise<void>): Promise<number> => {
  const { child, stderr } = shell(project, startBlock, {
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
    WORKERS: '2',
  });
  try {
    let address: string | undefined;
    while (address === undefined) {
      if (child.exitCode !== null) throw new Error(`The server did not start:\n${await stderr.text()}`);
      await Bun.sleep(20);
      address = /^ready: (\S+) /m.exec(await stderr.text())?.[1];
    }
    await work(address);
  } finally {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGINT');
    await child.exited;
  }
  return child.exited;
};

const walk = async (project: Project, address: string): Promise<Data[]> => {
  expect(walkBlock).toContain(`SHOP=${ADDRESS}\n`);
  const { out, err, code } = await ran(project, walkBlock.replace(ADDRESS, address));
  expect(err).toBe('');
  expect(code).toBe(0);
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
};

test('a first booking, as pasted, in a fresh copy that was filled with the demo', async () => {
  const project = await copyProject();
  try {
    const code = await besideServer(project, async (address) => {
      const filled = await ran(project, 'bun run demo');
      expect(filled.err).toContain('The shop is full: 2,000 customers');
      const [refused, moved, profile, ...more] = await walk(project, address);
      expect(more).toEqual([]);
      expect(refused.error).toMatchObject({ code: 409, reason: 'appointment.slot_taken' });
      expect(moved.data).toMatchObject({ status: 'en_route', services: [{ quantity: 1 }] });
      expect(refused.error.details.conflicts_with).toBe(moved.data.id);
      expect(refused.error.details.next_starts).toHaveLength(3);
      expect(refused.error.details.next_starts[0]).toBe(moved.data.ends_at);
      expect(profile.data.customer).toMatchObject({ name: 'Sam Carter', phone: '+16285550142' });
      expect(profile.data.vehicles).toMatchObject([{ make: 'Honda', model: 'Civic' }]);
      expect(profile.data.appointments.items).toMatchObject([{ id: moved.data.id, status: 'en_route' }]);
    });
    expect(code).toBe(0);
  } finally {
    await project.remove();
  }
});

test('the tests, as pasted but for one file alone, end with one line of numbers', async () => {
  const project = await copyProject();
  try {
    const { out, code } = await ran(project, `${testBlock.trim()} test/values/money.test.ts`);
    expect(out.trim().split('\n').at(-1)).toMatch(/^[1-9]\d* passed, 0 failed$/);
    expect(code).toBe(0);
  } finally {
    await project.remove();
  }
});
