/**
 * The closed list of reasons that an answer can carry, each with its kind.
 * A reason is a promise to clients; only http/failures.ts turns a kind into a status.
 */
export const REASONS = {
  'appointment.closed': 'conflict',
  'appointment.has_deposit': 'conflict',
  'appointment.day_full': 'conflict',
  'appointment.move_refused': 'conflict',
  'appointment.not_found': 'not_found',
  'appointment.outside_area': 'conflict',
  'appointment.outside_hours': 'conflict',
  'appointment.slot_taken': 'conflict',
  'appointment.stale': 'stale',
  'appointment.too_far_ahead': 'conflict',
  'appointment.too_soon': 'conflict',
  'appointment.travel_infeasible': 'conflict',
  'appointment.vehicle_busy': 'conflict',
  'asset.not_found': 'not_found',
  'board.too_many_streams': 'unavailable',
  'auth.busy': 'unavailable',
  'auth.credentials_wrong': 'unauthenticated',
  'auth.refresh_token_used': 'unauthenticated',
  'auth.refresh_token_wrong': 'unauthenticated',
  'auth.reset_token_wrong': 'invalid',
  'auth.token_missing': 'unauthenticated',
  'auth.token_wrong': 'unauthenticated',
  'auth.too_many_attempts': 'limited',
  'access.role_not_allowed': 'forbidden',
  'board.card_moved': 'conflict',
  'callback.signature_wrong': 'unauthenticated',
  'closure.not_found': 'not_found',
  'customer.email_taken': 'conflict',
  'customer.has_active_jobs': 'conflict',
  'customer.not_found': 'not_found',
  'customer.phone_taken': 'conflict',
  'customer.stale': 'stale',
  'database.busy': 'unavailable',
  'database.contention': 'conflict',
  'database.read_only': 'unavailable',
  'database.storage_full': 'unavailable',
  'database.timeout': 'timeout',
  'database.unavailable': 'unavailable',
  'delivery.not_found': 'not_found',
  'hold.not_found': 'not_found',
  'hold.stale': 'stale',
  'estimate.closed': 'conflict',
  'estimate.converted': 'conflict',
  'estimate.empty': 'conflict',
  'estimate.exists': 'conflict',
  'estimate.expired': 'conflict',
  'estimate.not_approved': 'conflict',
  'estimate.not_booked': 'conflict',
  'estimate.not_draft': 'conflict',
  'estimate.not_found': 'not_found',
  'estimate.not_sent': 'conflict',
  'estimate.stale': 'stale',
  'extra_hours.not_found': 'not_found',
  'hold.too_many': 'limited',
  'idempotency.in_progress': 'conflict',
  'idempotency.key_missing': 'precondition_required',
  'idempotency.key_reused': 'invalid',
  'invoice.exists': 'conflict',
  'invoice.has_payments': 'conflict',
  'invoice.job_not_completed': 'conflict',
  'invoice.not_draft': 'conflict',
  'invoice.not_found': 'not_found',
  'invoice.not_open': 'conflict',
  'invoice.over_authorized': 'conflict',
  'invoice.stale': 'stale',
  'message.no_consent': 'conflict',
  'message.no_recipient': 'conflict',
  'message.not_found': 'not_found',
  'message.too_many': 'limited',
  'message.variables_missing': 'invalid',
  'message_template.kind_taken': 'conflict',
  'message_template.not_found': 'not_found',
  'message_template.stale': 'stale',
  'outbox.not_failed': 'conflict',
  'outbox.not_found': 'not_found',
  'password.too_weak': 'invalid',
  'payment.exceeds_balance': 'conflict',
  'payment.not_found': 'not_found',
  'refund.exceeds_payment': 'conflict',
  'request.body_invalid': 'invalid',
  'request.body_malformed': 'malformed',
  'request.body_too_large': 'too_large',
  'request.conflict': 'conflict',
  'request.content_type_unsupported': 'unsupported_type',
  'request.header_invalid': 'malformed',
  'request.method_not_allowed': 'method_not_allowed',
  'request.parameter_invalid': 'malformed',
  'request.too_many': 'limited',
  'request.path_unknown': 'not_found',
  'server.draining': 'unavailable',
  'server.fault': 'internal',
  'service_area.not_found': 'not_found',
  'service_area.stale': 'stale',
  'service.code_taken': 'conflict',
  'service.not_found': 'not_found',
  'service.stale': 'stale',
  'settings.stale': 'stale',
  'staff.email_taken': 'conflict',
  'staff.last_owner': 'conflict',
  'staff.not_found': 'not_found',
  'staff.stale': 'stale',
  'technician.has_active_jobs': 'conflict',
  'technician.not_found': 'not_found',
  'technician.stale': 'stale',
  'technician.staff_taken': 'conflict',
  'time_off.not_found': 'not_found',
  'vehicle.customer_deleted': 'conflict',
  'vehicle.has_active_jobs': 'conflict',
  'vehicle.not_found': 'not_found',
  'vehicle.plate_taken': 'conflict',
  'vehicle.stale': 'stale',
  'vehicle.vin_taken': 'conflict',
  'vin.not_found': 'not_found',
  'webhook.inactive': 'conflict',
  'webhook.not_found': 'not_found',
  'webhook.stale': 'stale',
} as const satisfies Record<string, Kind>;

