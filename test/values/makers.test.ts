import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { MODELS, VANS } from '../../src/cli/demo/models.ts';
import { MAKERS } from '../../src/values/makers.ts';

describe('the makers', () => {
  test('have codes of three of the VIN’s characters, and each code stands once', async () => {
    for (const code of MAKERS.keys()) expect(code).toMatch(/^[A-HJ-NPR-Z\d]{3}$/);
    const source = await Bun.file(join(import.meta.dir, '../../src/values/makers.ts')).text();
    const lists = source.match(/'[A-Z\d]{3}(?: [A-Z\d]{3})*'/g) ?? [];
    const written = lists.flatMap((list) => list.slice(1, -1).split(' '));
    expect(written.length).toBeGreaterThan(250);
    expect(written.sort()).toEqual([...MAKERS.keys()].sort());
  });

  test('agree with what is driven in the demo', () => {
    for (const { make, maker } of [...MODELS, ...VANS]) {
      const name = MAKERS.get(maker);
      expect([maker, name?.includes(make)]).toEqual([maker, true]);
    }
  });
});
