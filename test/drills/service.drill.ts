import { expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject } from '../process/copy.ts';
import { household, type Started, until } from '../process/started.ts';
import { figure, ms } from './figures.ts';
import { isLong } from './shop.ts';

setDefaultTimeout(300_000);

const house = household();

const NAMESPACES = ['--mount', '--pid', '--fork', '--uts', '--ipc', '--net', '--cgroup', '--kill-child'];
const mounts = existsSync('/proc/self/mounts') ? readFileSync('/proc/self/mounts', 'utf8') : '';
const groups = /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1];
const canBoot = process.getuid?.() === 0 && existsSync('/lib/systemd/systemd') && groups !== undefined;
if (!canBoot) console.warn('skipped: systemd as a first process needs root, systemd and cgroup2');

test.skipIf(!(isLong && canBoot))(
  'service: under systemd, as ./start.sh install writes it: it starts, reloads, comes back and ends',
  async () => {
    const folder = house.folder();
    const project = copyProject(house.folder());
    const boot = [join(import.meta.dir, 'service.sh'), folder, project, process.execPath];
    await using group = ownGroup(groups ?? '');
    const entered = ['sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', group.path];
    const machine = house.start([], {}, { command: [...entered, 'unshare', ...NAMESPACES, 'sh', ...boot] });
    group.holds(machine);
    const first = await until('its first process', () => childOf(machine.pid));
    /** Runs in that machine. */
    const inside = (...words: string[]): string => {
      const enter = ['nsenter', '-t', String(first), '-m', '-p', '-n', '-i', '-u', '-C'];
      return Bun.spawnSync([...enter, ...words])
        .stdout.toString()
        .trim();
    };
    const serves = (): boolean => inside('curl', '-s', '127.0.0.1:5000/health/ready').includes('"ready"');
    const ofUnit = (name: string): string => inside('systemctl', 'show', '-p', name, '--value', 'edgars');
    const toServe = async (): Promise<string> => {
      const began = performance.now();
      await until('the service', serves, 60_000);
      return ms(performance.now() - began);
    };
    await until('systemd', () => inside('systemctl', 'show', '-p', 'Version').includes('Version='));
    figure('service', 'started by systemd, serving after', await toServe(), '–');
    const status = inside('cat', `/proc/${ofUnit('MainPID')}/status`);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(status).toMatch(/^CapBnd:\t0+$/m);
    expect(status).not.toMatch(/^Uid:\t0\t/m);

    inside('systemctl', 'reload', 'edgars');
    const asked =
      'for at in $(seq 300); do curl -s -o /dev/null -w "%{http_code} " 127.0.0.1:5000/health/live; sleep 0.02; done';
    const answers = inside('sh', '-c', asked).split(' ');
    expect(inside('journalctl', '-u', 'edgars', '-o', 'cat').split('\n')).toContain('reloaded');
    figure(
      'service',
      `failed of ${answers.length} requests over a reload`,
      answers.filter((code) => code !== '200').length,
      '0',
    );
    expect([...new Set(answers)]).toEqual(['200']);

    inside('kill', '-9', ofUnit('MainPID'));
    await until('its end', () => !serves());
    figure('service', 'serving again after kill -9 of the supervisor, RestartSec=5', await toServe(), '–');
    expect(ofUnit('NRestarts')).toBe('1');

    const askedAt = performance.now();
    inside('systemctl', 'stop', 'edgars');
    figure('service', 'stopped within', ms(performance.now() - askedAt), '≤ GRACE_S + 60 s');
    expect([ofUnit('Result'), ofUnit('ExecMainStatus'), ofUnit('ActiveState')]).toEqual([
      'success',
      '0',
      'inactive',
    ]);
  },
);

/** A group for the machine to make its own in; they are gone with it. */
const ownGroup = (mountedAt: string) => {
  const [, within = '/'] = /^0::(\S+)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8')) ?? [];
  const path = join(mountedAt, within, `edgars-drill-${process.pid}`);
  mkdirSync(path);
  let machine: Started | undefined;
  return {
    path,
    holds: (started: Started): void => {
      machine = started;
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      machine?.signal('SIGKILL');
      await machine?.exit;
      await until('the end of its groups', () => {
        Bun.spawnSync(['find', path, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'], {
          stderr: 'ignore',
        });
        return !existsSync(path);
      });
    },
  };
};

const childOf = (pid: number): number | undefined => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? undefined : Number(children.split(' ')[0]);
};