export type Kind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'stale'
  | 'precondition_required'
  | 'too_large'
  | 'unsupported_type'
  | 'invalid'
  | 'limited'
  | 'internal'
  | 'unavailable'
  | 'timeout';

export type Reason = keyof typeof REASONS;
export type Issue = { path: string; message: string };
/** A limit and what is left of it: at most `quota` in `windowS` seconds; full again in `resetS`. */
export type RateLimit = {
  policy: string;
  quota: number;
  windowS: number;
  remaining: number;
  resetS: number;
};
export type Extra = {
  issues?: Issue[];
  details?: Record<string, unknown>;
  retryAfterS?: number;
  rateLimit?: RateLimit;
  cause?: unknown;
};

/** A refusal that the caller is told about. Whatever else is thrown is a bug. */
export class Failure extends Error {
  readonly reason: Reason;
  readonly kind: Kind;
  readonly issues: Issue[] | undefined;
  readonly details: Record<string, unknown> | undefined;
  readonly retryAfterS: number | undefined;
  readonly rateLimit: RateLimit | undefined;

  constructor(reason: Reason, message: string, extra: Extra = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.name = 'Failure';
    this.reason = reason;
    this.kind = REASONS[reason];
    this.issues = extra.issues;
    this.details = extra.details;
    this.retryAfterS = extra.retryAfterS;
    this.rateLimit = extra.rateLimit;
  }
}

export const fail = (reason: Reason, message: string, extra?: Extra): Failure =>
  new Failure(reason, message, extra);

/** One field of the body is wrong although its form is right (unknown id, a vehicle of somebody else …). */
export const invalid = (path: string, message: string): Failure =>
  fail('request.body_invalid', `The request body is invalid: ${path} ${message}`, {
    issues: [{ path, message }],
  });

type NounOf<R, Suffix extends string> = R extends `${infer Noun}.${Suffix}` ? Noun : never;
export type Noun = NounOf<Reason, 'not_found'>;
export type VersionedNoun = NounOf<Reason, 'stale'>;

const WORDS: Partial<Record<Noun | VersionedNoun, string>> = {
  extra_hours: 'span of extra hours',
  message_template: 'template',
  outbox: 'delivery',
  service_area: 'service area',
  time_off: 'time off',
};

/** The noun as a sentence has it. */
export const wordOf = (noun: Noun | VersionedNoun): string => WORDS[noun] ?? noun;

export const notFound = (noun: Noun): Failure =>
  fail(`${noun}.not_found`, `There is no such ${wordOf(noun)}, or you may not see it. Check the id.`);
