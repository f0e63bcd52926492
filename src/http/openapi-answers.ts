import { ACCESS } from '../access.ts';
import { REASONS, type Reason } from '../errors.ts';
import type { Contract } from './accept.ts';
import { EXAMPLE_IDS } from './example-shop.ts';
import { STATUS } from './failures.ts';
import { type Json, jsonSchemaOf, type Named, refOf } from './json-schema.ts';
import { isOnOneThing, type Route, reasonsOf } from './openapi-reasons.ts';

export const HEADERS = {
  'X-Correlation-Id': 'The id of this request, also in the body and in every log line.',
  'Server-Timing': 'Database time and queries, waiting, total, in milliseconds; not under /v1/public.',
  ETag: 'The version, for If-Match and If-None-Match.',
  Location: 'Where the new thing is.',
  'Idempotency-Replayed': 'true: this is the stored answer of the first request with this key.',
  'Dry-Run': 'true: nothing of this was kept.',
  'Retry-After': 'Seconds.',
  'WWW-Authenticate': 'How to authenticate.',
  RateLimit: 'What is left of the limit (draft-ietf-httpapi-ratelimit-headers).',
  'RateLimit-Policy': 'The limit.',
} as const;
type Header = keyof typeof HEADERS;

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Made',
  202: 'Accepted',
  304: 'The client holds this version already',
  400: 'A header, a parameter or the syntax is malformed',
  401: 'Not logged in',
  403: 'The role may not use this route',
  404: 'There is no such thing, or the actor may not see it',
  409: 'In conflict with the state of things',
  412: 'The thing has another version by now',
  413: 'The body is too large',
  415: 'The body is not JSON',
  422: 'The body is well-formed but invalid',
  428: 'An Idempotency-Key is missing',
  429: 'Too many requests',
  500: 'A fault of the server',
  503: 'Not possible at the moment',
  504: 'The database took too long',
};

/** Refused before it is known whether the request is a dry run. */
const BEFORE_THE_QUERY: readonly number[] = [401, 413, 415, 429];
const ENVELOPE = ['ok', 'data', 'error', 'correlation_id'];

const parameter = (name: string, description: string, schema: Json, at: 'header' | 'query' = 'header') => ({
  ...{ name, in: at, required: false },
  ...{ description, schema },
});

const refusalOf = (status: number, reasons: readonly Reason[]): Json => ({
  type: 'object',
  properties: {
    ok: { const: false },
    data: { type: 'null' },
    error: {
      type: 'object',
      properties: {
        code: { const: status, description: 'The HTTP status' },
        reason: { type: 'string', enum: reasons },
        message: { type: 'string', description: 'A sentence that tells what to do next' },
        issues: { $ref: refOf('Issues') },
        details: { type: 'object' },
      },
      required: ['code', 'reason', 'message'],
      additionalProperties: false,
    },
    correlation_id: { type: 'string' },
  },
  required: ENVELOPE,
  additionalProperties: false,
});

/** The closed list of reasons, each with the status that it comes with. */
export const STATUS_OF_REASONS: Json = Object.fromEntries(
  Object.entries(REASONS).map(([reason, kind]) => [reason, STATUS[kind]]),
);

/** What every operation refers to. */
export const COMPONENTS = {
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    ticket: { type: 'apiKey', in: 'query', name: 'ticket' },
  },
  headers: Object.fromEntries(
    Object.entries(HEADERS).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  ),
  parameters: {
    CorrelationId: parameter('X-Correlation-Id', 'Names this request in every log line.', {
      type: 'string',
      pattern: '^[A-Za-z0-9._-]{1,128}$',
    }),
    IdempotencyKey: parameter(
      'Idempotency-Key',
      'A retry with the same key has no second effect, for 24 hours.',
      {
        ...{ type: 'string', minLength: 1, maxLength: 255 },
      },
    ),
    NeededIdempotencyKey: {
      ...parameter(
        'Idempotency-Key',
        'Money moves: demanded, so that a retry is known as one and has no second effect, for 24 hours.',
        { type: 'string', minLength: 1, maxLength: 255 },
      ),
      ...{ required: true, example: EXAMPLE_IDS.correlation },
    },
    DryRun: parameter(
      'dry_run',
      'true: every check is made and nothing is kept.',
      { type: 'boolean' },
      'query',
    ),
    IfMatch: parameter('If-Match', 'The ETag that the change is meant for; 412 when it is no longer that.', {
      type: 'string',
    }),
    IfNoneMatch: parameter('If-None-Match', 'The ETag that the client holds; 304 when it is still that.', {
      type: 'string',
    }),
  },
  schemas: {
    Issues: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, message: { type: 'string' } },
        required: ['path', 'message'],
        additionalProperties: false,
      },
    },
  },
};

