import { Failure, fail } from '../errors.ts';
import { fieldOf, refusalOf, ruleRefusalOf } from './constraints.ts';

/** What the database or the way to it refused. It holds no parameter, no row and no detail: it may be logged. */
export class DatabaseError extends Error {
  readonly code: string;
  readonly statement: string;
  readonly constraint: string;
  readonly table: string;

  constructor(
    message: string,
    known: { code: string; statement: string; constraint: string; table: string },
  ) {
    super(message);
    this.name = 'DatabaseError';
    this.code = known.code;
    this.statement = known.statement;
    this.constraint = known.constraint;
    this.table = known.table;
  }
}

/** The address or the tables are not as they should be: the message is one sentence for who starts the server. */
export class DatabaseRefusal extends Error {
  override readonly name = 'DatabaseRefusal';
}

const RETRY_AFTER_S = 1;
const RETRYABLE = new Set(['40001', '40P01']);
/** The form of a value is wrong in a way that validation let through (22023: a time with an unknown zone). */
const MALFORMED = new Set([
  ...['22001', '22003', '22007', '22008', '22009', '22021', '22023', '22025', '22P02', '22P05'],
  ...['2201W', '2201X', 'UNDEFINED_VALUE'],
]);
const AWAY = new Set([
  // The server: too many connections, no memory, not there any more, not yet there, wrong login or database.
  ...['53200', '53300', '57P01', '57P02', '57P03', '57P05', '28000', '28P01', '3D000'],
  ...['08000', '08001', '08003', '08004', '08006', '08P01'],
  // The driver and the way.
  ...[
    'CONNECTION_CLOSED',
    'CONNECTION_DESTROYED',
    'CONNECTION_ENDED',
    'CONNECT_TIMEOUT',
    'SASL_SIGNATURE_MISMATCH',
  ],
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ENOENT', 'EACCES', 'ETIMEDOUT', 'EHOSTUNREACH'],
  ...[
    'EHOSTDOWN',
    'ENETUNREACH',
    'ENETDOWN',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EAI_FAIL',
    'DNS_ENOTFOUND',
    'FailedToOpenSocket',
  ],
]);

/** The Failure behind what a statement threw; undefined is a bug of ours. */
export const failureOf = (error: unknown): Failure | undefined => {
  if (error instanceof Failure) return error;
  if (!(error instanceof DatabaseError)) return undefined;
  return refused(error) ?? unavailable(error.code);
};

/** A deadlock, a serialization failure or a lost race: the same transaction may well pass when it runs again. */
export const isRetryable = (error: unknown): boolean =>
  error instanceof DatabaseError
    ? RETRYABLE.has(error.code)
    : error instanceof Failure && error.reason === 'database.contention';

/** The database, or the way to it, may be gone. */
export const isAway = (error: unknown): boolean => error instanceof DatabaseError && AWAY.has(error.code);

export const away = (cause?: DatabaseError): Failure =>
  fail('database.unavailable', 'Database connection failed', { retryAfterS: RETRY_AFTER_S, cause });

/** The driver's error without what it carries along: parameters, whole rows, the values quoted in its message. */
export const databaseError = (error: unknown, statement: string): DatabaseError => {
  if (error instanceof DatabaseError) return error;
  const field = (name: string): string => textField(error, name);
  const code = field('code') || (error instanceof Error ? error.name : 'unknown');
  // "invalid input syntax for type uuid: "…"": class 22 repeats the value after a colon.
  const message = code.startsWith('22') ? field('message').replace(/: ".*/s, '') : field('message');
  const names = { constraint: field('constraint_name'), table: field('table_name') };
  return new DatabaseError(message || String(code), { code, statement, ...names });
};

const textField = (error: unknown, name: string): string => {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
};

const refused = ({ code, constraint, table }: DatabaseError): Failure | undefined => {
  switch (code) {
    case '23505':
    case '23P01': {
      const { reason, message } = refusalOf(constraint);
      return fail(reason, message);
    }
    case '23503':
      return invalidField(fieldOf(constraint, table), 'does not name anything that exists');
    case '23514': {
      const named = ruleRefusalOf(constraint);
      return named === undefined
        ? fail('request.body_invalid', `The request body breaks the rule "${constraint}".`)
        : fail(named.reason, named.message);
    }
    case '25006':
      return fail('database.read_only', 'The database takes no writes at the moment. Try again shortly.', {
        retryAfterS: RETRY_AFTER_S,
      });
    case '40001':
    case '40P01':
      return fail(
        'database.contention',
        'Others changed the same things at the same time. Send the request again.',
      );
    default:
      return MALFORMED.has(code)
        ? fail(
            'request.parameter_invalid',
            'A value of the request has a form that cannot be stored or compared.',
          )
        : undefined;
  }
};

const invalidField = (path: string, message: string): Failure =>
  fail('request.body_invalid', `The request body is invalid: ${path} ${message}`, {
    issues: [{ path, message }],
  });

const unavailable = (code: string): Failure | undefined => {
  const retry = { retryAfterS: RETRY_AFTER_S };
  switch (code) {
    case '53100':
      return fail(
        'database.storage_full',
        "The database's storage is full, so nothing can be written. Reads work.",
        retry,
      );
    case '55P03':
      return fail(
        'database.busy',
        'Somebody else is changing the same things. Send this request again in a second.',
        retry,
      );
    case '57014':
    case '25P03':
    case '25P04':
    case 'STATEMENT_DEADLINE':
      return fail('database.timeout', 'The database took too long to answer. Try again, or ask for less.');
    default:
      return AWAY.has(code) ? away() : undefined;
  }
};

/** The name of the constraint that refused; '' for every other error. */
export const constraintOf = (error: unknown): string =>
  error instanceof DatabaseError ? error.constraint : '';
