import { afterAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { signatureFor } from '../app/message-examples.ts';
import { type Answer, testApp } from '../helpers/app.ts';
import { documentOf, operationsOf } from '../helpers/openapi.ts';
import { type FuzzRequest, type Heard, requestsOf } from './requests.ts';
import { makeWorld } from './world.ts';

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 1_500);
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const WITHIN_MS = 600_000;
const LIGHT_HASH = { algorithm: 'argon2id', memoryCost: 8, timeCost: 1 } as const;

const app = await testApp({ env: { RATE_LIMIT_PER_S: '1000000' } });
const document = await documentOf(app.app);
const operations = operationsOf(document);
const { clients, ids } = await makeWorld(app);
const heard: Heard = { cursors: new Map(), refreshTokens: [] };
const counts = { done: 0, refused: 0 };
console.info(`fuzz: FUZZ_SEED=${SEED} FUZZ_REQUESTS=${REQUESTS}`);

const PASSWORD = 'a sentence for the tests alone';
const account = { email: 'fuzz@example.com', name: 'Fay', role: 'advisor', password: PASSWORD };
await clients.owner.post('/v1/staff', account);
// Whoever asks has a password too, and it is the same; its hash takes a log-in no time.
const hash = await Bun.password.hash(PASSWORD, LIGHT_HASH);
await app.sql`update staff set password_hash = ${hash}`;
const logIn = async () => {
  await app.sql`delete from attempts`;
  const { email, password } = account;
  const { data } = await app.stranger.post('/v1/auth/login', { email, password });
  heard.refreshTokens.push(data.refresh_token);
};

/** The client itself refuses an answer that is not as documented: status, reason, schema, headers, envelope. */
const send = async ({ who, method, path, headers, raw = '' }: FuzzRequest): Promise<Answer> => {
  const signature = signatureFor(`${method} ${path.split('?')[0]}`, raw);
  return clients[who].send(method, path, {
    headers: { ...headers, ...signature },
    ...(raw.length === 0 ? {} : { raw }),
  });
};

describe('requests made from the document of a route are answered as the document says, and never by 5xx', () => {
  for (const [at, operation] of operations.entries()) {
    const { method, path } = operation;
    test(
      `${method} ${path}`,
      async () => {
        const requests = requestsOf(document, { ids, heard }, operation);
        const isAuth = path.startsWith('/v1/auth');
        const property = fc.asyncProperty(requests, async (request) => {
          if (isAuth) await logIn();
          const answer = await send(request);
          counts[answer.status < 400 ? 'done' : 'refused'] += 1;
          if (answer.status >= 500) throw new Error(`${answer.status}: ${answer.text}`);
          if (answer.data?.next_cursor) heard.cursors.set(path, answer.data.next_cursor);
        });
        await fc.assert(property, { seed: SEED + at, numRuns: Math.ceil(REQUESTS / operations.length) });
      },
      WITHIN_MS,
    );
  }

  test('and they are no mere refusals, nor all let pass', () => {
    const all = counts.done + counts.refused;
    expect(all).toBeGreaterThanOrEqual(REQUESTS);
    expect(counts.done / all).toBeGreaterThan(0.2);
    expect(counts.refused / all).toBeGreaterThan(0.2);
  });
});

afterAll(() => console.info(`fuzz: ${counts.done} done, ${counts.refused} refused`));
