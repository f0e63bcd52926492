import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLogin } from '../../../src/cli/validate/login.ts';
import { readValidateWords } from '../../../src/cli/validate/words.ts';

const folder = await mkdtemp(join(tmpdir(), 'edgars-login-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
await Bun.write(join(folder, 'first-owner'), 'owner@shop.local\nnoted\n');
const file = join(folder, 'password');
await Bun.write(file, ' typed in a file \n');

const NOBODY = { email: undefined, password: undefined };
const IDA = { email: 'ida@shop.test', password: 'of the variables' };
const login = (
  words: string[],
  variables: { email: string | undefined; password: string | undefined } = NOBODY,
) => {
  const read = readValidateWords(words, 5000);
  if (read.kind !== 'run') throw new Error(JSON.stringify(read));
  return readLogin(read.plan, variables, folder);
};

describe('the login', () => {
  test('of the options comes first; the password is the file without its line end', () =>
    expect(login(['--email', 'max@shop.test', '--password-file', file], IDA)).toEqual({
      email: 'max@shop.test',
      password: ' typed in a file ',
    }));
  test('of the variables comes next, also one half of it', () => {
    expect(login([], IDA)).toEqual(IDA);
    expect(login(['--email', 'max@shop.test'], IDA).password).toBe(IDA.password);
  });
  test.each([['http://127.0.0.1:1'], ['localhost'], ['http://[::1]:5000']])(
    'of the first owner is used for %s, even where EMAIL alone is set',
    (address) =>
      expect(login([address], { ...NOBODY, email: 'git@somebody.test' })).toEqual({
        email: 'owner@shop.local',
        password: 'noted',
      }),
  );
  test.each([['http://shop.example'], ['http://127.0.0.1.shop.example'], ['http://10.0.0.7']])(
    'of the first owner is never sent to %s',
    (address) => expect(() => login([address])).toThrow('There is no login'),
  );
  test.each([
    [['--email', 'max@shop.test'], '--email needs a password'],
    [['--password-file', file], '--password-file needs an address'],
    [['--email', 'a@b.test', '--password-file', join(folder, 'none')], 'none cannot be read.'],
  ])('%j is refused', (words, sentence) => expect(() => login(words)).toThrow(sentence));
});
