import { describe, expect, test } from 'bun:test';
import { lengthMinutes, overlaps, type Slot } from '../../src/values/slot.ts';

const at = (from: string, to: string): Slot => ({
  startsAt: `2026-01-01T${from}Z`,
  endsAt: `2026-01-01T${to}Z`,
});

describe('overlaps', () => {
  const ten = at('10:00:00', '11:00:00');

  test.each([
    ['the same', at('10:00:00', '11:00:00'), true],
    ['inside', at('10:15:00', '10:30:00'), true],
    ['around', at('09:00:00', '12:00:00'), true],
    ['over the start', at('09:30:00', '10:00:00.001'), true],
    ['over the end', at('10:59:59.999', '12:00:00'), true],
    ['touching the start', at('09:00:00', '10:00:00'), false],
    ['touching the end', at('11:00:00', '12:00:00'), false],
    ['before', at('08:00:00', '09:00:00'), false],
    ['after', at('12:00:00', '13:00:00'), false],
  ])('%s', (_, other, expected) => {
    expect(overlaps(ten, other)).toBe(expected);
    expect(overlaps(other, ten)).toBe(expected);
  });
});

describe('lengthMinutes', () => {
  test('is negative for a slot that ends before it starts', () => {
    expect(lengthMinutes(at('10:00:00', '11:30:00'))).toBe(90);
    expect(lengthMinutes(at('11:00:00', '10:00:00'))).toBe(-60);
  });
});
