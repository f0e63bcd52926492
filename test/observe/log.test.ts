import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { createLog, type Level } from '../../src/observe/log.ts';

const logAt = (level: Level) => {
  const lines: Record<string, unknown>[] = [];
  return { log: createLog({ level, write: (line) => lines.push(JSON.parse(line)) }), lines };
};

describe('the log', () => {
  test('writes one JSON line with level, time, fields and message', () => {
    const { log, lines } = logAt('info');
    log.info({ route: '/health', ms: 1.5 }, 'request');
    log.debug({}, 'too fine');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        route: '/health',
        ms: 1.5,
        message: 'request',
      },
    ]);
  });

  test('keeps of an error only what can hold nothing personal', () => {
    const { log, lines } = logAt('info');
    const cause = Object.assign(new Error('inner'), { code: '23505', detail: 'hush', parameters: ['hush'] });
    const error = Object.assign(new Error('outer', { cause }), { query: 'hush', issues: ['hush'] });
    log.error({ error, err: error }, 'failed');
    const told = {
      type: 'Error',
      message: 'outer',
      cause: { type: 'Error', message: 'inner', code: '23505' },
    };
    expect(lines[0]).toMatchObject({ error: told, err: told });
    expect(JSON.stringify(lines)).not.toContain('hush');
  });

  test('survives what is no error, and errors that cause each other', () => {
    const { log, lines } = logAt('info');
    const circle: Error = new Error('circle');
    circle.cause = circle;
    for (const error of [circle, 'text', null, undefined, 7]) log.error({ error }, 'failed');
    expect(lines).toHaveLength(5);
  });

  const linesOf = async (script: string): Promise<string[]> => {
    const source = `import { createLog } from '${join(import.meta.dir, '../../src/observe/log.ts')}';
      const log = createLog({ level: 'info' }); ${script}`;
    const child = Bun.spawn([process.execPath, '-e', source], { stdout: 'pipe' });
    return (await new Response(child.stdout).text()).trim().split('\n');
  };

  test('loses no line when the process flushes and exits', async () => {
    const lines = await linesOf(
      `for (let n = 0; n < 5000; n += 1) log.info({ n }, 'x'); log.flush(); process.exit(0)`,
    );
    expect(lines.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: 5000 }, (_, n) => n));
  });

  test('keeps no process alive, and writes a lone line before long', async () => {
    expect(await linesOf(`log.info({}, 'alone')`)).toHaveLength(1);
  });

  test('does not end the process when its reader has gone', async () => {
    const script = `for (let n = 0; n < 3000; n += 1) log.info({ n }, 'x'.repeat(100));
      await Bun.sleep(300); log.info({}, 'y'); await Bun.sleep(300); log.flush(); process.stderr.write('alive');`;
    const source = `import { createLog } from '${join(import.meta.dir, '../../src/observe/log.ts')}';
      const log = createLog({ level: 'info' }); ${script}`;
    const child = Bun.spawn(['sh', '-c', `"$0" -e "$1" | head -n 1 > /dev/null`, process.execPath, source], {
      stdout: 'ignore',
      stderr: 'pipe',
    });
    expect(await new Response(child.stderr).text()).toContain('alive');
  });
});
