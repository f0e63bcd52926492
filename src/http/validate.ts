import type { Context, MiddlewareHandler } from 'hono';
import * as v from 'valibot';
import { fail, type Issue, invalid, type Noun, notFound, type VersionedNoun } from '../errors.ts';
import { isId } from '../values/id.ts';
import { nearest } from '../values/nearest.ts';
import { readJson } from './body.ts';
import type { Ctx, Env } from './context.ts';

type ObjectSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;
type Query = ObjectSchema | undefined;
type Body = v.GenericSchema<unknown, object> | undefined;
type Out<S> = S extends v.GenericSchema ? v.InferOutput<S> : Record<string, never>;

const NO_PARAMETERS = v.strictObject({});
const NO_BODY = v.optional(v.strictObject({}), {});

/**
 * What a route accepts; every route names one. Without `query` or `body` there must be none.
 * The handler reads the outcome with c.req.valid('query') and c.req.valid('json').
 */
export const accept = <Q extends Query = undefined, B extends Body = undefined>(
  accepted: { query?: Q; body?: B } = {},
): MiddlewareHandler<
  Env,
  string,
  { in: { query: Out<Q>; json: Out<B> }; out: { query: Out<Q>; json: Out<B> } }
> => {
  const querySchema = accepted.query ?? NO_PARAMETERS;
  const bodySchema = accepted.body ?? NO_BODY;
  return async (c, next) => {
    const writes = c.req.method !== 'GET' && c.req.method !== 'HEAD';
    const raw = writes ? await readJson(c) : undefined;
    const query = queryOf(c.req.url);
    if (writes) refuseWhatComesLater(c, query);
    c.req.addValidatedData('query', validQuery(querySchema, query));
    // Read here for its refusal: 400 comes before 422 and 404.
    if (writes) expectedVersion(c);
    if (writes) c.req.addValidatedData('json', validBody(bodySchema, raw));
    await next();
  };
};

/** The :id of the path; a malformed one is as unknown as any other. */
export const pathId = (c: Context, noun: Noun, name = 'id'): string => {
  const id = c.req.param(name) ?? '';
  if (!isId(id)) throw notFound(noun);
  return id.toLowerCase();
};

/** The versions that If-Match allows; undefined when any will do. */
export type Expected = readonly number[] | undefined;

/** Reads If-Match (RFC 9110, 13.1.1): a list of quoted versions, or *. */
export const expectedVersion = (c: Context): Expected => {
  const header = c.req.header('if-match');
  if (header === undefined || header.trim() === '*') return undefined;
  return header.split(',').map((one) => {
    const tag = /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(header.includes(',') ? one : header)?.[1];
    if (tag === undefined)
      throw fail('request.header_invalid', 'If-Match must be the ETag of a GET answer, such as "3".');
    return /^\d{1,9}$/.test(tag) && !one.trim().startsWith('W/') ? Number(tag) : -1;
  });
};

/** Throws noun.stale (412) when the client did not name the version that stands in the database. */
export const assertFresh = (noun: VersionedNoun, expected: Expected, version: number): void => {
  if (expected === undefined || expected.includes(version)) return;
  throw fail(
    `${noun}.stale`,
    `Somebody changed this ${noun} meanwhile. Read it again, then repeat your change.`,
    {
      details: { version },
    },
  );
};

const queryOf = (url: string): Record<string, string> => {
  const start = url.indexOf('?');
  if (start === -1) return {};
  const entries = [...new URLSearchParams(url.slice(start + 1))];
  const names = entries.map(([name]) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw parameterInvalid([{ path: twice, message: 'is given twice' }]);
  return Object.fromEntries(entries);
};

const refuseWhatComesLater = (c: Ctx, query: Record<string, string>): void => {
  if (Object.hasOwn(query, 'dry_run')) {
    throw fail('request.not_supported_yet', 'dry_run is not supported yet. Leave it out.');
  }
  if (c.req.header('idempotency-key') !== undefined && !c.req.path.startsWith('/v1/auth/')) {
    throw fail('request.not_supported_yet', 'Idempotency-Key is not supported yet. Leave the header out.');
  }
};

const validQuery = (schema: ObjectSchema, query: Record<string, string>): object => {
  const known = Object.keys(schema.entries);
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw parameterInvalid(unknown.map((name) => ({ path: name, message: unknownParameter(name, known) })));
  }
  const outcome = v.safeParse(schema, query);
  if (!outcome.success) throw parameterInvalid(issuesOf(outcome.issues));
  return outcome.output;
};

const unknownParameter = (name: string, known: readonly string[]): string => {
  const meant = nearest(name, known);
  if (meant !== undefined) return `is not a parameter of this route; did you mean ${meant}?`;
  return known.length === 0
    ? 'is not known; this route takes no parameters'
    : `is not known; use ${known.join(', ')}`;
};

export const parameterInvalid = (issues: Issue[]): Error =>
  fail('request.parameter_invalid', `The query is invalid: ${sentence(issues)}`, { issues });

const validBody = (schema: v.GenericSchema<unknown, object>, raw: unknown): object => {
  // To valibot a list is an object without fields: an empty one would pass for an empty object.
  if (Array.isArray(raw)) throw invalid('', 'must be an object, not a list');
  const outcome = v.safeParse(schema, raw);
  if (outcome.success) return outcome.output;
  const issues = issuesOf(outcome.issues);
  if (issues.length === 1 && issues[0] !== undefined) throw invalid(issues[0].path, issues[0].message);
  throw fail('request.body_invalid', `The request body is invalid: ${sentence(issues)}`, { issues });
};

const MAX_ISSUES = 20;

const issuesOf = (found: readonly v.BaseIssue<unknown>[]): Issue[] =>
  found.slice(0, MAX_ISSUES).map((issue) => ({
    path: v.getDotPath(issue)?.slice(0, 200) ?? '',
    message: messageOf(issue),
  }));

/** valibot's own sentences repeat the input, which may be a password: only those of our schemas are kept. */
const messageOf = (issue: v.BaseIssue<unknown>): string => {
  if (issue.expected === 'never') return 'is not a known field';
  if (!issue.message.startsWith('Invalid ')) return issue.message;
  if (issue.received === 'undefined') return 'is required';
  return `must be ${issue.expected ?? 'of another form'}`;
};

const sentence = (issues: readonly Issue[]): string =>
  issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.slice(0, 60) || 'it'} ${message}`)
    .join('; ');
