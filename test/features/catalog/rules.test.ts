import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../src/errors.ts';
import { assertItemsFit, assertItemsStand } from '../../../src/features/catalog/rules.ts';

const pathOf = (work: () => void): string | undefined => {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error.issues?.[0]?.path;
  }
  return undefined;
};

const item = { service_id: 'a', quantity: 1 };

describe('assertItemsFit', () => {
  test('a package has items, a labour or a part has none', () => {
    expect(pathOf(() => assertItemsFit('package', [item]))).toBeUndefined();
    expect(pathOf(() => assertItemsFit('package', []))).toBe('items');
    for (const kind of ['labour', 'part'] as const) {
      expect(pathOf(() => assertItemsFit(kind, []))).toBeUndefined();
      expect(pathOf(() => assertItemsFit(kind, [item]))).toBe('items');
    }
  });
});

describe('assertItemsStand', () => {
  const a = { id: 'a', kind: 'labour', deleted_at: null } as const;
  const b = { id: 'b', kind: 'part', deleted_at: null } as const;
  const items = [item, { service_id: 'b', quantity: 2 }];

  test('lets pass living services that are no packages', () => {
    expect(pathOf(() => assertItemsStand('p', items, [b, a]))).toBeUndefined();
  });

  test('names the first item that is unknown, deleted, a package or the package itself', () => {
    const path = 'items.1.service_id';
    expect(pathOf(() => assertItemsStand('p', items, [a]))).toBe(path);
    expect(
      pathOf(() => assertItemsStand('p', items, [a, { ...b, deleted_at: '2026-01-01T00:00:00Z' }])),
    ).toBe(path);
    expect(pathOf(() => assertItemsStand('p', items, [a, { ...b, kind: 'package' }]))).toBe(path);
    expect(pathOf(() => assertItemsStand('b', items, [a, b]))).toBe(path);
  });
});
