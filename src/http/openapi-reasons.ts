import { ACCESS, ROLES } from '../access.ts';
import { REASONS, type Reason } from '../errors.ts';
import type { Contract } from './accept.ts';

export type Route = { method: string; path: string; contract: Contract };

const ALWAYS: readonly Reason[] = [
  ...(['request.header_invalid', 'request.parameter_invalid', 'server.fault'] as const),
  ...(['database.busy', 'database.timeout', 'database.unavailable'] as const),
];
const OF_BODIES: readonly Reason[] = [
  ...(['request.body_malformed', 'request.body_too_large', 'request.content_type_unsupported'] as const),
  ...(['request.body_invalid', 'request.conflict'] as const),
];
const OF_WRITES: readonly Reason[] = [
  ...(['database.contention', 'database.read_only', 'database.storage_full'] as const),
];
const OF_KEYS: readonly Reason[] = ['idempotency.in_progress', 'idempotency.key_reused'];

/** It has a version: GET sends it, a write may name it. A path with an id is about one, unless the contract says no. */
export const isOnOneThing = ({ path, contract }: Pick<Route, 'path' | 'contract'>): boolean =>
  contract.isOneThing ?? path.includes(':');

/** Every reason that the route can answer with: those of all routes of its kind, and its own. */
export const reasonsOf = ({ method, path, contract }: Route): Reason[] => {
  const access = ACCESS[`${method} ${path}`];
  const isClosed = access !== 'open';
  const isWrite = method !== 'GET';
  const found: readonly Reason[] = [
    ...ALWAYS,
    ...(isClosed ? (['auth.token_missing', 'auth.token_wrong', 'request.too_many'] as const) : []),
    ...(isClosed && access?.length !== ROLES.length ? (['access.role_not_allowed'] as const) : []),
    ...(isWrite ? [...OF_BODIES, ...OF_WRITES] : []),
    ...(isWrite && contract.isUnkept !== true ? OF_KEYS : []),
    ...(contract.isKeyDemanded === true ? (['idempotency.key_missing'] as const) : []),
    ...(isOnOneThing({ path, contract }) ? ofOneThing(path, isWrite) : []),
    ...(contract.refuses ?? []),
  ];
  return [...new Set(found)].sort();
};

const ofOneThing = (path: string, isWrite: boolean): Reason[] => {
  const noun = nounOf(path);
  return [`${noun}.not_found`, ...(isWrite ? [`${noun}.stale`] : [])].filter(isReason);
};

const isReason = (text: string): text is Reason => Object.hasOwn(REASONS, text);

/**
 * The noun of the thing that a path is about: /v1/customers/:id/notes → customer, /v1/service-areas → service_area,
 * /v1/public/holds → hold.
 */
export const nounOf = (path: string): string => {
  const plural = path.replace('/v1/public/', '/v1/').split('/')[2] ?? '';
  return plural.replace(/s$/, '').replaceAll('-', '_');
};