/** Every status that the route can answer with: its success, and each of its refusals with its reasons. */
export const responsesOf = (route: Route, named: Named): Json => {
  const byStatus = Map.groupBy(reasonsOf(route), (reason) => STATUS[REASONS[reason]]);
  const refusals = [...byStatus].map(
    ([status, reasons]) => [status, refusal(route, status, reasons)] as const,
  );
  return {
    [route.contract.status ?? 200]: success(route, named),
    ...(route.contract.page === undefined ? {} : { 303: toThePage(route.contract.page) }),
    ...(hasETag(route) ? { 304: unchanged(route) } : {}),
    ...Object.fromEntries(refusals),
  };
};

/** One thing is read with its version; a list has none. */
export const hasETag = ({ method, path, contract }: Route): boolean =>
  method === 'GET' &&
  isOnOneThing({ path, contract }) &&
  (typeof contract.answers === 'string' ? contract.isTagged === true : !tells(contract, 'next_cursor'));

const tells = ({ answers }: Contract, field: string): boolean =>
  typeof answers !== 'string' && 'entries' in answers && Object.hasOwn(Object(answers.entries), field);

const success = (route: Route, named: Named): Json => {
  const { answers, alsoAnswers, status = 200 } = route.contract;
  const names: Header[] = [
    ...(isKept(route) ? (['Idempotency-Replayed', 'Dry-Run'] as const) : []),
    ...(isKept(route) || tells(route.contract, 'version') || hasETag(route) ? (['ETag'] as const) : []),
    ...(status === 201 ? (['Location'] as const) : []),
    ...ofLimit(route),
  ];
  const content =
    typeof answers === 'string'
      ? { [answers]: { schema: { type: answers === 'application/json' ? 'object' : 'string' } } }
      : { 'application/json': { schema: enveloped(jsonSchemaOf(answers, named)) } };
  const also = alsoAnswers === undefined ? {} : { [alsoAnswers]: { schema: { type: 'string' } } };
  return { description: DESCRIPTIONS[status], headers: headers(names), content: { ...content, ...also } };
};

const isKept = ({ method, contract }: Route): boolean => method !== 'GET' && contract.isUnkept !== true;

const unchanged = (route: Route): Json => ({
  description: DESCRIPTIONS[304],
  headers: headers(['ETag', ...ofLimit(route)]),
});

const toThePage = (page: string): Json => ({
  description: `For a browser, whose Accept begins with text/html: ${page} shows this to a person`,
  headers: headers(['Location']),
});

const enveloped = (data: Json): Json => ({
  type: 'object',
  properties: { ok: { const: true }, data, error: { type: 'null' }, correlation_id: { type: 'string' } },
  required: ENVELOPE,
  additionalProperties: false,
});

const refusal = (route: Route, status: number, reasons: readonly Reason[]): Json => ({
  description: `${DESCRIPTIONS[status]}: ${reasons.map((reason) => `\`${reason}\``).join(', ')}`,
  headers: headers([
    ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
    ...(isWorthARetry(status, reasons) ? (['Retry-After'] as const) : []),
    ...(isKept(route) && (!BEFORE_THE_QUERY.includes(status) || (status === 429 && isCounted(route)))
      ? (['Dry-Run'] as const)
      : []),
    ...ofLimit(route, status),
  ]),
  content: {
    'application/json': {
      schema: refusalOf(status, reasons),
      example: refusalExample(status, reasons),
    },
  },
});

const refusalExample = (status: number, [reason]: readonly Reason[]): Json => ({
  ok: false,
  data: null,
  error: { code: status, reason, message: 'A sentence that tells what to do next.' },
  correlation_id: EXAMPLE_IDS.correlation,
});

const isWorthARetry = (status: number, reasons: readonly Reason[]): boolean =>
  status === 429 || status === 503 || reasons.includes('idempotency.in_progress');

/** Of an address, after its request was read: whatever comes then tells what is left. */
const isCounted = ({ contract }: Route): boolean => contract.refuses?.includes('request.too_many') === true;

/** The bucket of an actor is told on every answer to them, that of guessed passwords and tokens on refusals. */
const ofLimit = (route: Route, status = 200): Header[] => {
  const { method, path, contract } = route;
  const isActorsOwn = ACCESS[`${method} ${path}`] !== 'open' && status !== 401;
  const isGuess = contract.refuses?.includes('auth.too_many_attempts') === true;
  return isActorsOwn || isCounted(route) || (isGuess && [401, 422, 429].includes(status))
    ? ['RateLimit', 'RateLimit-Policy']
    : [];
};

const headers = (names: readonly Header[]): Json =>
  Object.fromEntries(
    (['X-Correlation-Id', 'Server-Timing', ...names] as const).map((name) => [
      name,
      { $ref: `#/components/headers/${name}` },
    ]),
  );
