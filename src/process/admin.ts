import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client';
import manifest from '../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import type { ReplicaStatus } from '../database/replica.ts';
import type { TextCost } from '../database/slowest.ts';
import type { Fleet } from './fleet.ts';
import type { Report } from './messages.ts';
import { refuse } from './refusal.ts';

export interface Admin {
  port: number;
  /** From now on there is something to tell. */
  tellOf(fleet: Fleet): void;
  close(): Promise<void>;
}

/** What GET /status answers, and `bun run status` shows. */
export interface Status {
  version: string;
  uptime_s: number;
  workers: {
    worker: number;
    pid: number | null;
    ready: boolean;
    uptime_s: number;
    rss_mb: number;
    requests: number;
    lag_ms: number;
  }[];
  restarts: Record<string, number>;
  database: { away: boolean; in_use: number; max: number; waiting: number; refused: number; slow: number };
  /** Null where there is none; the worst that a worker sees. `lag_s` is null when it cannot be known. */
  replica: { state: ReplicaStatus['state']; lag_s: number | null } | null;
  slowest: { statement: string; count: number; total_ms: number; p95_ms: number; max_ms: number }[];
}

const SLOWEST_SHOWN = 20;
const MIB = 2 ** 20;

/** /metrics (Prometheus) and /status (JSON), summed over the workers, on an address of the supervisor's own. */
export const openAdmin = ({ adminHost, adminPort }: Config): Admin => {
  let fleet: Fleet | undefined;
  const answer = async (request: Request): Promise<Response> => {
    const path = request.url.replace(/^\w+:\/\/[^/]*/, '').replace(/\?.*$/, '');
    if (request.method !== 'GET')
      return new Response('GET only\n', { status: 405, headers: { Allow: 'GET' } });
    if (fleet === undefined)
      return new Response('starting\n', { status: 503, headers: { 'Retry-After': '1' } });
    if (path === '/status') return Response.json(await statusOf(fleet));
    if (path === '/metrics') return metricsOf(fleet);
    return new Response('/metrics and /status are here\n', { status: 404 });
  };
  const server = listen(adminHost, adminPort, answer);
  return {
    port: server.port ?? adminPort,
    tellOf: (told) => {
      fleet = told;
    },
    close: () => server.stop(true),
  };
};

const listen = (hostname: string, port: number, fetch: (request: Request) => Promise<Response>) => {
  try {
    return Bun.serve({ hostname, port, reusePort: false, fetch });
  } catch (error) {
    throw refuse(
      `ADMIN_PORT ${port} at ${hostname} cannot be used: something else listens there. Stop it, or set ADMIN_PORT to another one (0 takes any).`,
      error,
    );
  }
};

const metricsOf = async (fleet: Fleet): Promise<Response> => {
  const reports = await fleet.reports();
  const summed = AggregatorRegistry.aggregate(reports.map(({ metrics }) => metrics));
  const text = `${await summed.metrics()}${await ownMetrics(fleet, replicaOf(reports)).metrics()}`;
  return new Response(text, { headers: { 'Content-Type': summed.contentType } });
};

const ownMetrics = (fleet: Fleet, replica: Status['replica']): Registry => {
  const registry = new Registry();
  const registers = [registry];
  const restarts = new Counter({
    ...{ name: 'worker_restarts_total', help: 'Workers that were started again or replaced', registers },
    labelNames: ['reason'],
  });
  for (const [reason, count] of fleet.restarts()) restarts.inc({ reason }, count);
  const ready = new Gauge({ name: 'workers_ready', help: 'Workers that answer requests', registers });
  ready.set(fleet.status().filter(({ isReady }) => isReady).length);
  if (replica !== null) {
    const up = new Gauge({ name: 'database_replica_up', help: '1 while the replica answers', registers });
    up.set(replica.state === 'up' ? 1 : 0);
    // Without a value where none is known: 0 would say that it is up to date.
    if (replica.lag_s !== null) {
      const help = 'How old the last of what the replica has is, while there is more';
      new Gauge({ name: 'database_replica_lag_seconds', help, registers }).set(replica.lag_s);
    }
  }
  return registry;
};

const statusOf = async (fleet: Fleet): Promise<Status> => {
  const reports = await fleet.reports();
  const sum = (pick: (report: Report) => number): number =>
    reports.reduce((total, report) => total + pick(report), 0);
  return {
    version: manifest.version,
    uptime_s: Math.round(process.uptime()),
    workers: fleet.status().map((one) => ({
      worker: one.worker,
      pid: one.pid ?? null,
      ready: one.isReady,
      uptime_s: one.uptimeS,
      rss_mb: Math.round((one.rssBytes ?? 0) / MIB),
      requests: one.requests ?? 0,
      lag_ms: one.lagMs ?? 0,
    })),
    restarts: Object.fromEntries(fleet.restarts()),
    database: {
      away: reports.some(({ pool }) => pool.isAway),
      in_use: sum(({ pool }) => pool.inUse),
      max: sum(({ pool }) => pool.max),
      waiting: sum(({ pool }) => pool.waiting),
      refused: sum(({ pool }) => pool.refused),
      slow: sum(({ pool }) => pool.slow),
    },
    replica: replicaOf(reports),
    slowest: slowestOf(reports.flatMap(({ slowest }) => slowest)),
  };
};

const replicaOf = (reports: Report[]): Status['replica'] => {
  const seen = reports.flatMap(({ replica }) => replica ?? []);
  const [worst] = seen.sort((one, other) => Number(one.state === 'up') - Number(other.state === 'up'));
  if (worst === undefined) return null;
  const lags = seen.flatMap(({ lagS }) => lagS ?? []);
  const isKnown = worst.state === 'up' && lags.length > 0;
  return { state: worst.state, lag_s: isKnown ? rounded(Math.max(...lags)) : null };
};

/** One row for each text; the p95 is the worst worker's. */
const slowestOf = (costs: TextCost[]): Status['slowest'] =>
  [...Map.groupBy(costs, ({ statement }) => statement)]
    .map(([statement, same]) => ({
      statement,
      count: same.reduce((sum, { count }) => sum + count, 0),
      total_ms: rounded(same.reduce((sum, { totalMs }) => sum + totalMs, 0)),
      p95_ms: rounded(Math.max(...same.map(({ p95Ms }) => p95Ms))),
      max_ms: rounded(Math.max(...same.map(({ maxMs }) => maxMs))),
    }))
    .sort((one, other) => other.total_ms - one.total_ms)
    .slice(0, SLOWEST_SHOWN);

const rounded = (ms: number): number => Math.round(ms * 100) / 100;
