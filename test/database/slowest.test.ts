import { describe, expect, test } from 'bun:test';
import { createSlowest, readable } from '../../src/database/slowest.ts';

describe('the table of the slowest texts', () => {
  test('tells count, total, the 95th of a hundred and the longest', () => {
    const table = createSlowest();
    for (let ms = 1; ms <= 100; ms += 1) table.add('select $1', ms);
    const [cost] = table.list(10);
    expect(cost).toMatchObject({ statement: 'select ?', count: 100, totalMs: 5050, maxMs: 100 });
    // A bucket is 19 % wide.
    expect(cost?.p95Ms).toBeWithin(95, 95 * 1.19 + 0.001);
  });

  test('takes times of nothing and of hours', () => {
    const table = createSlowest();
    for (const ms of [0, -1, 1e-9, 1e9]) table.add('a', ms);
    expect(table.list(1)[0]).toMatchObject({ count: 4, maxMs: 1e9 });
    expect(table.list(1)[0]?.p95Ms).toBeGreaterThan(0);
  });

  test('lists the costliest first, and stays bounded without losing it', () => {
    const table = createSlowest();
    for (let text = 0; text < 5000; text += 1) {
      table.add('the costliest', 3);
      table.add(`text ${text}`, 1);
    }
    expect(table.list(10_000).length).toBeLessThanOrEqual(300);
    expect(table.list(1)[0]).toMatchObject({ statement: 'the costliest', count: 5000 });
  });

  test('shows a text on one line with ? for each value', () => {
    expect(readable('  select $1,\n    $12\n  from t ')).toBe('select ?, ? from t');
  });
});
