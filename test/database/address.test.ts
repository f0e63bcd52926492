import { describe, expect, test } from 'bun:test';
import { parseAddress, withoutPassword } from '../../src/database/address.ts';

describe('a database address', () => {
  test('names host, port, user, password and database', () => {
    expect(parseAddress('postgres://edgar:p%40ss%2Fword@db.example:6432/shop')).toMatchObject({
      hosts: [{ host: 'db.example', port: 6432 }],
      user: 'edgar',
      password: 'p@ss/word',
      database: 'shop',
      ssl: false,
      sessionKind: 'any',
    });
  });

  test('may leave out port and database', () => {
    expect(parseAddress('postgresql://edgar@db')).toMatchObject({
      hosts: [{ host: 'db', port: 5432 }],
      password: '',
      database: 'edgar',
    });
  });

  test.each([
    'postgres://u:p@localhost:5433/shop?host=/path with space/so+ck',
    'postgres://u:p@localhost:5433/shop?host=%2Fpath%20with%20space%2Fso%2Bck',
    'postgres://u:p@/shop?host=/path with space/so+ck&port=5433',
    'postgres://u:p@%2Fpath%20with%20space%2Fso+ck:5433/shop',
  ])('may name a socket folder: %s', (url) => {
    expect(parseAddress(url).hosts).toEqual([{ host: '/path with space/so+ck', port: 5433 }]);
  });

  test('may name several hosts and the kind of session that is wanted', () => {
    expect(parseAddress('postgres://u:p@a:1,b:2,[::1]:3,c/shop?target_session_attrs=primary')).toMatchObject({
      hosts: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
        { host: '::1', port: 3 },
        { host: 'c', port: 5432 },
      ],
      sessionKind: 'primary',
    });
  });

  test.each([
    ['disable', false],
    ['prefer', 'prefer'],
    ['require', 'require'],
    ['verify-full', 'verify-full'],
  ])('sslmode=%s is understood', (mode, ssl) => {
    expect(parseAddress(`postgres://u@h/d?sslmode=${mode}`).ssl as unknown).toEqual(ssl);
  });

  test.each([
    ['mysql://u@h/d', 'must look like'],
    ['localhost:5432', 'must look like'],
    ['postgres://h/d', 'must name a user'],
    ['postgres://u@h:99999/d', 'a port that'],
    ['postgres://u@h:x/d', 'a port that'],
    ['postgres://u:100%@h/d', 'write % as %25'],
    ['postgres://u@h/d?sslmode=maybe', 'sslmode'],
    ['postgres://u@h/d?sslrootcert=/nowhere.pem', 'cannot be read'],
    ['postgres://u@h/d?target_session_attrs=master', 'target_session_attrs'],
    ['postgres://u@h/d?statement_timeout=5', 'unknown parameter "statement_timeout"'],
  ])('%s is refused in one sentence without the password', (url, sentence) => {
    expect(() => parseAddress(url)).toThrow(sentence);
    expect(() => parseAddress(url.replace('u@', 'u:hush@'))).not.toThrow('hush');
  });
});

test.each([
  ['postgres://u:p%40s@db:5432/shop?sslmode=require', 'postgres://u@db:5432/shop?sslmode=require'],
  ['postgres://u:p:q@h1:1,h2:2/shop', 'postgres://u@h1:1,h2:2/shop'],
  [
    'postgres://u:p@localhost/shop?host=/a/b&password=x&pgbouncer=true',
    'postgres://u@localhost/shop?host=/a/b',
  ],
  ['postgresql://u@db', 'postgresql://u@db'],
  ['postgres://db/shop?user=u&password=x', 'postgres://db/shop?user=u'],
])('the address %s without its password', (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});
