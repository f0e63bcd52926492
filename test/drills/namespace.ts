import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const MIGRATE_REQUESTS = '/proc/sys/net/ipv4/tcp_migrate_req';

/** Whether connections that wait at a worker which ends go over to another one. */
export const migratesRequests = (): boolean =>
  existsSync(MIGRATE_REQUESTS) && readFileSync(MIGRATE_REQUESTS, 'utf8').trim() === '1';

/** For servers that are started from now on; without a namespace of the drill's own the machine's setting stays. */
export const setMigrateRequests = (isOn: boolean): void => {
  if (process.env.DRILL_NAMESPACE === 'own' && existsSync(MIGRATE_REQUESTS))
    writeFileSync(MIGRATE_REQUESTS, isOn ? '1' : '0');
};
