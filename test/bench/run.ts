/** `bun run bench`: our complete server against minimal ones of other make, and against the database alone. */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawChart, type Series } from './chart.ts';
import { type Contender, startPeers } from './contenders.ts';
import { database, type Measurable, ours, peer } from './measure.ts';
import { type Measured, median, tableOf } from './report.ts';
import { type Route, readRoutes } from './routes.ts';
import { openShop } from './shop.ts';

const HELP = `bun run bench [--routes health,profile,…] [--seconds 8] [--rounds 3] [--connections 200] [--curve]
measures our complete server (login, log, envelope, timing; two workers, defaults) on the demo's 20,000 appointments
against minimal programs of other make and against PostgreSQL alone, in alternating rounds, and prints the medians as
one table. It needs wrk; Flask, Node.js and pgbench are left out, with a line, where they are missing. The packages of
the peers are installed into test/bench.
  --curve   the profile with 10 to 1,000 connections instead, drawn into test/bench/chart.svg`;

const { values: asked } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    curve: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '200' },
    routes: { type: 'string' },
  },
});
const say = (line: string): void => console.error(line);
if (asked.help) {
  console.log(HELP);
  process.exit(0);
}
if (Bun.which('wrk') === null) {
  say('wrk is missing: apt-get install wrk');
  process.exit(1);
}

const WARM_UP_S = 2;
const CURVE = [10, 25, 50, 100, 200, 400, 1_000];
const rounds = Number(asked.rounds);
const load = { seconds: Number(asked.seconds), connections: Number(asked.connections) };

/** To and fro, so that nobody has always the same one before it. */
const measureRoute = async (
  route: Route,
  who: readonly Measurable[],
  connections: number,
): Promise<Measured[]> => {
  const all: Measured[] = [];
  for (const one of who) await one.measure(route, { seconds: WARM_UP_S, connections });
  for (let round = 1; round <= rounds; round += 1) {
    for (const one of round % 2 === 0 ? who.toReversed() : who) {
      const turn = one.measure(route, { ...load, connections });
      if (turn === undefined) continue;
      say(`${route.name}, ${connections} connections, round ${round} of ${rounds}: ${one.who}`);
      all.push({ ...(await turn), route: route.name, who: one.who });
    }
  }
  return all;
};

const curveOf = async (route: Route, who: readonly Measurable[]): Promise<Series[]> => {
  const points = new Map(who.map((one) => [one.who, [] as Series['points'][number][]]));
  for (const connections of CURVE) {
    const all = await measureRoute(route, who, connections);
    for (const [name, found] of points) {
      const turns = all.filter((one) => one.who === name);
      const perSecond = median(turns.map((one) => one.perSecond));
      found.push({ connections, perSecond, p99Ms: median(turns.flatMap(({ p99Ms }) => p99Ms ?? [])) });
    }
  }
  return [...points].map(([name, found]) => ({ who: name, points: found }));
};

const today = (): string => new Date().toISOString().slice(0, 10);
const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'an unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;

const installed = Bun.spawnSync([process.execPath, 'install', '--frozen-lockfile'], { cwd: import.meta.dir });
if (!installed.success) {
  say(`the packages of the peers could not be installed:\n${installed.stderr.toString()}`);
  process.exit(1);
}
const shop = await openShop(say);
let peers: Contender[] = [];
try {
  const known = await readRoutes(shop);
  const names = asked.curve ? ['profile'] : (asked.routes?.split(',') ?? known.map(({ name }) => name));
  const unknown = names.filter((name) => known.every((route) => route.name !== name));
  if (unknown.length > 0)
    throw new Error(`no route ${unknown.join(', ')}: there is ${known.map(({ name }) => name).join(', ')}`);
  const routes = known.filter(({ name }) => names.includes(name));
  const statements = Object.fromEntries(
    known.flatMap(({ name, statement }) => (statement === undefined ? [] : [[name, statement]])),
  );
  peers = await startPeers({ databaseUrl: shop.postgres.url, statements }, say);
  const served = [ours(shop), ...peers.map((one) => peer(shop, one))];
  const conditions = `${today()}: ${machine()}, ${rounds} rounds of ${load.seconds} s, medians`;
  if (asked.curve) {
    for (const route of routes) {
      const path = join(import.meta.dir, 'chart.svg');
      const title = `A customer’s profile over 20,000 appointments (${conditions})`;
      writeFileSync(path, drawChart(title, await curveOf(route, served)));
      say(`drawn: ${path}`);
    }
  } else {
    const hasPgbench = Bun.which('pgbench') !== null;
    if (!hasPgbench) say('pgbench is left out: apt-get install postgresql-client');
    const who = [...served, ...(hasPgbench ? [database(shop)] : [])];
    const measured: Measured[] = [];
    for (const route of routes) measured.push(...(await measureRoute(route, who, load.connections)));
    console.log(`\n${conditions}, ${load.connections} connections\n`);
    for (const line of tableOf(measured)) console.log(line);
  }
} finally {
  for (const one of peers) await one.stop();
  await shop.close();
}
