import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { readSecrets, type Secrets } from '../../src/process/secrets.ts';
import { household, ROOT } from './started.ts';

setDefaultTimeout(60_000);

const { folder, start } = household();
const STRONG = 'Zk3vR9mQx7Lw2Tn8Yb5Hc1Jd6Fg4Sp0A';
const OTHER = 'q1W9e8R2t7Y3u6I4o5Pz0XcVbNmAsDfG';

const read = async (
  variables: Record<string, string>,
): Promise<Secrets & { said: string[]; dataDir: string }> => {
  const dataDir = variables.DATA_DIR ?? folder();
  const said: string[] = [];
  const config = readConfig({ DATA_DIR: dataDir, ...variables });
  return { ...(await readSecrets(config, (line) => said.push(line))), said, dataDir };
};
const refusal = async (variables: Record<string, string>): Promise<string> => {
  const error: unknown = await read(variables).catch((cause: unknown) => cause);
  if (!(error instanceof Error)) throw new Error('it was not refused');
  expect(error.name).toBe('Refusal');
  expect(error.message.split('\n')).toHaveLength(1);
  return error.message;
};

describe('without JWT_SECRET', () => {
  test('makes 32 random bytes, for this user alone, and leaves nothing else behind', async () => {
    const first = await read({});
    const second = await read({});
    const path = join(first.dataDir, 'secrets.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(first.dataDir)).toEqual(['secrets.json']);
    expect(first.jwt).toHaveLength(1);
    expect(Buffer.from(first.jwt[0]?.secret ?? '', 'base64url')).toHaveLength(32);
    expect(second.jwt[0]?.secret).not.toBe(first.jwt[0]?.secret);
    expect(second.jwt[0]?.kid).not.toBe(first.jwt[0]?.kid);
    expect(first.said).toEqual([`secrets made (${path})`]);
  });

  test('keeps them from one start to the next', async () => {
    const first = await read({});
    const again = await read({ DATA_DIR: first.dataDir });
    expect(again.jwt).toEqual(first.jwt);
    expect(again.said).toEqual([`secrets read (${join(first.dataDir, 'secrets.json')})`]);
  });

  test('makes the folder of SECRETS_FILE when there is none', async () => {
    const path = join(folder(), 'a folder', 'kept.json');
    const { jwt } = await read({ SECRETS_FILE: path });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ jwt: [...jwt] });
  });

  test('says that they are for one machine only, where machines may share a database', async () => {
    const { said } = await read({ DATABASE_URL: 'postgres://shop@db.example/shop' });
    expect(said.at(-1)).toMatch(/^these secrets are for this machine only: .*one JWT_SECRET$/);
  });

  test('gives the same to all processes that make them at once', async () => {
    const dataDir = folder();
    const go = join(folder(), 'go');
    const code = `
      const { existsSync } = await import('node:fs');
      const { readConfig } = await import('${ROOT}/src/config.ts');
      const { readSecrets } = await import('${ROOT}/src/process/secrets.ts');
      const config = readConfig(process.env);
      console.error('waiting');
      while (!existsSync('${go}')) {}
      const { jwt } = await readSecrets(config, () => undefined);
      console.log(jwt[0].secret);`;
    const racers = Array.from({ length: 6 }, () =>
      start([], { DATA_DIR: dataDir }, { command: [process.execPath, '--no-env-file', '-e', code] }),
    );
    await Promise.all(racers.map((racer) => racer.hears(/waiting/)));
    writeFileSync(go, '');
    const codes = await Promise.all(racers.map(({ exit }) => exit));
    expect(codes).toEqual(racers.map(() => 0));
    expect(new Set(racers.flatMap(({ printed }) => printed)).size).toBe(1);
    expect(readdirSync(dataDir)).toEqual(['secrets.json']);
  });

  test.each([
    ['its group', 0o640],
    ['everybody', 0o604],
  ])('refuses a file that %s can read, and says how to mend it', async (_, mode) => {
    const { dataDir } = await read({});
    const path = join(dataDir, 'secrets.json');
    chmodSync(path, mode);
    expect(await refusal({ DATA_DIR: dataDir })).toContain(`chmod 600 '${path}'`);
    chmodSync(path, 0o600);
    await read({ DATA_DIR: dataDir });
  });

  test.each([
    ['an empty file', ''],
    ['half a file', '{"jwt": [{"kid": "a", "sec'],
    ['a file without a secret', '{"jwt": []}'],
    ['a file of something else', '{"jwt": [{"kid": 7}]}'],
  ])('refuses %s instead of making new secrets over it', async (_, text) => {
    const dataDir = folder();
    const path = join(dataDir, 'secrets.json');
    writeFileSync(path, text, { mode: 0o600 });
    expect(await refusal({ DATA_DIR: dataDir })).toContain(`The secrets file ${path} is damaged`);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('refuses a file that holds a weak secret', async () => {
    const dataDir = folder();
    const jwt = [{ kid: 'a', secret: 'short' }];
    writeFileSync(join(dataDir, 'secrets.json'), JSON.stringify({ jwt }), { mode: 0o600 });
    expect(await refusal({ DATA_DIR: dataDir })).toContain('is only 5 bytes long, 32 are needed');
  });

  test('says so when the file cannot be made', async () => {
    const inTheWay = join(folder(), 'a file');
    writeFileSync(inTheWay, '');
    expect(await refusal({ SECRETS_FILE: join(inTheWay, 'secrets.json') })).toMatch(
      /^The secrets file .* cannot be made: /,
    );
  });
});

describe('JWT_SECRET', () => {
  test('is used as it is, and no file is made', async () => {
    const { jwt, said, dataDir } = await read({ JWT_SECRET: STRONG });
    expect(jwt).toEqual([{ kid: 'environment', secret: STRONG }]);
    expect(said).toEqual([]);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  test('may be a list of key ids and secrets, in which the first signs', async () => {
    const { jwt } = await read({ JWT_SECRET: `2026-11:${STRONG}, old_one:${OTHER}` });
    expect(jwt).toEqual([
      { kid: '2026-11', secret: STRONG },
      { kid: 'old_one', secret: OTHER },
    ]);
  });

  test('may hold any other sign in a secret', async () => {
    const { jwt } = await read({ JWT_SECRET: `now:${STRONG}:+/=@` });
    expect(jwt).toEqual([{ kid: 'now', secret: `${STRONG}:+/=@` }]);
  });

  test.each([
    ['a comma too many', `now:${STRONG},`],
    ['a key id that is missing', `now:${STRONG},${OTHER}`],
    ['a secret that is missing', `now:${STRONG},old:`],
  ])('refuses a list with %s, instead of taking the whole for one secret', async (_, text) => {
    const sentence = await refusal({ JWT_SECRET: text });
    expect(sentence).toMatch(/^JWT_SECRET .*kid:secret,kid:secret/);
    expect(sentence).not.toContain(STRONG);
  });

  test('refuses a key id that comes twice', async () => {
    expect(await refusal({ JWT_SECRET: `a:${STRONG},a:${OTHER}` })).toMatch(
      /^JWT_SECRET names a key id twice/,
    );
  });

  test.each([
    ['a short one', 'k9X2mQ7vL4', /is only 10 bytes long, 32 are needed/],
    ['dev_secret', 'dev_secret_dev_secret_dev_secret_1', /is a well-known one/],
    ['what a tutorial writes', 'your-256-bit-secret-goes-here-0123456789', /is a well-known one/],
    ['change me', 'CHANGE_ME_before_you_deploy_0123456789', /is a well-known one/],
    ['one letter, often', 'a'.repeat(64), /too few different characters/],
    ['a weak one behind a strong one', `a:${STRONG},b:short`, /is only 5 bytes long/],
  ])('refuses %s in production, and only warns elsewhere', async (_, text, reason) => {
    const sentence = await refusal({ JWT_SECRET: text });
    expect(sentence).toMatch(reason);
    expect(sentence).toContain('openssl rand -base64 32');
    const { said } = await read({ JWT_SECRET: text, APP_ENV: 'development' });
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(reason);
    for (const line of [sentence, ...said]) expect(line).not.toContain(text);
  });
});
