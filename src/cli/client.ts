import { createApp } from '../app.ts';
import type { Config } from '../config.ts';
import { openPool } from '../database/pool.ts';
import { createLog } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import { poolOptions } from '../process/pool-options.ts';
import { refuse } from '../process/refusal.ts';
import { isHelp } from './help.ts';

const DEFAULT_FILE = 'shop-client.ts';
/** Nobody is asked anything: the document needs the routes alone. */
const NO_DATABASE = 'postgres://nobody@127.0.0.1:1/none';
const NO_SECRETS = { jwt: [{ kid: 'none', secret: 'signs nothing' }] };

const HEAD = `// Made by \`bun run client\` from the OpenAPI document; not to be edited. It needs the package openapi-fetch.
import createClient, { type ClientOptions } from 'openapi-fetch';

`;

const TAIL = `
export type Schemas = components['schemas'];

type Options = Omit<ClientOptions, 'baseUrl'> & {
  /** Gives the access token of the moment, if there is one. */
  token?: () => string | undefined;
};

/** \`baseUrl\` is the server's address without a path, such as http://localhost:5000 */
export const createShopClient = (baseUrl: string, { token, ...options }: Options = {}) => {
  const client = createClient<paths>({
    querySerializer: { array: { style: 'form', explode: false } },
    ...options,
    baseUrl,
  });
  client.use({
    onRequest: ({ request }) => {
      const bearer = token?.();
      if (bearer !== undefined) request.headers.set('Authorization', \`Bearer \${bearer}\`);
    },
  });
  return client;
};
`;

/** Writes a typed client, without a database or a running server. */
export const runClient = async (
  config: Config,
  say: (line: string) => void,
  [file = DEFAULT_FILE]: readonly string[],
): Promise<number> => {
  if (isHelp(file) || file.startsWith('-')) {
    say(`bun run client [file] writes a typed TypeScript client; without a file into ${DEFAULT_FILE}.`);
    return isHelp(file) ? 0 : 2;
  }
  const { default: openapiTS, astToString } = await generator();
  const types = astToString(await openapiTS(await documentText(config)));
  await Bun.write(file, `${HEAD}${types}${TAIL}`);
  say(`wrote ${file}`);
  return 0;
};

/** The OpenAPI document of the application, as GET /openapi.json answers it. */
export const documentText = async (config: Config): Promise<string> => {
  const log = createLog({ level: 'error' });
  const pool = openPool(poolOptions(config, NO_DATABASE, 'none'), log);
  const process = { isReady: () => false, isDraining: () => false };
  const app = createApp({
    pool,
    config,
    log,
    metrics: createMetrics(0),
    secrets: NO_SECRETS,
    clock: Date.now,
    process,
  });
  return (await app.request('/openapi.json')).text();
};

/** A package of development: an installation for production does without it. */
const generator = () =>
  import('openapi-typescript').catch(() => {
    throw refuse('The generator of the client is not installed: run bun install first.');
  });
