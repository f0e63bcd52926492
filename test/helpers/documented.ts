import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { createApp } from '../../src/app.ts';

// biome-ignore lint/suspicious/noExplicitAny: the document's form is what is looked into here
type Document = any;
type Checker = (method: string, path: string, status: number, body: unknown) => void;

const POINTER = 'document#';
const EVERYWHERE = ['request.path_unknown', 'request.method_not_allowed'];

/** Throws for an answer that the application's own OpenAPI document does not tell of. */
export const checkerOf = async (app: ReturnType<typeof createApp>): Promise<Checker> => {
  const document: Document = await (await app.request('/openapi.json')).json();
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  addFormats(ajv);
  ajv.addSchema(document, 'document');
  const operations = Object.keys(document.paths)
    .map((path) => ({ path, pattern: patternOf(path) }))
    .sort((one, other) => one.path.split('{').length - other.path.split('{').length);

  return (method, path, status, body) => {
    const reason = body && typeof body === 'object' ? (body as Document).error?.reason : undefined;
    if (EVERYWHERE.includes(reason)) return check(ajv, `${POINTER}/components/schemas/Refusal`, body, path);
    const where = operations.find(({ pattern }) => pattern.test(path.split('?')[0] ?? ''))?.path;
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = where === undefined ? undefined : document.paths[where][verb];
    // Two Hosts, a method like TRACE: refused before there is a route.
    if (operation === undefined) {
      if (body !== undefined) check(ajv, `${POINTER}/components/schemas/Refusal`, body, path);
      return;
    }
    const told = operation.responses[status];
    if (told === undefined)
      throw new Error(`${method} ${where} does not tell of status ${status}: ${reason}`);
    if (body === undefined || told.content?.['application/json'] === undefined) return;
    const pointer = `${POINTER}/paths/${escaped(where ?? '')}/${verb}/responses/${status}`;
    check(ajv, `${pointer}/content/application~1json/schema`, body, `${method} ${where} ${status}`);
  };
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
