import { describe, expect, test } from 'bun:test';
import { id, isId, newId } from '../../src/values/id.ts';
import { read } from './read.ts';

const ID = '01a20bd7-9f55-7017-915d-6baafcf0605d';

// PostgreSQL takes some of these, and the same row would have several addresses.
const NOT_IDS = [
  '',
  'abc',
  ID.slice(1),
  `${ID}0`,
  `${ID}\n`,
  ` ${ID}`,
  `{${ID}}`,
  ID.replaceAll('-', ''),
  ID.replace('a', 'g'),
  `${ID}\u0000`,
];

describe('id', () => {
  test('takes any case and gives lower case', () => {
    expect(read(id(), ID.toUpperCase())).toBe(ID);
  });

  test.each(NOT_IDS)('refuses %j with one sentence that shows an id', (text) => {
    expect(read(id(), text)).toEqual({ refused: [`must be an id, for example ${ID}`] });
  });

  test('refuses what is not a text', () => {
    for (const input of [null, 1, {}, [ID]]) expect(read(id(), input)).toHaveProperty('refused');
  });
});

describe('isId', () => {
  test('agrees with the schema', () => {
    expect(isId(ID)).toBe(true);
    expect(isId(ID.toUpperCase())).toBe(true);
    for (const text of NOT_IDS) expect(isId(text)).toBe(false);
  });
});

describe('newId', () => {
  test('makes ids of version 7 that sort by the order of their making', () => {
    const ids = Array.from({ length: 1000 }, newId);
    expect(ids.every((made) => isId(made) && made.charAt(14) === '7')).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
