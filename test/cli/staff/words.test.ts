import { describe, expect, test } from 'bun:test';
import { readStaffWords } from '../../../src/cli/staff/words.ts';

const read = (text: string) => readStaffWords(text.split(' ').filter((word) => word !== ''));
const ADD = 'add --email ida@example.com --name Ida --role advisor';

describe('the words after staff', () => {
  test('that are understood', () => {
    expect(read(ADD)).toEqual({ kind: 'add', email: 'ida@example.com', name: 'Ida', role: 'advisor' });
    expect(
      readStaffWords(['add', '--role=owner', '--email=IDA@example.com', '--name', ' Ida Berg ']),
    ).toEqual({
      ...{ kind: 'add', email: 'ida@example.com', name: 'Ida Berg', role: 'owner' },
    });
    expect(read('list')).toEqual({ kind: 'list' });
    expect(read('password Ida@Example.com')).toEqual({ kind: 'password', email: 'ida@example.com' });
    for (const help of ['--help', '-h', 'help', 'add --help', 'list -h']) {
      expect(read(help)).toEqual({ kind: 'help' });
    }
  });

  test.each([
    ['', 'add, list or password'],
    ['lst', 'was list meant?'],
    ['remove', 'does not know remove.'],
    ['add', 'needs --email'],
    ['add --email ida@example.com', 'needs --name'],
    ['add --email ida@example.com --name Ida', 'needs --role'],
    ['add --email ida --name Ida --role owner', '--email must be an e-mail address'],
    ['add --email ida@example.com --name  --role owner', '--name'],
    ['add --email ida@example.com --name Ida --role boss', '--role must be one of owner, advisor'],
    ['add --emial ida@example.com', "'--emial'"],
    ['add --email', '--email'],
    [`${ADD} Berg`, 'in quotes'],
    ['list all', 'one word too many'],
    ['list --name Ida', 'does not know --name'],
    ['password', 'Whose password?'],
    ['password ida', 'ida is no e-mail address'],
    ['password --email ida@example.com', 'does not know --email'],
    ['password ida@example.com hunter2', 'STAFF_PASSWORD'],
    [`${ADD} --password hunter2`, 'where others can read it: set STAFF_PASSWORD'],
  ])('%j is answered with a sentence about it', (text, sentence) => {
    const words = read(text);
    if (words.kind !== 'fault') throw new Error(`was understood as ${words.kind}`);
    expect(words.fault).toContain(sentence);
    expect(words.fault).toMatch(/[.?]$/);
    expect(words.fault).not.toContain('hunter2');
  });
});
