import { createApp } from '../app.ts';
import type { Config } from '../config.ts';
import { cleanHourly } from '../database/cleaning.ts';
import { openPool, type Pool } from '../database/pool.ts';
import { createReplica, type Replica } from '../database/replica.ts';
import { newTrace } from '../database/timing.ts';
import { createLog, type Log } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import { startBackground } from './background.ts';
import { turnAwayNewcomers } from './listener.ts';
import { loopsOf } from './loops.ts';
import { type Assignment, type FromWorker, isToWorker, type Report, type ToWorker } from './messages.ts';
import { WORKER_NAME } from './pool-fit.ts';
import { poolOptions } from './pool-options.ts';
import { printReadable } from './readable-log.ts';
import { refuse } from './refusal.ts';
import { createRouting } from './routing.ts';
import { drain, type Phase, within } from './shutdown.ts';
import { startVitals } from './vitals.ts';

// The sign of life: the supervisor kills who gives none for WORKER_TIMEOUT_S.
const BEAT_EVERY_MS = 1_000;
const WARM_UP_MS = 2_000;
// Our own limit answers with a sentence long before; this one only bounds what a lying client can make us hold.
const MAX_BODY_BYTES = 64 * 2 ** 20;
// Also cuts a handler that has not written a byte yet: above the longest that a request may wait.
const IDLE_TIMEOUT_S = 120;
// Three quarters of them may be transactions: one for each report at once, and one to spare. The rest asks where it stands.
const REPLICA_CONNECTIONS = 4;
// With the supervisor gone nobody ends us: the promise is five seconds, lame duck and all.
const ORPHAN_GRACE_MS = 3_500;

/** One of the processes that answer requests, until `drain`, SIGTERM or the end of its supervisor: the exit code. */
export const work = async (): Promise<number> => {
  if (process.send === undefined)
    throw refuse('A worker is started by its supervisor: run ./start.sh instead.');
  // Ctrl-C reaches the whole group; the supervisor decides what it means.
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGUSR2', () => undefined);
  const orphaned = Promise.withResolvers<void>();
  process.on('disconnect', orphaned.resolve);
  const channel = listen();
  tell({ type: 'hello' });
  const assignment = await Promise.race([channel.assignment, orphaned.promise]);
  if (assignment === undefined) return 0;
  const log = createLog({
    level: assignment.config.logLevel,
    ...(assignment.hasReadableLogs ? { write: printReadable } : {}),
  });
  const begun = await begin(assignment, log).catch((error: unknown) => fallOver(error, log));
  const ended = Promise.withResolvers<number>();
  const end = endOnce(begun, log, ended.resolve);
  process.on('SIGTERM', () => end({ graceMs: begun.graceMs, code: 0 }));
  process.on('uncaughtException', (error) => end({ graceMs: begun.graceMs, code: 1, error }));
  process.on('unhandledRejection', (error) => end({ graceMs: begun.graceMs, code: 1, error }));
  void channel.drain.then(() => end({ graceMs: begun.graceMs, code: 0 }));
  void orphaned.promise.then(() => end({ graceMs: Math.min(begun.graceMs, ORPHAN_GRACE_MS), code: 0 }));
  channel.onReport((id) => void begun.report().then((report) => tell({ type: 'report', id, report })));
  setInterval(() => tell({ type: 'beat', ...begun.vitals.now() }), BEAT_EVERY_MS);
  tell({ type: 'ready' });
  return ended.promise;
};

/** Listens from the first moment on: a message that finds no listener is lost. */
const listen = () => {
  const assignment = Promise.withResolvers<Assignment>();
  const drainAsked = Promise.withResolvers<void>();
  let reporter = (_: number): void => undefined;
  const hear = (message: ToWorker): void => {
    if (message.type === 'begin') assignment.resolve(message);
    else if (message.type === 'drain') drainAsked.resolve();
    else reporter(message.id);
  };
  process.on('message', (message) => {
    if (isToWorker(message)) hear(message);
  });
  const onReport = (report: (id: number) => void): void => {
    reporter = report;
  };
  return { assignment: assignment.promise, drain: drainAsked.promise, onReport };
};

