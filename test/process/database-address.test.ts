import { describe, expect, test } from 'bun:test';
import { readConfig } from '../../src/config.ts';
import { DatabaseRefusal } from '../../src/database/failures.ts';
import { fail } from '../../src/errors.ts';
import {
  describeAddress,
  refuseIgnoredTimeout,
  refuseUnreachable,
} from '../../src/process/database-address.ts';

describe('the address of a database, as it is shown', () => {
  test.each([
    ['postgres://shop:secret@db.example:6432/shop', 'db.example:6432/shop'],
    ['postgres://shop:secret@db.example', 'db.example:5432/shop'],
    ['postgresql://shop:secret@one,two:6000/shop?sslmode=require', 'one:5432,two:6000/shop'],
    ['postgres://shop:secret@[::1]:5432/shop', '[::1]:5432/shop'],
    ['postgres://shop:s%40secret@db/shop', 'db:5432/shop'],
    ['postgres://shop:p@secret@db/shop', 'db:5432/shop'],
    ['postgres://db/shop?user=shop&password=secret', 'db:5432/shop'],
    ['postgres://shop:secret@localhost/shop?host=/run/postgresql', '/run/postgresql:5432/shop'],
  ])('%s is %s', (url, shown) => {
    expect(describeAddress(url)).toBe(shown);
    expect(shown).not.toContain('secret');
  });

  test('without one it is the embedded PostgreSQL', () =>
    expect(describeAddress(undefined)).toBe('the embedded PostgreSQL'));
});

describe('a start without its database', () => {
  const config = readConfig({ DATABASE_URL: 'postgres://shop:secret@db.example/shop' });
  const thrown = (error: unknown, given = config): unknown => {
    try {
      return refuseUnreachable(error, given);
    } catch (other) {
      return other;
    }
  };
  const away = fail('database.unavailable', 'Database connection failed', {
    cause: new Error('connect ECONNREFUSED'),
  });

  test('ends with one sentence: where, why and what to do', () =>
    expect(String(thrown(away))).toBe(
      'Refusal: The database at db.example:5432/shop cannot be reached: connect ECONNREFUSED. Check DATABASE_URL, or leave it out to use the embedded PostgreSQL.',
    ));
  test('names the variable to set where a PgBouncer refuses our limits at the connection', () => {
    const cause = new Error('unsupported startup parameter: statement_timeout');
    expect(String(thrown(fail('database.unavailable', 'Database connection failed', { cause })))).toBe(
      'Refusal: The database at db.example:5432/shop cannot be reached: unsupported startup parameter: statement_timeout. A PgBouncer stands there: set DB_PREPARE=false.',
    );
  });
  test('is refused where a PgBouncer swallows them', () => {
    expect(() => refuseIgnoredTimeout({ statementTimeoutMs: 0 }, config)).toThrow(
      'The database at db.example:5432/shop ignores DB_STATEMENT_TIMEOUT_MS: behind a PgBouncer set DB_PREPARE=false.',
    );
    expect(() => refuseIgnoredTimeout({ statementTimeoutMs: 5_000 }, config)).not.toThrow();
  });
  test('ends with the sentence of whoever refused the address or the tables', () =>
    expect(String(thrown(new DatabaseRefusal('The database URL must name a user.')))).toBe(
      'Refusal: The database URL must name a user.',
    ));
  test('keeps every other fault as it is', () => {
    const fault = new TypeError('a bug');
    expect(thrown(fault)).toBe(fault);
    expect(thrown(away, readConfig({}))).toBe(away);
  });
});
