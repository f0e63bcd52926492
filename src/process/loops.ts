import type { Config } from '../config.ts';
import type { Pool } from '../database/pool.ts';
import { newTrace } from '../database/timing.ts';
import { placeSome } from '../features/changes/places.ts';
import { sendDue } from '../features/notices/sender.ts';
import { dispatch } from '../features/webhooks/dispatcher.ts';
import { createSender } from '../features/webhooks/sender.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Loop } from './background.ts';
import { createProviders } from './providers.ts';

type Deps = { pool: Pool; config: Config; log: Log; metrics: Pick<Metrics, 'messaged'> };

/** What every worker does beside answering; of several the database lets one do it. */
export const loopsOf = (deps: Deps): Loop[] => [feedLoop(deps), webhookLoop(deps), outboxLoop(deps)];

/** Where nobody reads the feed it is kept up all the same, so that whoever comes does not wait for years of it. */
const feedLoop = ({ pool }: Deps): Loop => {
  const sql = pool.database(newTrace('feed'));
  const work = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted && !(await placeSome(sql, { isPatient: true })).isDone);
  };
  return { name: 'the feed', everyMs: 60_000, work };
};

const webhookLoop = ({ pool, config, log }: Deps): Loop => {
  const deps = {
    sql: pool.database(newTrace('webhooks')),
    send: createSender({ allowsPrivate: config.webhooksAllowPrivate }),
    clock: () => Date.now(),
    disabled: (webhook: string, reason: string) =>
      log.warn({ webhook, reason }, 'a webhook was switched off: nothing more is sent to it'),
  };
  return { name: 'webhooks', everyMs: 1_000, work: (signal) => dispatch(deps, signal) };
};

const outboxLoop = ({ pool, config, log, metrics }: Deps): Loop => {
  const sender = {
    ...{ sql: pool.database(newTrace('outbox')), providers: createProviders(config, log) },
    ...{ log, counted: metrics.messaged },
  };
  const work = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted && (await sendDue(sender)));
  };
  return { name: 'the outbox', everyMs: 1_000, work };
};
