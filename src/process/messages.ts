import type { Config } from '../config.ts';
import type { Secrets } from './secrets.ts';

/** What a worker is given at its start: never by the environment or the command line, which others can read. */
export interface Assignment {
  type: 'begin';
  config: Config;
  databaseUrl: string;
  secrets: Secrets;
  hasReadableLogs: boolean;
}

export type ToWorker = Assignment | { type: 'drain' };

/** `hello`: the worker listens to us. `ready`: it answers requests. `failed`: why it is about to end. */
export type FromWorker =
  | { type: 'hello' }
  | { type: 'ready'; port: number }
  | { type: 'failed'; reason: string };

// Only the two ends of our own channel speak here, so the type's name is enough.
export const isToWorker = (message: unknown): message is ToWorker => TO_WORKER.has(typeIn(message));
export const isFromWorker = (message: unknown): message is FromWorker => FROM_WORKER.has(typeIn(message));

const TO_WORKER = new Set<unknown>(['begin', 'drain']);
const FROM_WORKER = new Set<unknown>(['hello', 'ready', 'failed']);

const typeIn = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
