import { expect, test } from 'bun:test';
import { withProgress } from '../../../src/cli/validate/progress.ts';

test('says where the work stands at once, again and again while it lasts, and no more after it', async () => {
  const said: string[] = [];
  let stand = 'begun';
  const done = Promise.withResolvers<string>();
  const work = withProgress(
    (line) => {
      said.push(line);
      stand = `line ${said.length}`;
      if (said.length === 3) done.resolve('the result');
    },
    () => stand,
    done.promise,
  );
  expect(said).toEqual(['begun']);
  expect(await work).toBe('the result');
  await Bun.sleep(2_000);
  expect(said).toEqual(['begun', 'line 1', 'line 2']);
}, 60_000);
