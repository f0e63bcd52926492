import { expect, test } from 'bun:test';
import { readInstallWords } from '../../../src/cli/install/words.ts';

test('install takes each of its options once, in any order', () => {
  expect(readInstallWords([])).toEqual({ kind: 'install' });
  expect(readInstallWords(['--port', '8080', '--root', '/srv/image', '--user', 'shop-1'])).toEqual({
    ...{ kind: 'install', root: '/srv/image', user: 'shop-1', port: 8080 },
  });
  expect(readInstallWords(['--help'])).toEqual({ kind: 'help' });
});

test.each([
  [['--prot', '8080'], 'does not know --prot'],
  [['/srv'], 'does not know /srv'],
  [['--root'], '--root needs a value'],
  [['--user', 'root'], 'unprivileged'],
  [['--user', 'a b'], 'unprivileged'],
  [['--user', 'x\nExecStartPre=/bin/sh'], 'unprivileged'],
  [['--port', '443'], 'from 1024'],
  [['--port', '70000'], 'from 1024'],
  [['--port', '5000x'], 'from 1024'],
  [['--port', '5000', '--port', '5001'], 'given twice'],
])('install refuses %j and names the fault', (words, fault) => {
  expect(readInstallWords(words)).toEqual({ kind: 'fault', fault: expect.stringContaining(fault) });
});
