import { describe, expect, test } from 'bun:test';
import { readValidateWords } from '../../../src/cli/validate/words.ts';

const planOf = (...words: string[]) => {
  const read = readValidateWords(words, 5000);
  if (read.kind !== 'run') throw new Error(`not a run: ${JSON.stringify(read)}`);
  return read.plan;
};

describe('without a word', () => {
  test('this machine at PORT is measured, with the baseline and five steps', () =>
    expect(planOf()).toEqual({
      ...{ address: 'http://127.0.0.1:5000', users: [1, 10, 25, 50, 100, 200], seconds: 10 },
      ...{ thinkMs: 0, timeoutMs: 10_000, writes: true, json: false },
    }));
  test('PORT 0 is no address', () => expect(readValidateWords([], 0).kind).toBe('fault'));
});

describe('the words', () => {
  test('every option is taken, and the baseline stands in front once', () =>
    expect(
      planOf(
        ...[
          'https://shop.example/',
          '--users',
          '1,7,3',
          '--seconds',
          '2',
          '--think',
          '30',
          '--timeout',
          '40',
        ],
        ...['--no-writes', '--json', '--html', 'r.html', '--email', 'a@b.test', '--password-file', 'p'],
      ),
    ).toEqual({
      ...{ address: 'https://shop.example', users: [1, 7, 3], seconds: 2, thinkMs: 30, timeoutMs: 40 },
      ...{ writes: false, json: true, html: 'r.html', email: 'a@b.test', passwordFile: 'p' },
    }));

  test.each([
    ['localhost:5000', 'http://localhost:5000'],
    ['10.0.0.7', 'http://10.0.0.7'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('%s is the address %s', (word, address) => expect(planOf(word).address).toBe(address));

  test.each([
    [['--users', '10,0'], '--users must be a whole number from 1 to 250.'],
    [['--users', '251'], '--users must be a whole number from 1 to 250.'],
    [['--users', ''], '--users must not contain an empty value.'],
    [['--seconds', '0'], '--seconds must be a whole number from 1 to 600.'],
    [['--think', 'long'], '--think must be a whole number from 0 to 60000.'],
    [['--timeout', '0'], '--timeout must be a whole number from 1 to 60000.'],
    [['--user', '5'], "Unknown option '--user'."],
    [['one', 'two'], 'two is one word too many: validate takes one address.'],
    [['http://shop.example/v1'], 'http://shop.example/v1 is no address such as http://127.0.0.1:5000.'],
    [['ftp://shop.example'], 'ftp://shop.example is no address such as http://127.0.0.1:5000.'],
    [
      ['http://me:secret@shop.example'],
      'http://me:secret@shop.example is no address such as http://127.0.0.1:5000.',
    ],
  ])('%j is refused', (words, fault) =>
    expect(readValidateWords(words, 5000)).toEqual({ kind: 'fault', fault }),
  );

  test.each([['--help'], ['-h'], ['help']])('%s helps', (word) =>
    expect(readValidateWords([word], 5000)).toEqual({ kind: 'help' }),
  );
});
