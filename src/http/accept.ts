import type { MiddlewareHandler } from 'hono';
import * as v from 'valibot';
import { fail, type Issue, type Reason } from '../errors.ts';
import { nearest } from '../values/nearest.ts';
import { type AssertSigned, readJson } from './body.ts';
import type { Ctx, Env, Shop } from './context.ts';
import { readShop } from './shop.ts';
import { expectedVersion } from './validate.ts';

type ObjectSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;
type Query = ObjectSchema | undefined;
type Body = v.GenericSchema<unknown, object> | undefined;
type Out<S> = S extends v.GenericSchema ? v.InferOutput<S> : Record<string, never>;

/** What a client is told about a route: enough to check a request, and to write its page of the OpenAPI document. */
export type Contract<Q extends Query = Query, B extends Body = Body> = {
  /** One line that begins with a verb: "Adds a customer". */
  summary: string;
  /** Without it there must be no parameters. */
  query?: Q;
  /** Without it there must be no body. */
  body?: B;
  /** JSON Schemas of the path's parameters that are no ids. */
  parameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The form of `data` in the answer, or the media type of an answer that stands in no envelope. */
  answers: v.GenericSchema | `${string}/${string}`;
  /** Another media type of the same answer, for who asks for it. */
  alsoAnswers?: `${string}/${string}`;
  status?: 200 | 201 | 202;
  /** The refusals of its own, beside those that every route of its kind can give. */
  refuses?: readonly Reason[];
  /** A body that works in a shop that holds what http/example-shop describes. */
  example?: v.InferInput<NonNullable<B>>;
  /** Whether it is about one thing, with a version. Without a word: when its path names one. */
  isOneThing?: boolean;
  /** It answers with an ETag although it stands in no envelope. */
  isTagged?: boolean;
  /** The page that a browser is sent to (303) when it asks for HTML. */
  page?: string;
  /** Tokens are never stored: such a write ignores keys and cannot be tried first. */
  isUnkept?: boolean;
  /** Money moves: without an Idempotency-Key it is refused (428), for a retry must be known as one. */
  isKeyDemanded?: boolean;
  /** Where its signature says who asks: looked at before anything of the body's form is judged. */
  assertSigned?: AssertSigned;
};

/** A schema; or how to make it, where a bare date or a local phone number is read as the shop reads it. */
type PerShop<Schema> = Schema | ((shop: Shop) => Schema);
type Wanted<Q extends Query, B extends Body> = Omit<Contract<Q, B>, 'query' | 'body'> & {
  query?: PerShop<Q>;
  body?: PerShop<B>;
};

/** For the document: the forms are the same for every shop, only what is read out of them differs. */
const ANY_SHOP: Shop = { name: '', zone: 'UTC', region: 'US' };

const NO_PARAMETERS = v.strictObject({});
const NO_BODY = v.optional(v.strictObject({}), {});
const KEY = /^[\x20-\x7e]{1,255}$/;

const contracts = new WeakMap<object, Contract>();

/** The contract of a route's middleware; undefined for one that was not made by `accept`. */
export const contractOf = (handler: object): Contract | undefined => contracts.get(handler);

/**
 * Says and checks what a route accepts; every route has one.
 * The handler reads the outcome with c.req.valid('query') and c.req.valid('json').
 */
export const accept = <Q extends Query = undefined, B extends Body = undefined>(
  wanted: Wanted<Q, B>,
): MiddlewareHandler<
  Env,
  string,
  { in: { query: Out<Q>; json: Out<B> }; out: { query: Out<Q>; json: Out<B> } }
> => {
  const contract = contractFrom(wanted);
  const isPerShop = wanted.query instanceof Function || wanted.body instanceof Function;
  const querySchema = remembered<ObjectSchema>(wanted.query, NO_PARAMETERS);
  const bodySchema = remembered<v.GenericSchema<unknown, object>>(wanted.body, NO_BODY);
  const handler: MiddlewareHandler<Env> = async (c, next) => {
    const writes = isWrite(c);
    const raw = writes ? await readJson(c, contract.assertSigned) : undefined;
    if (isPerShop && c.get('shop') === undefined) c.set('shop', await readShop(c.get('sql')));
    const { dry_run: dryRun, ...rest } = queryOf(c.req.url);
    const query = writes || dryRun === undefined ? rest : { ...rest, dry_run: dryRun };
    c.req.addValidatedData('query', validQuery(querySchema(c.get('shop')), query));
    if (writes) {
      c.set('writing', writing(c, { raw, dryRun, contract }));
      // Read here for its refusal: 400 comes before 422 and 404.
      expectedVersion(c);
      c.req.addValidatedData('json', validBody(bodySchema(c.get('shop')), raw));
    }
    await next();
  };
  contracts.set(handler, contract);
  return handler;
};

const contractFrom = <Q extends Query, B extends Body>({ query, body, ...rest }: Wanted<Q, B>): Contract => ({
  ...rest,
  ...(query === undefined ? {} : { query: schemaFor(query, ANY_SHOP) }),
  ...(body === undefined ? {} : { body: schemaFor(body, ANY_SHOP) }),
});

const schemaFor = <Schema>(one: PerShop<Schema>, shop: Shop): Schema =>
  one instanceof Function ? one(shop) : one;

/** A schema is made once for a zone and region, not once for each request. */
const remembered = <Schema>(
  one: PerShop<Schema | undefined>,
  otherwise: Schema,
): ((shop: Shop) => Schema) => {
  let last: { zone: string; region: string; schema: Schema } | undefined;
  return (shop) => {
    if (!(one instanceof Function)) return one ?? otherwise;
    if (last?.zone !== shop.zone || last.region !== shop.region) {
      last = { zone: shop.zone, region: shop.region, schema: one(shop) ?? otherwise };
    }
    return last.schema;
  };
};

const isWrite = (c: Ctx): boolean => c.req.method !== 'GET' && c.req.method !== 'HEAD';

type Asked = { raw: unknown; dryRun: string | undefined; contract: Contract };

const writing = (c: Ctx, { raw, dryRun, contract }: Asked): Env['Variables']['writing'] => {
  const { isUnkept = false, isKeyDemanded = false } = contract;
  if (dryRun !== undefined && isUnkept) {
    throw parameterInvalid([
      { path: 'dry_run', message: 'is not possible here: nothing of this route is kept' },
    ]);
  }
  if (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false') {
    throw parameterInvalid([{ path: 'dry_run', message: 'must be true or false' }]);
  }
  const key = c.req.header('idempotency-key');
  if (key !== undefined && !isUnkept && !KEY.test(key)) {
    throw fail('request.header_invalid', 'Idempotency-Key must be 1 to 255 printable ASCII characters.');
  }
  // Set here, so that a refusal of a dry run carries it as well.
  if (dryRun === 'true') c.header('Dry-Run', 'true');
  return {
    key: isUnkept ? undefined : key,
    isKeyDemanded,
    given: JSON.stringify(raw) ?? '',
    isDryRun: dryRun === 'true',
  };
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
  if (Array.isArray(raw)) throw bodyInvalid([{ path: '', message: 'must be an object, not a list' }]);
  const outcome = v.safeParse(schema, raw);
  if (outcome.success) return outcome.output;
  const issues = issuesOf(outcome.issues);
  throw bodyInvalid(issues);
};

const bodyInvalid = (issues: Issue[]): Error =>
  fail('request.body_invalid', `The request body is invalid: ${sentence(issues)}`, { issues });

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
