import {
  Counter,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';

/** The metrics of one process as plain data; the supervisor sums those of all workers. */
export type MetricData = MetricObjectWithValues<MetricValue<string>>[];

export type PoolNumbers = {
  max: number;
  inUse: number;
  waiting: number;
  refused: number;
  statements: number;
  slow: number;
  failed: number;
};

export type Metrics = {
  request(method: string, route: string, status: number, ms: number): void;
  /** Time that a statement stood in the line for a connection. */
  acquired(ms: number): void;
  /** A routing service was asked for a drive. */
  routed(outcome: 'measured' | 'no_road' | 'failed'): void;
  streams: {
    open(streams: number): void;
    sent(events: number): void;
    dropped(): void;
  };
  /** A message left the outbox, or did not. */
  messaged(outcome: 'sent' | 'retried' | 'failed'): void;
  /** How many requests this process has answered. */
  requests(): number;
  read(now: { pool: PoolNumbers; lagMs: number; rssBytes: number }): Promise<MetricData>;
};

const REQUEST_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ACQUIRE_BUCKETS_S = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5];

/** Names follow Prometheus' conventions: base units, _total for counters. */
export const createMetrics = (worker: number): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  // A worker that is replaced begins at zero: summed without this, all the others would seem to begin anew.
  registry.setDefaultLabels({ worker });
  const requests = new Counter({
    ...{ name: 'http_requests_total', help: 'Requests answered', registers },
    labelNames: ['method', 'route', 'status'],
  });
  const durations = new Histogram({
    ...{ name: 'http_request_duration_seconds', help: 'From the first byte read to the answer', registers },
    ...{ labelNames: ['method', 'route'], buckets: REQUEST_BUCKETS_S },
  });
  const acquires = new Histogram({
    ...{ name: 'database_acquire_duration_seconds', help: 'Time in the line for a connection', registers },
    buckets: ACQUIRE_BUCKETS_S,
  });
  const routed = new Counter({
    ...{ name: 'travel_requests_total', help: 'Drives asked of the routing service', registers },
    labelNames: ['outcome'],
  });
  const messaged = new Counter({
    ...{ name: 'messages_total', help: 'Messages handed to a provider, or not taken by it', registers },
    labelNames: ['outcome'],
  });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const poolMax = gauge('database_pool_connections_max', 'Connections that the pool may have');
  const poolInUse = gauge('database_pool_connections_in_use', 'Connections with a statement or transaction');
  const poolWaiting = gauge('database_pool_waiting', 'Statements in the line for a connection');
  const poolRefused = counter('database_pool_refused_total', 'Statements sent away from the line');
  const statements = counter('database_statements_total', 'Statements sent');
  const slow = counter('database_slow_statements_total', 'Statements over SLOW_QUERY_MS');
  const failed = counter('database_failed_statements_total', 'Statements that failed');
  const lag = gauge('event_loop_lag_seconds', 'Longest delay of a timer in the last second');
  const memory = gauge('process_resident_memory_bytes', 'Memory of the process');
  const streams = gauge('streams_open', 'Event streams that are open');
  const streamEvents = counter('stream_events_total', 'Events sent, once for each stream');
  const streamsDropped = counter('streams_dropped_total', 'Streams cut because their reader was too slow');
  const seen = { refused: 0, statements: 0, slow: 0, failed: 0 };
  let answered = 0;

  return {
    request: (method, route, status, ms) => {
      answered += 1;
      requests.inc({ method, route, status });
      durations.observe({ method, route }, ms / 1000);
    },
    acquired: (ms) => acquires.observe(ms / 1000),
    routed: (outcome) => routed.inc({ outcome }),
    streams: {
      open: (count) => streams.set(count),
      sent: (events) => streamEvents.inc(events),
      dropped: () => streamsDropped.inc(),
    },
    messaged: (outcome) => messaged.inc({ outcome }),
    requests: () => answered,
    read: async ({ pool, lagMs, rssBytes }) => {
      poolMax.set(pool.max);
      poolInUse.set(pool.inUse);
      poolWaiting.set(pool.waiting);
      lag.set(lagMs / 1000);
      memory.set(rssBytes);
      poolRefused.inc(pool.refused - seen.refused);
      statements.inc(pool.statements - seen.statements);
      slow.inc(pool.slow - seen.slow);
      failed.inc(pool.failed - seen.failed);
      Object.assign(seen, pool);
      return registry.getMetricsAsJSON();
    },
  };
};
