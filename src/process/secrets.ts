import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import type { Config } from '../config.ts';
import { giveToFolderOwner } from './embedded/home.ts';
import { refuse } from './refusal.ts';

/** The first whose time has come signs, all verify until their end. */
export type Secrets = { readonly jwt: readonly Key[] };
export type Key = {
  readonly kid: string;
  readonly secret: string;
  /** Instants: a key that comes is known everywhere before it signs, one that goes verifies until its tokens end. */
  readonly signs_from?: string | undefined;
  readonly verifies_until?: string | undefined;
};

const LEAST_BYTES = 32;
const KEYED = /^([\w-]{1,32}):(.+)$/;
// What people paste from a tutorial and mean to change: some of these are 32 bytes or longer.
const WELL_KNOWN =
  /dev.?secret|(?:change|replace).?(?:me|this|it)|your.{0,20}(?:secret|key)|super.?secret|at.?least.{0,5}(?:32|256)|(?:this|my).?is.?(?:a|the|my).?(?:secret|key)|jwt.?secret|keyboard.?cat|example|placeholder/i;

const FILE = v.object({
  jwt: v.pipe(
    v.array(
      v.object({
        kid: v.pipe(v.string(), v.minLength(1)),
        secret: v.string(),
        signs_from: v.exactOptional(v.string()),
        verifies_until: v.exactOptional(v.string()),
      }),
    ),
    v.minLength(1),
  ),
});

/** From JWT_SECRET, else from the secrets file, which is made when there is none. */
export const readSecrets = async (config: Config, say: (line: string) => void): Promise<Secrets> => {
  if (config.jwtSecret !== undefined) {
    const secrets = parseVariable(config.jwtSecret);
    assertStrong(secrets, { source: 'JWT_SECRET', config, say });
    return secrets;
  }
  const made = await makeFile(config.secretsFile);
  const secrets = await readSecretsFile(config.secretsFile);
  assertStrong(secrets, { source: config.secretsFile, config, say });
  say(`secrets ${made ? 'made' : 'read'} (${config.secretsFile})`);
  if (config.databaseUrl !== undefined) {
    say(
      'these secrets are for this machine only: where several share one database, give all of them one JWT_SECRET',
    );
  }
  return secrets;
};

const parseVariable = (text: string): Secrets => {
  const parts = text.split(',').map((part) => KEYED.exec(part.trim()));
  const keyed = parts.flatMap((match) => {
    const [, kid, secret] = match ?? [];
    return kid === undefined || secret === undefined ? [] : [{ kid, secret }];
  });
  if (keyed.length === 0) return { jwt: [{ kid: 'environment', secret: text }] };
  if (keyed.length < parts.length) {
    throw refuse(
      'JWT_SECRET must be one secret, or kid:secret,kid:secret with an id and a secret in each part.',
    );
  }
  if (new Set(keyed.map(({ kid }) => kid)).size < keyed.length) {
    throw refuse('JWT_SECRET names a key id twice: each secret needs an id of its own.');
  }
  return { jwt: keyed };
};

const assertStrong = (
  { jwt }: Secrets,
  { source, config, say }: { source: string; config: Config; say: (line: string) => void },
): void => {
  const fault = jwt.map(({ secret }) => weakness(secret)).find((found) => found !== undefined);
  if (fault === undefined) return;
  const sentence = `${source} holds a secret that ${fault}: make one with openssl rand -base64 32`;
  if (config.appEnv === 'production') throw refuse(`${sentence}, or leave JWT_SECRET out and one is made.`);
  say(`${sentence} (refused when APP_ENV is production)`);
};

const weakness = (secret: string): string | undefined => {
  const bytes = Buffer.byteLength(secret);
  if (bytes < LEAST_BYTES) return `is only ${bytes} bytes long, ${LEAST_BYTES} are needed`;
  if (WELL_KNOWN.test(secret)) return 'is a well-known one';
  if (new Set(secret).size < 10) return 'is made of too few different characters';
  return undefined;
};

/** False when it was there already. A second process that makes it at the same moment finds the first one's. */
const makeFile = async (path: string): Promise<boolean> => {
  if (await stat(path).catch(() => undefined)) return false;
  const jwt = [newKey()];
  const making = `${path}.making-${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeDurably(making, `${JSON.stringify({ jwt }, null, 2)}\n`);
    await giveToFolderOwner(making);
    return await linkUnlessThere(making, path);
  } catch (cause) {
    throw refuse(`The secrets file ${path} cannot be made: ${messageOf(cause)}.`, cause);
  } finally {
    // Where it could not be made it cannot be removed either: the first fault is the one to tell.
    await rm(making, { force: true }).catch(() => undefined);
  }
};

const linkUnlessThere = (making: string, path: string): Promise<boolean> =>
  link(making, path).then(
    () => true,
    (cause: unknown) => {
      if (codeOf(cause) === 'EEXIST') return false;
      throw cause;
    },
  );

export const newKey = (): Key => ({
  kid: randomBytes(4).toString('hex'),
  secret: randomBytes(LEAST_BYTES).toString('base64url'),
});

export const writeDurably = async (path: string, text: string): Promise<void> => {
  await rm(path, { force: true });
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
};

export const readSecretsFile = async (path: string): Promise<Secrets> => {
  const { mode } = await stat(path).catch((cause: unknown) => {
    throw refuse(`There is no secrets file ${path} yet: the first start makes it.`, cause);
  });
  if ((mode & 0o077) !== 0) {
    throw refuse(`The secrets file can be read by other users of this machine: run chmod 600 '${path}'.`);
  }
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw refuse(
      `The secrets file ${path} cannot be read by this user: start as the user it belongs to.`,
      cause,
    );
  });
  const result = v.safeParse(FILE, unlessMalformed(text));
  if (result.success) return result.output;
  throw refuse(
    `The secrets file ${path} is damaged: restore it, or remove it and a new one is made (everybody then logs in again).`,
  );
};

const unlessMalformed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
