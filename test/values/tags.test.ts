import { describe, expect, test } from 'bun:test';
import { tags } from '../../src/values/tags.ts';
import { accepts, read } from './read.ts';

describe('tags', () => {
  test('keeps the order and trims each', () => {
    expect(read(tags(), [' fleet ', 'diesel'])).toEqual(['fleet', 'diesel']);
    expect(read(tags(), ['x'.repeat(40)])).toEqual(['x'.repeat(40)]);
    expect(read(tags(), [])).toEqual([]);
  });

  test('takes twenty and refuses twenty-one', () => {
    const many = Array.from({ length: 21 }, (_, index) => `tag ${index}`);
    expect(accepts(tags(), many.slice(1))).toBe(true);
    for (const tooMany of [many, Array.from({ length: 21 }, () => 'same')]) {
      expect(read(tags(), tooMany)).toEqual({ refused: ['must be at most 20 tags'] });
    }
  });

  test('refuses the same tag twice, whatever its case', () => {
    expect(read(tags(), ['Fleet', ' fleet'])).toEqual({ refused: ['must not have the same tag twice'] });
  });

  test('refuses empty, long and wild tags, and what is no list', () => {
    for (const input of [[''], ['x'.repeat(41)], ['a\u0000'], [1], [null]]) {
      expect(accepts(tags(), input)).toBe(false);
    }
    for (const input of ['fleet', {}, null]) {
      expect(read(tags(), input)).toEqual({ refused: ['must be a list of tags'] });
    }
  });
});
