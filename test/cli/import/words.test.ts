import { describe, expect, test } from 'bun:test';
import { readImportWords } from '../../../src/cli/import/words.ts';

const PLAIN = { as: undefined, maps: [], isVinUnchecked: false, isDryRun: false };

describe('the words after import', () => {
  test('that are understood', () => {
    expect(readImportWords(['a.csv'])).toEqual({ kind: 'import', file: 'a.csv', ...PLAIN });
    expect(readImportWords(['--as', 'vehicles', 'a b.csv', '--vin-unchecked', '--dry-run'])).toEqual({
      ...{ kind: 'import', file: 'a b.csv', as: 'vehicles', maps: [] },
      ...{ isVinUnchecked: true, isDryRun: true },
    });
    for (const help of [['--help'], ['-h'], ['help'], ['a.csv', '--help']]) {
      expect(readImportWords(help)).toEqual({ kind: 'help' });
    }
  });

  test('--map may come several times, and the name of a column may hold an equals sign', () => {
    const words = readImportWords(['a.csv', '--map', 'Cell no. = phone', '--map=a=b=notes']);
    expect(words).toMatchObject({
      maps: [
        { column: 'Cell no.', field: 'phone' },
        { column: 'a=b', field: 'notes' },
      ],
    });
  });

  test.each([
    [[], 'Which file?'],
    [['a.csv', 'b.csv'], 'b.csv is one word too many'],
    [['a.csv', '--as', 'customer'], 'was customers meant?'],
    [['a.csv', '--as', 'boats'], '--as must be customers or vehicles, not boats.'],
    [['a.csv', '--map', 'phone'], '--map takes "Column=field"'],
    [['a.csv', '--map', '=phone'], '--map takes "Column=field"'],
    [['a.csv', '--map', 'Cell='], '--map takes "Column=field"'],
    [['a.csv', '--dryrun'], "'--dryrun'"],
    [['a.csv', '--as'], '--as'],
  ])('%j is answered with a sentence about it', (rest, sentence) => {
    const words = readImportWords(rest);
    if (words.kind !== 'fault') throw new Error(`was understood as ${words.kind}`);
    expect(words.fault).toContain(sentence);
    expect(words.fault).toMatch(/[.?]$/);
  });
});
