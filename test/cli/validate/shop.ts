import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Data, testApp } from '../../helpers/app.ts';

const MAIN = join(import.meta.dir, '../../../src/main.ts');

/** A shop that listens, on a database of its own. */
export const listeningShop = async () => {
  const shop = await testApp();
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => shop.app.fetch(request) });
  return { shop, server, address: server.url.origin };
};

/** What stands between a client and the shop: `answer` may take a request for itself. */
export const between = (
  address: string,
  answer: (path: string) => Promise<Response> | Response | undefined,
) =>
  Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const own = answer(pathname);
      if (own !== undefined) return own;
      const { method, headers } = request;
      return fetch(`${address}${pathname}${search}`, { method, headers, body: await request.arrayBuffer() });
    },
  });

export type Env = Record<string, string>;

export const startValidate = (words: readonly string[], env: Env = {}) =>
  Bun.spawn([process.execPath, '--no-env-file', MAIN, 'validate', ...words], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '', DATA_DIR: join(tmpdir(), 'edgars-no-such-folder'), ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });

export const endOf = async (child: ReturnType<typeof startValidate>) => {
  const [code, out, err] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code, out, err };
};

export const validate = (words: readonly string[], env: Env = {}) => endOf(startValidate(words, env));

/** With --json: what it printed, as an object. */
export const outcomeOf = async (words: readonly string[], env: Env) => {
  const { code, out, err } = await validate([...words, '--json'], env);
  if (!out.startsWith('{')) throw new Error(`no JSON but: ${out}\n${err}`);
  const outcome: Data = JSON.parse(out);
  return { code, err, outcome };
};

export const routeOf = (step: Data, name: string): Data =>
  step.routes.find((one: Data) => one.route === name);
