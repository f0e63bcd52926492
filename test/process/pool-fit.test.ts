import { afterAll, describe, expect, test } from 'bun:test';
import { readConfig } from '../../src/config.ts';
import { openPool } from '../../src/database/pool.ts';
import { newTrace } from '../../src/database/timing.ts';
import { createLog } from '../../src/observe/log.ts';
import { findServerLimits, fittingPool, fitWarnings } from '../../src/process/pool-fit.ts';
import { poolOptions } from '../../src/process/pool-options.ts';
import { connect } from '../helpers/connection.ts';
import { adminUrlOfRun, urlOfRun } from '../helpers/run.ts';

const fit = (workers: number, dbPoolMax: number, connections: number, boxes = 1): number =>
  fittingPool({ workers, dbPoolMax, boxes }, { connections });

describe('the pool of each worker', () => {
  test('stays as wanted where it fits, and not one larger', () => {
    expect(fit(2, 20, 100)).toBe(20);
    expect(fit(2, 20, 1_000)).toBe(20);
    expect(fit(2, 20, 63)).toBe(20);
    expect(fit(2, 20, 62)).toBe(19);
  });

  test('is never none, however small the server', () => {
    expect(fit(8, 20, 10)).toBe(1);
    expect(fit(64, 200, 0)).toBe(1);
  });

  test('leaves room for a worker that is being replaced, and for the health connection of each', () => {
    for (let workers = 1; workers <= 64; workers++) {
      for (const connections of [100, 197, 400, 997]) {
        const max = fit(workers, 20, connections);
        if (max > 1) expect((workers + 1) * (max + 1)).toBeLessThanOrEqual(connections);
        if (max < 20) expect((workers + 1) * (max + 2)).toBeGreaterThan(connections);
      }
    }
  });

  test('leaves to each other box as much as it takes itself', () => {
    expect(fit(2, 20, 97, 2)).toBe(15);
    for (const boxes of [2, 3, 8]) {
      const max = fit(2, 20, 197, boxes);
      expect(boxes * 3 * (max + 1)).toBeLessThanOrEqual(197);
      if (max < 20) expect(boxes * 3 * (max + 2)).toBeGreaterThan(197);
    }
  });
});

describe('what a start says of it', () => {
  const wanted = { workers: 2, dbPoolMax: 20, boxes: 1 };
  const limits = { version: '18', connections: 97, statementTimeoutMs: 5_000, taken: 0 };

  test('nothing, where all have what they want', () => expect(fitWarnings(wanted, 20, limits)).toEqual([]));

  test('that the pools are smaller, and for how many boxes', () => {
    expect(fitWarnings({ ...wanted, boxes: 2 }, 15, { ...limits, taken: 30 })).toEqual([
      'warning: 2 workers get 15 connections each instead of 20: the server allows 97 to 2 boxes in all',
    ]);
  });

  test('that another box is there, when this one believes to be alone', () => {
    expect(fitWarnings(wanted, 20, { ...limits, taken: 30 })).toEqual([
      'warning: another box has 30 connections to this server: set BOXES on each to how many share it',
    ]);
  });
});

describe('the limits of a server', () => {
  const ends: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const end of ends) await end();
  });

  test('are what an ordinary role may use', async () => {
    const url = await urlOfRun();
    const config = readConfig({ DATABASE_URL: url, DB_POOL_MAX: '1', DB_POOL_MIN: '0' });
    const pool = openPool(poolOptions(config, url, 'test'), createLog({ level: 'silent' }));
    const admin = connect(await adminUrlOfRun());
    ends.push(
      () => pool.close(),
      () => admin.end(),
    );
    const limits = await findServerLimits(pool.database(newTrace('test')));
    const [{ max_connections: all = 0 } = {}] = await admin<{ max_connections: number }[]>`
      select current_setting('max_connections')::int as max_connections`;
    const [{ version = '' } = {}] = await admin<{ version: string }[]>`select version()`;
    // PostgreSQL keeps three for its superuser, unless it is told otherwise.
    expect(limits.connections).toBe(all - 3);
    expect(limits.statementTimeoutMs).toBe(config.dbStatementTimeoutMs);
    expect(version).toStartWith(`PostgreSQL ${limits.version} `);
  });
});
