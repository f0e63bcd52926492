import { describe, expect, test } from 'bun:test';
import { createLog } from '../../src/observe/log.ts';
import { type Loop, startBackground } from '../../src/process/background.ts';

const lines: string[] = [];
const log = createLog({ level: 'info', write: (line) => lines.push(line) });
const loop = (name: string, work: Loop['work']): Loop => ({ name, everyMs: 0, work });

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await Bun.sleep(1);
};

describe('work in the background', () => {
  test('is done again and again until it is stopped, and what is under way is finished', async () => {
    let rounds = 0;
    const last = Promise.withResolvers<void>();
    let isDone = false;
    const work = async (): Promise<void> => {
      rounds += 1;
      if (rounds < 3) return;
      await last.promise;
      isDone = true;
    };
    const background = startBackground([loop('test', work)], log);
    await until(() => rounds === 3);
    const stopped = background.stop().then(() => isDone);
    last.resolve();
    expect(await stopped).toBe(true);
    await Bun.sleep(5);
    expect(rounds).toBe(3);
  });

  test('that fails is told of once, and the others go on', async () => {
    let rounds = 0;
    const work = async (): Promise<void> => {
      rounds += 1;
    };
    const failing = () => Promise.reject(new Error('no database'));
    const background = startBackground([loop('bad', failing), loop('good', work)], log);
    await until(() => rounds > 5 && lines.length > 0);
    await background.stop();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('no database');
  });
});
