import type { Config } from '../config.ts';
import { migrate } from '../database/migrate.ts';
import { openPool } from '../database/pool.ts';
import { newTrace } from '../database/timing.ts';
import { createLog } from '../observe/log.ts';
import { withDatabase } from '../process/borrowed-database.ts';
import { refuseUnreachable } from '../process/database-address.ts';
import { poolOptions } from '../process/pool-options.ts';
import { type Filled, fillDemo, shown } from './demo/fill.ts';
import { isHelp } from './help.ts';

const SCALE = { customers: 2_000, vehicles: 3_000, appointments: 20_000 };
/** The batches are large on purpose: no limit of a request suits them. */
const PATIENCE_MS = 60_000;

const HELP = `bun run demo fills an empty shop with ${shown(SCALE.customers)} customers, ${shown(SCALE.vehicles)} vehicles and ${shown(SCALE.appointments)} appointments around today; it has no options.`;

/** Gives the exit code. */
export const runDemo = async (
  config: Config,
  say: (line: string) => void,
  rest: readonly string[],
): Promise<number> => {
  const [option] = rest;
  if (option !== undefined) {
    say(isHelp(option) ? HELP : `demo does not know ${option}. ${HELP}`);
    return isHelp(option) ? 0 : 2;
  }
  const began = performance.now();
  const filled = await withDatabase(config, say, (url) => fillShopAt(url, config, say)).catch(
    (error: unknown) => refuseUnreachable(error, config),
  );
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(summary(filled, seconds));
  say(nextStep(filled.customerId, config.port));
  return 0;
};

const fillShopAt = async (url: string, config: Config, say: (line: string) => void): Promise<Filled> => {
  const log = createLog({ level: config.logLevel });
  await migrate({ url, log });
  const patient = { statementTimeoutMs: PATIENCE_MS, lockTimeoutMs: PATIENCE_MS, slowQueryMs: PATIENCE_MS };
  const pool = openPool({ ...poolOptions(config, url, 'edgars-demo'), ...patient, max: 2, min: 0 }, log);
  try {
    const { shopTimezone: zone, shopName } = config;
    const now = Temporal.Now.instant().toString();
    return await fillDemo(pool.database(newTrace('demo')), { ...SCALE, zone, shopName, now, say });
  } finally {
    await pool.close();
  }
};

const summary = ({ counts }: Filled, seconds: string): string => {
  const { appointments, services, invoices, lines, payments, refunds, messages, estimates } = counts;
  return `The shop is full: ${shown(SCALE.customers)} customers, ${shown(SCALE.vehicles)} vehicles, ${shown(appointments)} appointments with ${shown(services)} services, ${shown(invoices)} invoices of ${shown(lines)} lines, ${shown(payments)} payments, ${shown(refunds)} refunds, ${shown(messages)} messages, ${shown(estimates)} estimates, in ${seconds} s.`;
};

const nextStep = (customerId: string, port: number): string =>
  `Next: start the server, log in, and look at a regular: http://127.0.0.1:${port}/v1/customers/${customerId}/profile`;
