import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeReload } from '../../src/process/announce.ts';
import { household } from './started.ts';

const { folder } = household();

test('a start says in one line that the kernel does not hand waiting connections over, and nothing where it does', () => {
  const path = join(folder(), 'tcp_migrate_req');
  expect(describeReload(path)).toBeUndefined();
  writeFileSync(path, '1\n');
  expect(describeReload(path)).toBeUndefined();
  writeFileSync(path, '0\n');
  expect(describeReload(path)).toMatch(/^net\.ipv4\.tcp_migrate_req is off: .*\.\/start\.sh install\)$/);
});
