import { expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject } from './copy.ts';
import { household, kill, until } from './started.ts';

setDefaultTimeout(120_000);

const { folder, database, start } = household();

const develop = async () => {
  const project = copyProject(join(folder(), 'a copy of the project'));
  const server = start(
    ['dev'],
    { DATA_DIR: folder(), DATABASE_URL: await database(), PORT: '0', HOST: '0.0.0.0', WORKERS: '3' },
    { cwd: project },
  );
  const address = await server.ready();
  const file = join(project, 'src/features/health/routes.ts');
  const text = readFileSync(file, 'utf8');
  const change = (to: (text: string) => string) => writeFileSync(file, to(text));
  const status = async (): Promise<string | undefined> => {
    const answer = await fetch(`${address}/health/live`, { keepalive: false }).catch(() => undefined);
    return answer?.ok ? JSON.parse(await answer.text()).data.status : undefined;
  };
  const answers = (wanted: string) => until(`"${wanted}"`, async () => (await status()) === wanted);
  return { server, change, answers };
};

test('a change of a source file is answered by the new code, a broken one is told, a mended one works', async () => {
  const { server, change, answers } = await develop();
  await answers('ok');
  change((text) => text.replaceAll("'ok'", "'changed'"));
  await answers('changed');
  expect(await server.hears(/changed: starting again$/)).toBe(
    'src/features/health/routes.ts changed: starting again',
  );
  change((text) => `${text}\nconst broken = ;\n`);
  await server.hears(/^the old worker stays: /);
  await answers('changed');
  change((text) => text.replaceAll("'ok'", "'mended'"));
  await answers('mended');
  server.signal('SIGTERM');
  expect(await server.exit).toBe(0);
});

test('it is one worker, on this machine only, with a log for people', async () => {
  const { server } = await develop();
  expect(server.said.find((line) => line.startsWith('ready: '))).toMatch(
    /^ready: http:\/\/127\.0\.0\.1:\d+ \(on this address only\)$/,
  );
  await server.hears(/^ {2}1 worker, /);
  const line = await until('a line of the log', () =>
    server.printed.find((text) => /worker ready/.test(text)),
  );
  expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info worker ready worker=1 pid=\d+$/);
  const [, pid = ''] = /pid=(\d+)/.exec(line) ?? [];
  kill(Number(pid), 'SIGKILL');
  const told = await until('the end', () => endsOf(server.printed)[0]);
  expect(told).toContain(
    `warn a worker ended and is started again worker=1 pid=${pid} reason=signal SIGKILL`,
  );
});

const endsOf = (printed: string[]): string[] =>
  printed.filter((text) => text.includes('a worker ended and is started again'));
