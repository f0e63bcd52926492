import { describe, expect, test } from 'bun:test';
import { nearest } from '../../src/values/nearest.ts';

const PARAMETERS = ['limit', 'cursor', 'sort', 'q', 'from', 'to', 'status', 'technician_id', 'customer_id'];

describe('nearest', () => {
  test.each([
    ['lmit', 'limit'],
    ['limits', 'limit'],
    ['cursro', 'cursor'],
    ['STATUS', 'status'],
    ['frm', 'from'],
    ['fro', 'from'],
    ['ot', 'to'],
    ['technican_id', 'technician_id'],
    ['technicianId', 'technician_id'],
    ['technician', 'technician_id'],
    ['customer', 'customer_id'],
  ])('%s is near %s', (word, expected) => {
    expect(nearest(word, PARAMETERS)).toBe(expected);
  });

  test.each(['', 'x', 'page', 'include_deleted', 'zzzzz', 'constructor', '__proto__'])(
    '%j is near nothing',
    (word) => {
      expect(nearest(word, PARAMETERS)).toBeUndefined();
    },
  );

  test('prefers the nearer name, wherever it stands', () => {
    expect(nearest('limit', ['limits', 'limit', 'limes'])).toBe('limit');
  });

  test('compares without case on both sides', () => {
    expect(nearest('log_lvel', ['LOG_LEVEL'])).toBe('LOG_LEVEL');
  });

  test.each([
    ['abcdef', 'abcdxy', true],
    ['abcdef', 'abcxyz', false],
    ['abcdef', 'badcef', true],
    ['abcdef', 'badcfe', false],
    ['abcdef', 'abcd', true],
    ['abcd', 'abcdef', true],
    ['abcdef', 'abc', false],
    ['abc', 'abcdef', false],
    ['bacdef', 'abcdefg', true],
    ['abcde', 'abcxy', false],
  ])('allows one edit for three letters: %s and %s', (word, name, isNear) => {
    expect(nearest(word, [name])).toBe(isNear ? name : undefined);
  });

  test('takes the first of two that are equally near, and knows no name in an empty list', () => {
    expect(nearest('cat', ['bat', 'rat'])).toBe('bat');
    expect(nearest('limit', [])).toBeUndefined();
  });

  test('does not compare a word longer than any name', () => {
    expect(nearest('x'.repeat(64), ['x'.repeat(64)])).toBe('x'.repeat(64));
    expect(nearest('x'.repeat(65), ['x'.repeat(65)])).toBeUndefined();
  });
});
