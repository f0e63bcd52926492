import type { Config } from '../config.ts';
import type { PoolOptions } from '../database/pool.ts';

export const poolOptions = (config: Config, url: string, applicationName: string): PoolOptions => ({
  url,
  max: config.dbPoolMax,
  min: config.dbPoolMin,
  acquireTimeoutMs: config.dbAcquireTimeoutMs,
  queueMax: config.dbQueueMax,
  lockTimeoutMs: config.dbLockTimeoutMs,
  statementTimeoutMs: config.dbStatementTimeoutMs,
  slowQueryMs: config.slowQueryMs,
  prepare: config.dbPrepare,
  applicationName,
});
