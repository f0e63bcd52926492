import { expect, setDefaultTimeout, test } from 'bun:test';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { findRunning, type Postgres, startPostgres } from '../../src/process/postgres.ts';
import { connect } from '../helpers/connection.ts';
import { household, until } from '../process/started.ts';
import { countsOf } from './ask.ts';
import { figure, ms } from './figures.ts';
import { assertLedger, type Entry, type Ledger, openLedger } from './ledger.ts';
import { startLoad } from './load.ts';
import { type DrillShop, openShop, SLOWER, scaled, slowDrill } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();
const MEBIBYTE = 2 ** 20;
const canMount = process.getuid?.() === 0 && process.platform === 'linux' && Bun.which('mount') !== null;

const start = (dataDir: string): Promise<Postgres> =>
  startPostgres({ dataDir, maxConnections: 80, say: () => undefined });

/** A disk of its own for what stands in a folder. */
const mountOn = (folder: string, megabytes: number) => {
  const { uid, gid } = statSync(folder);
  const aside = `${folder}.aside`;
  renameSync(folder, aside);
  mkdirSync(folder);
  const options = `size=${megabytes}m,mode=0700,uid=${uid},gid=${gid}`;
  for (const command of [
    ['mount', '-t', 'tmpfs', '-o', options, 'drill', folder],
    ['cp', '-a', `${aside}/.`, folder],
  ]) {
    const done = Bun.spawnSync(command);
    if (!done.success) throw new Error(done.stderr.toString());
  }
  rmSync(aside, { recursive: true });
  const filler = join(folder, 'filler');
  return {
    /** Takes all the room that is left. */
    fill: (): void => {
      const file = openSync(filler, 'w');
      const block = new Uint8Array(MEBIBYTE);
      for (let size = block.length; size >= 4_096; ) {
        try {
          writeSync(file, block, 0, size);
        } catch {
          size /= 2;
        }
      }
      closeSync(file);
    },
    empty: (): void => rmSync(filler),
    unmount: (): void => void Bun.spawnSync(['umount', '-l', folder]),
  };
};

const ended = ({ sentAt, tookMs }: Entry): number => sentAt + tookMs;
const okAfter = ({ entries }: Ledger, at: number): Entry[] =>
  entries.filter((entry) => entry.outcome === 'ok' && ended(entry) > at);
/** Without those who found the machine too full: that says nothing of the disk. */
const writesBetween = ({ entries }: Ledger, from: number, until: number): Entry[] =>
  entries.filter((entry) => entry.sentAt > from && ended(entry) < until && entry.reason !== 'database.busy');

/** Starts a server whose database has a disk of its own for one folder, and one whose every file is there. */
const openOnDisk = async (folder: string) => {
  const dataDir = house.folder();
  const made = await start(dataDir);
  await made.stop();
  const disk = mountOn(join(made.folder, 'cluster', folder), 160);
  const shop = await openShop(house, {}, { dataDir }).catch((error: unknown) => {
    disk.unmount();
    throw error;
  });
  return { disk, shop };
};

type Full = { id: string; folder: string; onceFull: (shop: DrillShop) => Promise<void> };

const fullDisk = async ({ id, folder, onceFull }: Full) => {
  const { disk, shop } = await openOnDisk(folder);
  try {
    const ledger = openLedger(shop);
    const load = startLoad(shop, ledger, { writers: scaled(40, 12), readers: scaled(40, 12) });
    await Bun.sleep(1_000);
    disk.fill();
    await onceFull(shop);
    await until('a refusal', () => ledger.entries.some(({ status }) => status === 503));
    const fullAt = performance.now();
    await Bun.sleep(scaled(15_000, 3_000));
    disk.empty();
    const emptiedAt = performance.now();
    await until('a write', () => okAfter(ledger, emptiedAt).length > 0);
    const [first] = okAfter(ledger, emptiedAt).map(ended);
    await Bun.sleep(1_000);
    const reads = await load.stop();
    await ledger.settle();
    await assertLedger(ledger, shop);
    const writes = writesBetween(ledger, fullAt, emptiedAt);
    const readsThen = reads.filter(({ at, tookMs }) => at - tookMs > fullAt && at < emptiedAt);
    figure(id, 'writes while it is full', countsOf(writes), '503');
    figure(id, 'ok after space is back', ms((first ?? Infinity) - emptiedAt), '≤ 2 s');
    shop.server.signal('SIGTERM');
    expect(await shop.server.exit).toBe(0);
    return { writes, readsThen, okMs: (first ?? Infinity) - emptiedAt };
  } finally {
    disk.unmount();
  }
};

