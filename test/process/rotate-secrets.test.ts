import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { accessTokens } from '../../src/features/auth/tokens.ts';
import { rotateSecrets } from '../../src/process/rotate-secrets.ts';
import { newKey, readSecretsFile, writeDurably } from '../../src/process/secrets.ts';
import { newId } from '../../src/values/id.ts';
import type { Data } from '../helpers/app.ts';
import { login, OWNER_VARIABLES } from './requests.ts';
import { freePort, household, until } from './started.ts';

setDefaultTimeout(120_000);

const { folder, database, serve, start } = household();
const MINUTE_MS = 60_000;
const holder = () => ({ staffId: newId(), sessionId: newId() });
const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
const outcomeOf = (read: Promise<unknown>): Promise<string> =>
  read.then(
    () => 'valid',
    () => 'refused',
  );

describe('a rotation', () => {
  test('is felt by nobody: each key signs and verifies in its time, over all of it', async () => {
    const path = join(folder(), 'secrets.json');
    const first = newKey();
    await writeDurably(path, JSON.stringify({ jwt: [first] }));
    let now = Date.parse('2026-11-24T12:00:00Z');
    const untouched = accessTokens([first], () => now);
    const { kid } = await rotateSecrets(path, now);
    const rolled = accessTokens((await readSecretsFile(path)).jwt, () => now);

    const before = await untouched.issue(holder());
    expect(kidOf(await rolled.issue(holder()))).toBe(first.kid);
    expect(await outcomeOf(rolled.read(before))).toBe('valid');

    now += 4 * MINUTE_MS;
    // A worker that has not heard of it yet reads what a worker that has signs.
    expect(await outcomeOf(untouched.read(await rolled.issue(holder())))).toBe('valid');

    now += 2 * MINUTE_MS;
    const fresh = await rolled.issue(holder());
    expect(kidOf(fresh)).toBe(kid);
    expect(await outcomeOf(rolled.read(fresh))).toBe('valid');
    // The last token of the old key lives to its end.
    now -= 1.1 * MINUTE_MS;
    const last = await untouched.issue(holder());
    now += 14.9 * MINUTE_MS;
    expect(await outcomeOf(rolled.read(last))).toBe('valid');

    now += 2 * MINUTE_MS;
    const forged = await untouched.issue(holder());
    expect(await outcomeOf(rolled.read(forged))).toBe('refused');
  });

  test('keeps the file to its owner, drops keys whose time is over, and waits for the one before', async () => {
    const path = join(folder(), 'secrets.json');
    await writeDurably(path, JSON.stringify({ jwt: [newKey()] }));
    const now = Date.now();
    await rotateSecrets(path, now);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(rotateSecrets(path, now + MINUTE_MS)).rejects.toThrow('rotate again after that');
    await rotateSecrets(path, now + 60 * MINUTE_MS);
    const { jwt } = await readSecretsFile(path);
    expect(jwt).toHaveLength(2);
    await rotateSecrets(path, now + 120 * MINUTE_MS);
    expect((await readSecretsFile(path)).jwt).toHaveLength(2);
    chmodSync(path, 0o644);
    await expect(rotateSecrets(path, now + 240 * MINUTE_MS)).rejects.toThrow('chmod 600');
  });
});

describe('bun run secrets rotate', () => {
  test('beside a running server: its words are followed, and who was logged in stays so', async () => {
    const DATA_DIR = folder();
    const port = String(await freePort());
    const server = serve({ DATA_DIR, DATABASE_URL: await database(), PORT: port, ...OWNER_VARIABLES });
    const address = await server.ready();
    const { data }: Data = await (await login(address)).json();
    const rotation = start(['secrets', 'rotate'], { DATA_DIR });
    expect(await rotation.exit).toBe(0);
    expect(rotation.said.at(-1)).toContain(`kill -USR2 ${server.pid} `);
    server.signal('SIGUSR2');
    await server.hears(/^reloaded$/);
    const me = await until('an answer', () =>
      fetch(`${address}/v1/me`, {
        headers: { authorization: `Bearer ${data.access_token}` },
        keepalive: false,
      }).catch(() => undefined),
    );
    expect(me.status).toBe(200);
    const text = readFileSync(join(DATA_DIR, 'secrets.json'), 'utf8');
    for (const { secret } of JSON.parse(text).jwt) {
      expect([...rotation.said, ...server.said, ...server.printed].join('\n')).not.toContain(secret);
    }
  });

  test('tells what to do with JWT_SECRET, and how it is used', async () => {
    const inVariable = start(['secrets', 'rotate'], { DATA_DIR: folder(), JWT_SECRET: 'x'.repeat(40) });
    expect([await inVariable.exit, inVariable.said.at(-1)]).toEqual([
      1,
      expect.stringContaining('put the new one in front'),
    ]);
    const wrong = start(['secrets', 'rotat'], { DATA_DIR: folder() });
    expect(await wrong.exit).toBe(2);
    const help = start(['secrets', '--help'], { DATA_DIR: folder() });
    expect([await help.exit, help.said.join()]).toEqual([0, expect.stringContaining('SIGHUP')]);
  });
});
