import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Servers {
  url: string;
  adminUrl: string;
}

const START_WITHIN_MS = 60_000;
// Where it is kept in memory: the thousand files of a cloned database cost a disk ten times as long.
const MEMORY = '/dev/shm';
const ROOM_BYTES = 2 * 2 ** 30;

/** The PostgreSQL of this test run, started by whoever asks first. */
export const urlOfRun = async (): Promise<string> => (await servers()).url;
export const adminUrlOfRun = async (): Promise<string> => (await servers()).adminUrl;

let asked: Promise<Servers> | undefined;

const servers = (): Promise<Servers> => {
  asked ??= joinRun();
  return asked;
};

// The processes of one `bun test --parallel` have the same parent; a plain `bun test` is a run by itself.
const runFolder = (): string => {
  const pid = process.env.BUN_TEST_WORKER_ID === undefined ? process.pid : process.ppid;
  return join(roomIn(MEMORY) ? MEMORY : tmpdir(), `edgars-test-${pid}-${startedAt(pid)}`);
};

/** The size of the whole, which stays: every process of the run must find the same. */
const roomIn = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK);
    const { blocks, bsize } = statfsSync(folder);
    return blocks * bsize >= ROOM_BYTES;
  } catch {
    return false;
  }
};

// Process ids come again, so a folder that a killed machine left behind must not be taken for ours.
const startedAt = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? '';
  } catch {
    const asked = Bun.spawnSync(['ps', '-o', 'lstart=', '-p', String(pid)]);
    return asked.stdout.toString().replaceAll(/\W/g, '');
  }
};

const joinRun = async (): Promise<Servers> => {
  const folder = runFolder();
  const deadline = performance.now() + START_WITHIN_MS;
  let keeperStarted = false;
  for (;;) {
    const socket = await connectTo(join(folder, 'keeper'));
    if (socket !== undefined) return readAnswer(socket);
    if (!keeperStarted) startKeeper(folder);
    keeperStarted = true;
    if (performance.now() > deadline) throw new Error(`No PostgreSQL for the tests in ${folder}`);
    await Bun.sleep(20);
  }
};

const connectTo = (path: string): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });

const startKeeper = (folder: string): void => {
  const keeper = Bun.spawn([process.execPath, join(import.meta.dir, 'postgres-server.ts'), folder], {
    detached: true,
    cwd: '/',
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  });
  keeper.unref();
};

/** The connection stays open for as long as this process lives: that is what keeps the server. */
const readAnswer = async (socket: Socket): Promise<Servers> => {
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString();
      if (text.endsWith('\n')) resolve(text);
    });
    socket.once('close', () => reject(new Error('The PostgreSQL of the tests ended before it was ready')));
  });
  socket.unref();
  const answer: Servers & { fault?: string } = JSON.parse(line);
  if (answer.fault !== undefined) throw new Error(`No PostgreSQL for the tests: ${answer.fault}`);
  return answer;
};
