import { readdirSync } from 'node:fs';
import type { Status } from '../../src/process/admin.ts';
import { connect } from '../helpers/connection.ts';
import { statusOf } from '../process/requests.ts';
import { figure } from './figures.ts';
import type { DrillShop } from './shop.ts';

type Sample = {
  at: number;
  workers: Status['workers'];
  /** Open files and sockets of each worker; undefined for one that has just ended, or where there is no /proc. */
  descriptors: (number | undefined)[];
  /** To the database, of the whole server. */
  connections: number;
};
type Readiness = { at: number; status: number | undefined; tookMs: number };
export type Probed = { samples: Sample[]; readiness: Readiness[] };
export type Probes = { stop(): Promise<Probed> };

const SAMPLE_EVERY_MS = 500;
const ASK_READY_EVERY_MS = 100;
const READY_WITHIN_MS = 5_000;

/** What is watched from outside while a drill runs. */
export const startProbes = (shop: DrillShop): Probes => {
  const sql = connect(shop.databaseUrl);
  const samples: Sample[] = [];
  const readiness: Readiness[] = [];
  let isOver = false;
  const look = async (): Promise<void> => {
    while (!isOver) {
      const status = await statusOf(shop.server).catch(() => undefined);
      // Whatever is being done to the database, this looks on.
      const [row] = await sql`select count(*)::int4 as count from pg_stat_activity
        where application_name in ('edgars-worker', 'edgars-supervisor')`.catch(() => []);
      if (status !== undefined) {
        const { workers } = status;
        const descriptors = workers.map(({ pid }) => descriptorsOf(pid));
        samples.push({ at: performance.now(), workers, descriptors, connections: row?.count ?? 0 });
      }
      await Bun.sleep(SAMPLE_EVERY_MS);
    }
  };
  const asked: Promise<void>[] = [];
  const askReady = async (): Promise<void> => {
    const at = performance.now();
    const response = await fetch(`${shop.address}/health/ready`, {
      ...{ keepalive: false, signal: AbortSignal.timeout(READY_WITHIN_MS) },
    }).catch(() => undefined);
    readiness.push({ at, status: response?.status, tookMs: performance.now() - at });
  };
  const looking = look();
  const asking = setInterval(() => asked.push(askReady()), ASK_READY_EVERY_MS);
  return {
    stop: async () => {
      isOver = true;
      clearInterval(asking);
      await Promise.all([looking, ...asked]);
      await sql.end();
      return { samples, readiness };
    },
  };
};

const descriptorsOf = (pid: number | null): number | undefined => {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
};

export const mostConnections = ({ samples }: Probed): number =>
  Math.max(...samples.map(({ connections }) => connections));

/** One line of them in the drill's table. */
export const noteProbes = (drill: string, probed: Probed): void => {
  const { samples, readiness } = probed;
  const workers = samples.flatMap((sample) => sample.workers);
  const ready = readiness.filter(({ status }) => status === 200).length;
  const most = (values: (number | undefined)[]): number => Math.max(...values.map((value) => value ?? 0));
  const seen = [
    `ready ${ready} of ${readiness.length}`,
    `${new Set(workers.map(({ pid }) => pid)).size} worker pids`,
    `RSS ${most(workers.map(({ rss_mb }) => rss_mb))} MB`,
    `${most(samples.flatMap(({ descriptors }) => descriptors))} descriptors`,
    `${mostConnections(probed)} database connections`,
    `event loop ${Math.round(most(workers.map(({ lag_ms }) => lag_ms)))} ms late`,
  ];
  figure(drill, 'probes, the most of each', seen.join(', '), '–');
};
