import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isInHome, unitText } from '../../src/cli/install/files.ts';
import { readConfig } from '../../src/config.ts';
import { isTraversable } from '../../src/process/embedded/home.ts';
import { copyProject } from '../process/copy.ts';
import { household, ROOT } from '../process/started.ts';

setDefaultTimeout(120_000);

const { folder, start } = household();

const install = async (...words: string[]) => {
  const started = start(['install', ...words]);
  return { code: await started.exit, said: started.said.join('\n'), printed: started.printed.join('\n') };
};
const unitIn = (root: string): string => join(root, 'etc/systemd/system/edgars.service');
const variablesIn = (root: string): string => join(root, 'etc/edgars.env');
const read = (path: string): string => readFileSync(path, 'utf8');

/** Debian's package systemd has it; without it these are skipped with a word, but never where CI=true. */
const analyzer = Bun.which('systemd-analyze');
const analyzed = analyzer === null && process.env.CI !== 'true' ? test.skip : test;
if (analyzed !== test)
  console.warn('skipped: there is no systemd-analyze here (Debian: apt-get install systemd)');
const analyze = (...words: string[]) => {
  const child = Bun.spawnSync(['systemd-analyze', ...words], { stdout: 'pipe', stderr: 'pipe' });
  return { code: child.exitCode, said: `${child.stdout}${child.stderr}` };
};

describe('./start.sh install --root', () => {
  test('writes the unit, the setting of the kernel and the variables, and says what to do next', async () => {
    const root = folder();
    const { code, said } = await install('--root', root, '--port', '8123', '--user', 'shop');
    expect(code).toBe(0);
    const unit = read(unitIn(root)).split('\n');
    for (const line of [
      ...['User=shop', 'Environment=PORT=8123', 'Restart=always', 'KillMode=mixed', 'StateDirectory=edgars'],
      ...['NoNewPrivileges=yes', 'CapabilityBoundingSet=', 'ProtectSystem=strict', 'PrivateTmp=yes'],
      ...['EnvironmentFile=-/etc/edgars.env', 'Environment=DATA_DIR=/var/lib/edgars'],
      ...['ExecReload=/bin/kill -HUP $MAINPID', 'SystemCallFilter=@system-service', 'TimeoutStopSec=90'],
      `ExecStart="${process.execPath}" --no-env-file "${ROOT}/src/main.ts"`,
    ]) {
      expect(unit).toContain(line);
    }
    expect(unit.filter((line) => /^MemoryDenyWriteExecute/.test(line))).toEqual([]);
    expect(read(join(root, 'etc/sysctl.d/90-edgars.conf'))).toMatch(/^net\.ipv4\.tcp_migrate_req = 1$/m);
    for (const step of [
      /enable --now edgars/,
      /TRUST_PROXY=1/,
      /reverse_proxy 127.0.0.1:8123/,
      /proxy_pass http:\/\/127.0.0.1:8123;/,
    ]) {
      expect(said).toMatch(step);
    }
  });

  test('makes the variables readable by root alone, each commented but the place of the data', async () => {
    const root = folder();
    await install('--root', root);
    expect(statSync(variablesIn(root)).mode & 0o777).toBe(0o600);
    const text = read(variablesIn(root));
    expect(text.split('\n').filter((line) => /^[^#]/.test(line))).toEqual(['DATA_DIR=/var/lib/edgars']);
    for (const name of ['DATABASE_URL', 'TRUST_PROXY', 'GRACE_S']) expect(text).toContain(`\n#${name}=\n`);
  });

  test('again keeps the variables, and user and port where no others are asked for', async () => {
    const root = folder();
    await install('--root', root, '--port', '8123', '--user', 'shop');
    const unit = read(unitIn(root));
    appendFileSync(variablesIn(root), 'SHOP_NAME=Wheels\n');
    const variables = read(variablesIn(root));
    const again = await install('--root', root);
    expect([again.code, read(unitIn(root)), read(variablesIn(root))]).toEqual([0, unit, variables]);
    expect(again.said).toContain(`as it was: ${unitIn(root)}`);
    await install('--root', root, '--port', '8124');
    expect(read(unitIn(root))).toBe(unit.replace('PORT=8123', 'PORT=8124'));
  });

  test('gives the end more time than the requests in flight have', async () => {
    const root = folder();
    mkdirSync(dirname(variablesIn(root)), { recursive: true });
    writeFileSync(variablesIn(root), 'GRACE_S=300\n');
    await install('--root', root);
    expect(read(unitIn(root))).toContain('\nTimeoutStopSec=360\n');
    const { graceS } = readConfig({});
    expect(graceS).toBe(30);
  });

  analyzed('writes a unit in which systemd finds no fault, with an exposure of at most 2.0', async () => {
    const root = folder();
    await install('--root', root);
    expect(analyze('verify', '--man=no', unitIn(root))).toEqual({ code: 0, said: '' });
    const { code, said } = analyze(
      'security',
      '--offline=true',
      '--threshold=20',
      '--no-pager',
      unitIn(root),
    );
    expect(code, said).toBe(0);
  });

  analyzed('writes a unit that systemd understands also for a path that is strange', () => {
    const project = join(folder(), 'Edgars shop 100% %h – #1; van');
    mkdirSync(join(project, 'src'), { recursive: true });
    const bun = join(project, 'bun');
    symlinkSync(process.execPath, bun);
    const unit = join(folder(), 'edgars.service');
    writeFileSync(unit, unitText({ user: 'root', port: 5000, bun, project, graceS: 30 }));
    expect(analyze('verify', '--man=no', unit)).toEqual({ code: 0, said: '' });
  });
});

test('install says where its program cannot be started from', async () => {
  const project = copyProject(join(folder(), "Edgar's"));
  const started = start(['install', '--root', folder()], {}, { cwd: project });
  expect(await started.exit).toBe(0);
  expect(await started.hears(/^before it can start here/)).toContain('no path with a quote');
});

test('the service sees the homes of people only when its program lies in one', () => {
  const at = (project: string, bun = '/usr/local/bin/bun') => ({ project, bun });
  expect([at('/opt/shop'), at('/homes/shop'), at('/srv/home/shop')].filter(isInHome)).toEqual([]);
  expect(
    [at('/home/edgar/shop'), at('/opt/shop', '/root/.bun/bin/bun')].filter((one) => !isInHome(one)),
  ).toEqual([]);
});

const NOBODY = { uid: 65_534, gid: 65_534 };
const canBeNobody =
  process.getuid?.() !== 0 || [ROOT, process.execPath].every((path) => isTraversable(path, NOBODY));

test.skipIf(!canBeNobody)('install without root and without --root is refused in one sentence', async () => {
  const started = start(['install'], {}, process.getuid?.() === 0 ? NOBODY : {});
  expect(await started.exit).toBe(1);
  expect(started.said).toEqual([expect.stringMatching(/^Only root can install a service: .*--root DIR\.$/)]);
  if (process.getuid?.() !== 0) expect(existsSync('/etc/edgars.env')).toBe(false);
});

test('install tells its use, and ends with 2 for words that mean nothing', async () => {
  const help = await install('--help');
  expect([help.code, help.printed]).toEqual([0, expect.stringContaining('--root DIR')]);
  const wrong = await install('--prot', '80');
  expect([wrong.code, wrong.said]).toEqual([2, expect.stringMatching(/^install does not know --prot\./)]);
});
