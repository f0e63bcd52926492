import fc from 'fast-check';
import { nounOf } from '../../src/http/openapi-reasons.ts';
import { type Document, type Operation, parametersOf } from '../helpers/openapi.ts';
import { anId, fromSchema, type Ids, nearly, wildText, wildValue } from './values.ts';

export const WHO = ['owner', 'advisor', 'technician', 'accountant', 'stranger'] as const;

export type FuzzRequest = {
  who: (typeof WHO)[number];
  method: string;
  path: string;
  headers: Record<string, string>;
  raw?: string | Uint8Array<ArrayBuffer>;
};

/** What the server itself said and wants back: next_cursor by path, and refresh tokens. */
export type Heard = { cursors: Map<string, string>; refreshTokens: string[] };

/** Requests of one operation: most of them valid, some nearly, some wild. */
export const requestsOf = (
  document: Document,
  { ids, heard }: { ids: Ids; heard: Heard },
  { method, path, operation }: Operation,
): fc.Arbitrary<FuzzRequest> => {
  const parameters = parametersOf(document, operation);
  const schema = operation.requestBody?.content['application/json'].schema;
  return fc.record({
    who: whoFor(operation),
    method: method === 'GET' ? fc.constantFrom('GET', 'GET', 'GET', 'HEAD') : fc.constant(method),
    path: fc
      .tuple(filledPath(ids, path, parameters), queryFor(document, { ids, heard, path }, parameters))
      .map(([filled, query]) => `${filled}${query === '' ? '' : `?${query}`}`),
    headers: keyed(operation, headersFor(method)),
    ...(method === 'GET' ? {} : { raw: bodyFor(document, { ids, heard }, schema) }),
  });
};

const whoFor = (operation: Document) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant('owner' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...roles(operation)) },
    { weight: 1, arbitrary: fc.constantFrom(...WHO) },
  );

const roles = (operation: Document): (typeof WHO)[number][] =>
  operation['x-roles'] === 'open' ? ['stranger'] : operation['x-roles'];

const filledPath = (ids: Ids, path: string, parameters: Document[]): fc.Arbitrary<string> => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const values = names.map((name) => {
    const known = parameters.find((one) => one.name === name)?.schema.enum;
    const noun = name === 'id' ? nounOf(path) : name.replace(/Id$/, '');
    const right = known === undefined ? anId(ids, noun) : fc.constantFrom(...known);
    return fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: wildText.map(inPath) });
  });
  return fc
    .tuple(...values)
    .map((chosen) => path.replace(/\{(\w+)\}/g, (_, name) => `${chosen[names.indexOf(name)]}`));
};

// Empty, . and .. would make another path of it.
const inPath = (text: string): string => {
  const encoded = encodeURIComponent(text.toWellFormed());
  return ['', '.', '..'].includes(encoded) ? 'x' : encoded;
};

const queryFor = (
  document: Document,
  { ids, heard, path }: { ids: Ids; heard: Heard; path: string },
  parameters: Document[],
): fc.Arbitrary<string> => {
  const own = parameters.filter((one) => one.in === 'query');
  const model = Object.fromEntries(
    own.map(({ name, schema }): [string, fc.Arbitrary<unknown>] => [
      name,
      fc.oneof(
        {
          weight: 8,
          arbitrary: name === 'cursor' ? aCursor(heard, path) : fromSchema(document, ids, schema, name),
        },
        { weight: 1, arbitrary: wildText },
      ),
    ]),
  );
  const valid = fc.record(model, { requiredKeys: [] }).map((query) => Object.entries(query));
  const few = fc
    .tuple(valid, fc.nat(10))
    .map(([entries, turn]) =>
      entries.map((_, at) => entries[(at + turn) % entries.length] ?? ['', '']).slice(0, 2),
    );
  const odd = fc
    .tuple(valid, wildText, wildText)
    .map(([entries, name, value]) => [...entries, [name, value]]);
  const twice = few.map((entries) => [...entries, ...entries]);
  return fc
    .oneof(
      { weight: 8, arbitrary: fc.constant([]) },
      { weight: 10, arbitrary: few },
      { weight: 2, arbitrary: valid },
      { weight: 1, arbitrary: odd },
      { weight: 1, arbitrary: twice },
    )
    .map((entries) => entries.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&'));
};

const encoded = (value: unknown): string => encodeURIComponent(String(value).toWellFormed());

/** As it was heard, or with another place in it: what the server reads back must not be trusted. */
const aCursor = ({ cursors }: Heard, path: string): fc.Arbitrary<string> =>
  fc.tuple(fc.nat(2), wildText).map(([how, text]) => {
    const cursor = cursors.get(path);
    if (cursor === undefined || how === 0) return Buffer.from(JSON.stringify([text])).toString('base64url');
    if (how === 1) return cursor;
    const [, id, print] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Buffer.from(JSON.stringify([text, id, print])).toString('base64url');
  });

const latin = wildText.map((text) => text.replaceAll(/[^\x20-\x7e\xa1-\xff]/g, '').trim());

const headersFor = (method: string): fc.Arbitrary<Record<string, string>> => {
  const tags = fc.oneof(
    fc.constantFrom('*', '"1"', 'W/"1"', '"1", "2"', '"x"', '""', '"99999999999"'),
    latin,
  );
  const shared = { 'x-correlation-id': fc.oneof(fc.constantFrom('Fuzz-1'), latin) };
  const own: Record<string, fc.Arbitrary<string>> = method === 'GET'
    ? { 'if-none-match': tags }
    : {
        'if-match': fc.oneof(fc.constantFrom('*', '"1"', '"1", "2", "3"'), tags),
        'idempotency-key': fc.oneof(
          fc.constantFrom('a', 'b', 'c'),
          fc.string({ minLength: 1 }).map(printable),
          latin,
        ),
      };
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record({ ...shared, ...own }, { requiredKeys: [] }) },
  );
};

/** A route that demands a key mostly gets one, and mostly a new one. */
const keyed = (operation: Document, headers: fc.Arbitrary<Record<string, string>>) => {
  const needed = operation.parameters.some((one: Document) => one.$ref?.endsWith('/NeededIdempotencyKey'));
  if (!needed) return headers;
  return fc.oneof(
    { weight: 1, arbitrary: headers },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.uuid(), headers).map(([key, rest]) => ({ 'idempotency-key': key, ...rest })),
    },
  );
};

const printable = (text: string): string => text.trim() || 'k';

const bodyFor = (
  document: Document,
  { ids, heard }: { ids: Ids; heard: Heard },
  schema: Document | undefined,
): fc.Arbitrary<string | Uint8Array<ArrayBuffer>> => {
  const valid = schema === undefined ? fc.constant({}) : withTokens(fromSchema(document, ids, schema), heard);
  return fc.oneof(
    { weight: 12, arbitrary: valid.map(json) },
    { weight: 6, arbitrary: nearly(valid).map(json) },
    { weight: 1, arbitrary: wildValue.map(json) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        wildText,
        valid.map((body) => json(body).slice(0, -1)),
      ),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes)) },
  );
};

const withTokens = (body: fc.Arbitrary<unknown>, { refreshTokens }: Heard) =>
  body.map((value) => {
    const token = refreshTokens.at(-1);
    const asks = typeof value === 'object' && value !== null && 'refresh_token' in value;
    return asks && token !== undefined ? { ...value, refresh_token: token } : value;
  });

const json = (value: unknown): string => JSON.stringify(value) ?? '';
