import type { Config } from '../config.ts';
import type { ReplicaStatus } from '../database/replica.ts';
import type { TextCost } from '../database/slowest.ts';
import type { MetricData, PoolNumbers } from '../observe/metrics.ts';
import type { Secrets } from './secrets.ts';

/** What a worker is given at its start: never by the environment or the command line, which others can read. */
export interface Assignment {
  type: 'begin';
  config: Config;
  databaseUrl: string;
  secrets: Secrets;
  hasReadableLogs: boolean;
  /** Its place among the workers, from 1 on. */
  worker: number;
}

/** The sign of life that a worker gives every second. */
export interface Vitals {
  rssBytes: number;
  /** Answered since its start. */
  requests: number;
  /** The longest delay of a timer in the last second. */
  lagMs: number;
}

export interface Report {
  metrics: MetricData;
  pool: PoolNumbers & { isAway: boolean };
  slowest: TextCost[];
  /** Only where there is a replica. */
  replica?: ReplicaStatus | undefined;
}

export type ToWorker = Assignment | { type: 'drain' } | { type: 'report'; id: number };

/** `hello`: the worker listens to us. `ready`: it answers requests. `failed`: why it is about to end. */
export type FromWorker =
  | { type: 'hello' }
  | { type: 'ready' }
  | { type: 'failed'; reason: string }
  | ({ type: 'beat' } & Vitals)
  | { type: 'report'; id: number; report: Report };

// Only the two ends of our own channel speak here, so the type's name is enough.
export const isToWorker = (message: unknown): message is ToWorker => TO_WORKER.has(typeIn(message));
export const isFromWorker = (message: unknown): message is FromWorker => FROM_WORKER.has(typeIn(message));

const TO_WORKER = new Set<unknown>(['begin', 'drain', 'report']);
const FROM_WORKER = new Set<unknown>(['hello', 'ready', 'failed', 'beat', 'report']);

const typeIn = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
