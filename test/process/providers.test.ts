import { afterAll, describe, expect, test } from 'bun:test';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { type Letter, NeverSent } from '../../src/features/outbox/types.ts';
import { createLog } from '../../src/observe/log.ts';
import { createProviders, OUTBOX_FILE } from '../../src/process/providers.ts';

const folder = await mkdtemp(join(tmpdir(), 'edgars-outbox-'));
const lines: string[] = [];
const log = createLog({ level: 'info', write: (line) => lines.push(line) });
const providersOf = (env: Record<string, string>) =>
  createProviders(readConfig({ DATA_DIR: folder, ...env }), log);

type Seen = { headers: Headers; body: unknown };
const seen: Seen[] = [];
let answer = (): Response | Promise<Response> => Response.json({ id: 'SM1' });
const service = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (request) => {
    seen.push({ headers: request.headers, body: await request.json() });
    return answer();
  },
});
afterAll(async () => {
  await service.stop(true);
  await rm(folder, { recursive: true, force: true });
});

const LETTER: Letter = {
  id: '01a20bd7-9f55-7017-915d-6baafcf06001',
  ...{ channel: 'sms', recipient: '+12135550142', subject: null, body: 'Hello Ana' },
};
const soon = () => AbortSignal.timeout(300);

describe('without a provider', () => {
  test('each message is a line in a file that nobody else reads; the log tells of it and not what it says', async () => {
    const { sms, email } = providersOf({});
    const many = Array.from({ length: 20 }, (_, at) => sms({ ...LETTER, id: `${at}` }, soon()));
    await Promise.all([...many, email({ ...LETTER, channel: 'email', subject: 'Hi' }, soon())]);
    const path = join(folder, OUTBOX_FILE);
    const written = (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(written).toHaveLength(21);
    expect(written.find(({ channel }) => channel === 'email')).toMatchObject({
      ...LETTER,
      channel: 'email',
      subject: 'Hi',
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(lines).toHaveLength(21);
    for (const secret of [LETTER.recipient, LETTER.body]) expect(lines.join()).not.toContain(secret);
  });

  test('a file that cannot be written is tried again, and the error tells no text', async () => {
    const { sms } = providersOf({ DATA_DIR: join(folder, 'nowhere') });
    await expect(sms(LETTER, soon())).rejects.toThrow('the outbox file: ENOENT');
    await chmod(folder, 0o700);
  });
});

describe('a service for text messages', () => {
  const url = `http://127.0.0.1:${service.port}/send`;
  const { sms } = providersOf({ SMS_URL: url, SMS_TOKEN: 'a token' });
  const refusal = () =>
    sms(LETTER, soon()).then(
      () => undefined,
      (error: unknown) => error,
    );

  test('is posted the text with the id of its message, and gives its own', async () => {
    expect(await sms(LETTER, soon())).toBe('SM1');
    expect(seen[0]?.body).toEqual({ id: LETTER.id, to: LETTER.recipient, body: LETTER.body });
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer a token');
    expect(seen[0]?.headers.get('idempotency-key')).toBe(LETTER.id);
  });

  test('that gives no id has taken it all the same', async () => {
    answer = () => new Response('OK');
    expect(await sms(LETTER, soon())).toBeNull();
  });

  for (const status of [400, 404, 410, 422]) {
    test(`${status} is for good`, async () => {
      answer = () => Response.json({ error: `no ${LETTER.recipient}` }, { status });
      const error = await refusal();
      expect(error).toBeInstanceOf(NeverSent);
      expect(String(error)).toBe(`NeverSent: the SMS service: status ${status}`);
    });
  }
  for (const status of [301, 401, 403, 408, 429, 500, 503]) {
    test(`${status} may pass`, async () => {
      answer = () => new Response('', { status, headers: { location: '/elsewhere' } });
      const error = await refusal();
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(NeverSent);
      expect(String(error)).not.toContain('555');
    });
  }
  test('that does not answer may do so next time', async () => {
    answer = () => Bun.sleep(5_000).then(() => new Response());
    const error = await refusal();
    expect(String(error)).toBe('Error: the SMS service: TimeoutError');
    await service.stop(true);
    expect(await refusal()).not.toBeInstanceOf(NeverSent);
  });
});
