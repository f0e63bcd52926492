import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { resolved } from './openapi.ts';

// biome-ignore lint/suspicious/noExplicitAny: the document's form is what is looked into here
type Document = any;
type Told = { status: number; headers: Headers; body: unknown };
export type Checker = (method: string, path: string, answer: Told) => void;

/** What a client acts upon: an answer carries none of these without a word in the document. */
const HEADERS = [
  ...['etag', 'location', 'idempotency-replayed', 'dry-run', 'retry-after', 'www-authenticate'],
  ...['ratelimit', 'ratelimit-policy'],
];
const OF_NO_ROUTE = ['request.path_unknown', 'request.method_not_allowed'];

/** Throws for an answer that the application's own OpenAPI document does not tell of. */
export const checkerOf = (document: Document): Checker => {
  // Each test file compiles anew what it meets: neither checked (test/http lints the document) nor made faster to run.
  const ajv = new Ajv2020({
    ...{ strict: false, validateSchema: false },
    ...{ inlineRefs: false, code: { optimize: false } },
  });
  addFormats(ajv);
  ajv.addSchema(document, 'document');
  const operations = Object.keys(document.paths)
    .map((path) => ({ path, pattern: patternOf(path) }))
    .sort((one, other) => one.path.split('{').length - other.path.split('{').length);

  return (method, path, { status, headers, body }) => {
    const reason = body && typeof body === 'object' ? (body as Document).error?.reason : undefined;
    if (reason !== undefined && document['x-reasons'][reason] !== status)
      throw new Error(`${method} ${path}: the document does not know ${reason} with ${status}`);
    if (OF_NO_ROUTE.includes(reason)) return;
    const where = operations.find(({ pattern }) => pattern.test(path.split('?')[0] ?? ''))?.path;
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = where === undefined ? undefined : document.paths[where][verb];
    // Two Hosts, a method like TRACE: refused before there is a route.
    if (operation === undefined) return;
    const { told, pointer } = responseAt(document, { path: where ?? '', verb, status });
    if (told === undefined)
      throw new Error(`${method} ${where} does not tell of status ${status}: ${reason}`);
    const names = Object.keys(told.headers ?? {}).map((name) => name.toLowerCase());
    const untold = HEADERS.filter((name) => headers.has(name) && !names.includes(name));
    if (untold.length > 0) throw new Error(`${method} ${where} ${status} does not tell of ${untold.join()}`);
    if (body === undefined || told.content?.['application/json'] === undefined) return;
    check(ajv, `document${pointer}/content/application~1json/schema`, body, `${method} ${where} ${status}`);
  };
};

/** The response and where it stands: what many routes answer alike stands once. */
const responseAt = (
  document: Document,
  { path, verb, status }: { path: string; verb: string; status: number },
): { told: Document; pointer: string } => {
  const own = document.paths[path][verb].responses[status];
  const pointer = own?.$ref ?? `#/paths/${escaped(path)}/${verb}/responses/${status}`;
  return { told: resolved(document, own), pointer };
};

const check = (ajv: Ajv2020, ref: string, body: unknown, what: string): void => {
  const validate = ajv.getSchema(ref);
  if (validate === undefined) throw new Error(`no schema at ${ref}`);
  if (validate(body)) return;
  const faults = ajv.errorsText(validate.errors);
  throw new Error(`${what} is not as documented: ${faults}\n${JSON.stringify(body)?.slice(0, 2_000)}`);
};

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);

const escaped = (path: string): string => path.replaceAll('~', '~0').replaceAll('/', '~1');