const begin = async ({ config, databaseUrl, secrets, worker }: Assignment, log: Log) => {
  const metrics = createMetrics(worker);
  const pool = openPool(poolOptions(config, databaseUrl, WORKER_NAME), log, metrics.acquired);
  const replica = openReplica(config, pool, log);
  // Without a database the worker starts all the same, and says 503 until it is back.
  await within(pool.warm(), WARM_UP_MS);
  cleanHourly(pool.database(newTrace('cleaning')), log);
  const phase: Phase = { isReady: true, isDraining: false };
  const app = createApp({
    pool,
    replica,
    routing: config.travelUrl === undefined ? undefined : createRouting(config.travelUrl, metrics.routed),
    config,
    log,
    secrets,
    metrics,
    clock: () => Date.now(),
    process: { isReady: () => phase.isReady, isDraining: () => phase.isDraining },
  });
  const server = Bun.serve({
    hostname: config.host,
    port: config.port,
    reusePort: true,
    idleTimeout: IDLE_TIMEOUT_S,
    maxRequestBodySize: MAX_BODY_BYTES,
    fetch: (request, listener) => app.fetch(request, { server: listener }),
    error: (error) => answerFault(error, log),
  });
  const background = startBackground(loopsOf({ pool, config, log, metrics }), log);
  const vitals = startVitals(metrics.requests);
  const report = async (): Promise<Report> => {
    const counters = pool.counters();
    const now = { pool: counters, ...vitals.now() };
    const [read, standing] = await Promise.all([metrics.read(now), replica?.status()]);
    return { metrics: read, pool: counters, slowest: pool.slowest(), replica: standing };
  };
  const graceMs = config.graceS * 1_000;
  const close = () => Promise.all([pool.close(), replica?.close()]).then(() => undefined);
  return { pool: { close }, phase, server, background, vitals, report, graceMs };
};

/** The pool of the replica opens its connections when they are wanted: a replica that is away is no fault. */
const openReplica = (config: Config, primary: Pool, log: Log): Replica | undefined => {
  const { databaseReplicaUrl: url } = config;
  if (url === undefined) return undefined;
  const options = { ...poolOptions(config, url, 'edgars-reports'), max: REPLICA_CONNECTIONS, min: 0 };
  return createReplica(openPool(options, log), primary, log);
};

type Begun = Awaited<ReturnType<typeof begin>>;
type End = { graceMs: number; code: number; error?: unknown };

const endOnce = (begun: Begun, log: Log, finish: (code: number) => void): ((end: End) => void) => {
  let isEnding = false;
  return ({ graceMs, code, error }) => {
    if (error !== undefined) log.error({ error }, 'an error that nobody caught: this worker ends');
    if (isEnding) return;
    isEnding = true;
    const turnAway = (): boolean => turnAwayNewcomers(begun.server.port ?? 0);
    void drain({ ...begun, turnAway, log }, graceMs).finally(() => finish(code));
  };
};

const fallOver = (error: unknown, log: Log): never => {
  log.error({ error }, 'the worker could not start');
  log.flush();
  tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
};

/** The application answers its own faults; this is for a fault in front of it. */
const answerFault = (error: unknown, log: Log): Response => {
  const correlationId = Bun.randomUUIDv7();
  log.error({ error, correlation_id: correlationId }, 'a request failed in front of the application');
  const fault = { code: 500, reason: 'server.fault', message: 'Something went wrong on our side' };
  return Response.json(
    { ok: false, data: null, error: fault, correlation_id: correlationId },
    { status: 500, headers: { 'X-Correlation-Id': correlationId, Connection: 'close' } },
  );
};

const tell = (message: FromWorker): void => {
  // The supervisor may have gone in this moment; the disconnect says so.
  if (process.connected) process.send?.(message);
};