test.skipIf(!canMount)('P14: the disk of the tables is full: writes are refused, reads go on', async () => {
  const id = 'P14 full disk';
  const { writes, readsThen, okMs } = await fullDisk({ id, folder: 'base', onceFull: async () => undefined });
  figure(id, 'reads meanwhile', `${readsThen.length} × 200`, '200');
  expect(readsThen.filter(({ status }) => status !== 200)).toEqual([]);
  // What still finds room in a page that is there already is written.
  const refused = writes.filter(({ status = 0 }) => status !== 201 && status !== 409);
  expect([...new Set(refused.map(({ reason }) => reason))]).toEqual(['database.storage_full']);
  expect(okMs).toBeLessThan(2_000 * SLOWER);
});

(canMount ? slowDrill : test.skip)(
  'P14: the disk of the log is full: PostgreSQL ends, and is back with all it acknowledged',
  async () => {
    const onceFull = async ({ dataDir }: DrillShop): Promise<void> => {
      const sql = connect((await findRunning(dataDir))?.adminUrl ?? '');
      // The log goes on in a file for which there is no room: PostgreSQL can only end.
      await sql`select pg_switch_wal()`.catch(() => undefined);
      await sql.end({ timeout: 1 });
    };
    const { writes, okMs } = await fullDisk({ id: 'P14 full disk of the log', folder: 'pg_wal', onceFull });
    expect([...new Set(writes.map(({ reason }) => reason))]).toEqual(['database.unavailable']);
    expect(okMs).toBeLessThan(15_000);
  },
);

test('P16: the database is read-only: writes are refused, reads go on', async () => {
  const shop = await openShop(house);
  const ledger = openLedger(shop);
  const load = startLoad(shop, ledger, { writers: scaled(40, 12), readers: scaled(40, 12) });
  const sql = connect((await findRunning(shop.dataDir))?.adminUrl ?? '');
  const setReadOnly = async (word: 'on' | 'off'): Promise<void> => {
    await sql.unsafe(`alter system set default_transaction_read_only = ${word}`);
    await sql`select pg_reload_conf()`;
  };
  await Bun.sleep(1_000);
  await setReadOnly('on');
  await until('a refusal', () => ledger.entries.some(({ status }) => status === 503));
  // Every session hears of it between two statements of its own.
  await Bun.sleep(500);
  const closedAt = performance.now();
  await Bun.sleep(scaled(10_000, 2_000));
  const openedAt = performance.now();
  await sql`set default_transaction_read_only = off`;
  await setReadOnly('off');
  await until('a write', () => okAfter(ledger, openedAt).length > 0);
  const [first = Infinity] = okAfter(ledger, openedAt).map(ended);
  const reads = await load.stop();
  await sql.end();
  await ledger.settle();
  await assertLedger(ledger, shop);
  const writes = writesBetween(ledger, closedAt, openedAt);
  figure('P16', 'writes while it is read-only', countsOf(writes), '503 database.read_only');
  figure('P16', `of ${reads.length} reads failed`, reads.filter(({ status }) => status !== 200).length, '0');
  figure('P16', 'ok after it takes writes', ms(first - openedAt), '–');
  expect([...new Set(writes.map(({ status, reason }) => `${status} ${reason}`))]).toEqual([
    '503 database.read_only',
  ]);
  expect(reads.filter(({ status }) => status !== 200)).toEqual([]);
  expect(first - openedAt).toBeLessThan(1_000 * SLOWER);
});
