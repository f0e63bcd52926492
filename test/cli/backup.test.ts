import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findRunning } from '../../src/process/postgres.ts';
import type { Data } from '../helpers/app.ts';
import { connect } from '../helpers/connection.ts';
import { openPostgres } from '../process/made-data.ts';
import { login, OWNER_VARIABLES } from '../process/requests.ts';
import { household, type Started, until } from '../process/started.ts';
import { contentOf } from './backup/rows.ts';

setDefaultTimeout(180_000);

const { folder, start, serve } = household();
const QUIET = { keepalive: false } as const;

const send = async (url: string, token: string, body?: object): Promise<{ status: number; body: Data }> => {
  const response = await fetch(url, {
    ...QUIET,
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  return { status: response.status, body: await response.json() };
};
const told = async (started: Started) => ({ code: await started.exit, said: started.said.join('\n') });
const urlsOf = async (dataDir: string) => {
  const running = await findRunning(dataDir);
  if (running === undefined) throw new Error(`nothing runs on ${dataDir}`);
  return running;
};

/** Adds customers one after the other until it is told to stop; gives the ids of those that were acknowledged. */
const addingCustomers = (address: string, token: string) => {
  const ids: string[] = [];
  let isOver = false;
  const loop = (async () => {
    for (let at = 0; !isOver; at += 1) {
      const answer = await send(`${address}/v1/customers`, token, {
        name: `Sam ${at}`,
        email: `sam-${at}@shop.test`,
      });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      ids.push(answer.body.data.id);
    }
  })();
  loop.catch(() => undefined);
  const stop = async () => {
    isOver = true;
    await loop;
  };
  return { ids, stop };
};

const ROUNDS = 12;

/** Lets the server throw away every bit of its log that nobody holds; not for ever, for a round costs 16 MB. */
const discardingLog = (adminUrl: string) => {
  const sql = connect(adminUrl);
  let isOver = false;
  const loop = (async () => {
    for (let round = 0; round < ROUNDS && !isOver; round += 1) {
      await sql`select pg_switch_wal()`;
      await sql`checkpoint`;
      await Bun.sleep(200);
    }
    await sql.end();
  })();
  loop.catch(() => undefined);
  const stop = async () => {
    isOver = true;
    await loop;
  };
  return { stop };
};

const customersOf = async (url: string, ids: readonly string[]): Promise<unknown[]> => {
  const sql = connect(url);
  const rows = await sql`select * from customers where id in ${sql(ids)} order by id`;
  await sql.end();
  return [...rows];
};

describe('a backup of the embedded database', () => {
  test('made while the server is written to comes back elsewhere: same rows, same password, same tokens', async () => {
    const DATA_DIR = join(folder(), 'data');
    const file = join(folder(), 'shop.tar.gz');
    const server = serve({ DATA_DIR, ...OWNER_VARIABLES });
    const address = await server.ready();
    const { data }: Data = await (await login(address)).json();
    const { url, adminUrl } = await urlsOf(DATA_DIR);
    const writer = addingCustomers(address, data.access_token);
    const discarder = discardingLog(adminUrl);
    await until('the first customers', () => writer.ids.length >= 5);
    const before = [...writer.ids];
    const backup = await told(start(['backup', file], { DATA_DIR }));
    await writer.stop();
    await discarder.stop();
    expect(backup.code, backup.said).toBe(0);
    expect(backup.said).toContain(`the secrets of ${join(DATA_DIR, 'secrets.json')} are in it`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(writer.ids.length).toBeGreaterThan(before.length);
    const rows = await customersOf(url, before);
    const all = await customersOf(url, writer.ids);
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);

    const elsewhere = join(folder(), 'data');
    const restore = await told(start(['restore', file], { DATA_DIR: elsewhere }));
    expect(restore.code, restore.said).toBe(0);
    const second = serve({ DATA_DIR: elsewhere });
    const there = await second.ready();
    const copy = (await urlsOf(elsewhere)).url;
    expect(rows).toHaveLength(before.length);
    expect(await customersOf(copy, before)).toEqual(rows);
    // Of what was written meanwhile it has what was there when it ended, whole.
    const meanwhile = await customersOf(copy, writer.ids);
    expect(all).toEqual(expect.arrayContaining(meanwhile));
    expect((await login(there)).status).toBe(200);
    expect((await send(`${there}/v1/me`, data.access_token)).status).toBe(200);
    const fresh = await send(`${there}/v1/auth/refresh`, '', { refresh_token: data.refresh_token });
    expect(fresh.status).toBe(200);
    expect(
      (await send(`${there}/v1/customers`, data.access_token, { name: 'Late', email: 'late@shop.test' }))
        .status,
    ).toBe(201);
  });

  test('made without a server has every row, and leaves nothing running and nothing beside it', async () => {
    const DATA_DIR = join(folder(), 'data');
    const place = folder();
    expect(await start(['migrate'], { DATA_DIR }).exit).toBe(0);
    const adding = ['staff', 'add', '--email', 'o@shop.test', '--name', 'Olga', '--role', 'owner'];
    expect(await start(adding, { DATA_DIR }).exit).toBe(0);
    const backup = await told(start(['backup', join(place, 'shop.tar.gz')], { DATA_DIR, TMPDIR: place }));
    expect(backup.code, backup.said).toBe(0);
    expect(backup.said).toContain('1 staff, 0 customers');
    expect(readdirSync(place)).toEqual(['shop.tar.gz']);
    expect(await findRunning(DATA_DIR)).toBeUndefined();

    const elsewhere = join(folder(), 'data');
    const restore = await told(start(['restore', join(place, 'shop.tar.gz')], { DATA_DIR: elsewhere }));
    expect(restore.code, restore.said).toBe(0);
    const contents = [];
    for (const dataDir of [DATA_DIR, elsewhere]) {
      const postgres = await openPostgres(dataDir);
      contents.push(await contentOf(postgres.url));
      await postgres.stop();
    }
    expect(contents[0]?.staff).toStartWith('1 ');
    expect(contents[1]).toEqual(contents[0]);
  });

  test('that is stopped in the middle leaves nothing', async () => {
    const DATA_DIR = join(folder(), 'data');
    const place = folder();
    expect(await start(['migrate'], { DATA_DIR }).exit).toBe(0);
    const backup = start(['backup', join(place, 'shop.tar.gz')], { DATA_DIR, TMPDIR: place });
    await backup.hears(/secrets/);
    backup.signalGroup('SIGINT');
    expect(await backup.exit).toBe(1);
    expect(backup.said.at(-1)).toBe('Stopped before the end: nothing was kept.');
    expect(readdirSync(place)).toEqual([]);
    expect(await findRunning(DATA_DIR)).toBeUndefined();
  });

  test('is refused where there is no database, or where the file is there already or cannot be', async () => {
    const place = folder();
    const nothing = await told(start(['backup', join(place, 'a')], { DATA_DIR: join(place, 'data') }));
    expect(nothing).toEqual({ code: 1, said: expect.stringMatching(/^There is no database in .*$/) });
    expect(existsSync(join(place, 'data'))).toBe(false);
    await Bun.write(join(place, 'b'), 'an older one');
    const taken = await told(start(['backup', join(place, 'b')], { DATA_DIR: place }));
    expect(taken).toEqual({ code: 1, said: `${join(place, 'b')} exists: choose another name.` });
    expect(await Bun.file(join(place, 'b')).text()).toBe('an older one');
  });

  test('and a restore tell their use, and end with 2 for words that mean nothing', async () => {
    for (const word of ['backup', 'restore']) {
      const help = await told(start([word, '--help'], {}));
      expect(help).toEqual({ code: 0, said: expect.stringContaining(`bun run ${word} <file.tar.gz>`) });
      for (const words of [[], ['a', 'b'], ['--fast']]) {
        const wrong = await told(start([word, ...words], {}));
        expect(wrong).toEqual({ code: 2, said: expect.stringMatching(/takes the name of one file/) });
      }
    }
  });
});
