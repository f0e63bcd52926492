import { Hono } from 'hono';
import { cors } from 'hono/cors';
import manifest from '../package.json' with { type: 'json' };
import type { Config } from './config.ts';
import { failureOf } from './database/failures.ts';
import { createLongReads, type LongReads } from './database/long-reads.ts';
import type { Pool } from './database/pool.ts';
import type { Replica } from './database/replica.ts';
import { newTrace } from './database/timing.ts';
import { appointments } from './features/appointments/routes.ts';
import { areas } from './features/areas/routes.ts';
import { auth, me, verifyTokenWith } from './features/auth/routes.ts';
import { redeemTicket } from './features/auth/tickets.ts';
import { accessTokens, type SigningKey } from './features/auth/tokens.ts';
import { availability } from './features/availability/routes.ts';
import { createTravel, type Routing } from './features/availability/routing.ts';
import type { Travel } from './features/availability/types.ts';
import { board } from './features/board/routes.ts';
import { calendars } from './features/calendars/routes.ts';
import { callbacks } from './features/callbacks/routes.ts';
import { catalog } from './features/catalog/routes.ts';
import { audit, boardEvents, changes } from './features/changes/routes.ts';
import { createStreams, PACE, type Pace, type StreamDeps } from './features/changes/streams.ts';
import { customers } from './features/customers/routes.ts';
import { days } from './features/days/routes.ts';
import { docs, openApi } from './features/docs/routes.ts';
import { estimateDocuments, invoiceDocuments, receipts } from './features/documents/routes.ts';
import { estimates } from './features/estimates/routes.ts';
import { health } from './features/health/routes.ts';
import { holds } from './features/holds/routes.ts';
import { closures } from './features/hours/closure-routes.ts';
import { hours } from './features/hours/routes.ts';
import { invoices, jobInvoices } from './features/invoices/routes.ts';
import { messages } from './features/messages/routes.ts';
import { outbox } from './features/outbox/routes.ts';
import { boardPage, bookPage, pageFiles } from './features/pages/routes.ts';
import { deposits, invoicePayments, ledger, payments } from './features/payments/routes.ts';
import { estimateLinks } from './features/public/estimates.ts';
import { jobLinks, linkRoutes } from './features/public/links.ts';
import { publicRoutes } from './features/public/routes.ts';
import { type ReportDeps, reports } from './features/reports/routes.ts';
import { settings } from './features/settings/routes.ts';
import { staff } from './features/staff/routes.ts';
import { technicians } from './features/technicians/routes.ts';
import { templates } from './features/templates/routes.ts';
import { templateUsage } from './features/templates/usage.ts';
import { vehicles } from './features/vehicles/routes.ts';
import { vins } from './features/vins/routes.ts';
import { webhooks } from './features/webhooks/routes.ts';
import { assertAccessIsComplete, authenticate } from './http/authenticate.ts';
import type { Env } from './http/context.ts';
import { answerFailures } from './http/failures.ts';
import { limitActors } from './http/limits.ts';
import { openApiOf } from './http/openapi.ts';
import { HEADERS } from './http/openapi-answers.ts';
import { routedPath } from './http/paths.ts';
import { observeRequests } from './http/request-log.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import { NAMED } from './shapes/named.ts';

export type Deps = {
  pool: Pool;
  /** Where reports read, when there is one. */
  replica?: Replica | undefined;
  /** Who measures drives, when somebody does. */
  routing?: Routing | undefined;
  config: Config;
  log: Log;
  metrics: Pick<Metrics, 'request' | 'streams'>;
  secrets: { jwt: readonly SigningKey[] };
  /** Milliseconds since 1970. */
  clock: () => number;
  process: { isReady(): boolean; isDraining(): boolean };
  /** How fast the streams of the board go, where that is not as usual. */
  pace?: Partial<Pace> | undefined;
};

const ABOUT = { title: "Edgar's Mobile Auto Shop", version: manifest.version };

/** The table of contents: what a request passes, in order, and every feature on one line. */
export const createApp = ({
  pool,
  replica,
  routing,
  config,
  log,
  metrics,
  secrets,
  clock,
  process,
  pace,
}: Deps): Hono<Env> => {
  const tokens = accessTokens(secrets.jwt, clock);
  const reads = longReads({ pool, replica, config });
  const travel = routing && travelling({ routing, config, log, clock });
  const app = new Hono<Env>({ getPath: routedPath });

  app.onError(answerFailures(failureOf, log));
  app.use(
    observeRequests({
      pool,
      log,
      metrics,
      isDraining: process.isDraining,
      isProduction: config.appEnv === 'production',
    }),
  );
  if (config.corsOrigins.length > 0) app.use(corsFor(config.corsOrigins));
  app.use(authenticate(app, { token: verifyTokenWith(tokens), ticket: redeemTicket }));
  if (config.rateLimitPerS > 0) app.use(limitActors(config.rateLimitPerS, clock));

  app.route('/health', health({ probe: pool.probe, process }));
  app.route('/v1/auth', auth({ tokens, proxies: config.trustProxy }));
  app.route('/v1/me', me);
  app.route('/v1/staff', staff);
  app.route('/v1/customers', customers);
  app.route('/v1/vehicles', vehicles({ clock }));
  app.route('/v1/vins', vins({ clock }));
  app.route('/v1/services', catalog);
  app.route('/v1/technicians', technicians);
  app.route('/v1/technicians', days({ clock, travel }));
  app.route('/v1/technicians', calendars({ clock }));
  app.route('/v1/availability', availability({ clock, travel }));
  app.route('/v1/holds', holds({ clock, travel }));
  app.route('/v1/technicians', hours);
  app.route('/v1/closures', closures);
  app.route('/v1/service-areas', areas);
  app.route('/v1/appointments', appointments({ clock, travel }));
  app.route('/v1/appointments', jobLinks({ clock }));
  app.route('/v1/board', board({ clock, travel }));
  app.route('/v1/appointments', jobInvoices);
  app.route('/v1/appointments', deposits({ clock }));
  app.route('/v1/estimates', estimates({ clock, travel, publicUrl: config.publicUrl ?? '' }));
  app.route('/v1/invoices', invoices);
  app.route('/v1/invoices', invoicePayments({ clock }));
  app.route('/v1/payments', payments);
  app.route('/v1/estimates', estimateDocuments);
  app.route('/v1/invoices', invoiceDocuments);
  app.route('/v1/payments', receipts);
  app.route('/v1/ledger', ledger({ reads }));
  app.route('/v1/appointments', messages({ clock }));
  app.route('/v1/message-templates', templates);
  app.route('/v1/outbox', outbox({ clock }));
  app.route('/v1/providers', callbacks({ clock, secret: config.smsCallbackSecret }));
  const toStrangers = { clock, travel, proxies: config.trustProxy };
  app.route('/v1/public/appointments', linkRoutes(toStrangers));
  app.route('/v1/public/estimates', estimateLinks(toStrangers));
  app.route('/v1/public', publicRoutes({ ...toStrangers, publicUrl: config.publicUrl ?? '' }));

  app.route('/v1/settings', settings);
  app.route('/v1/audit', audit);
  app.route('/v1/changes', changes);
  app.route('/v1/webhooks', webhooks({ clock, allowsPrivate: config.webhooksAllowPrivate }));
  app.route('/v1/board', boardEvents(createStreams(streaming({ pool, log, metrics, process, pace }))));
  app.route('/v1/reports', reports(reporting({ reads, config, log, clock })));
  app.route('/v1/reports', templateUsage);
  app.route('/docs', docs);
  app.route('/book', bookPage);
  app.route('/board', boardPage);
  app.route('/pages', pageFiles);
  app.route(
    '/openapi.json',
    openApi(() => openApiOf(app, { ...ABOUT, named: NAMED })),
  );

  assertAccessIsComplete(app);
  return app;
};

const REPORTS_AT_ONCE = 2;

/** They leave three quarters of the pool to the day's work. */
const longReads = ({ pool, replica, config }: Pick<Deps, 'pool' | 'replica' | 'config'>): LongReads =>
  createLongReads({
    max: Math.max(1, Math.min(REPORTS_AT_ONCE, Math.floor(pool.counters().max / 4))),
    ...{ queueMax: config.dbQueueMax, acquireTimeoutMs: config.dbAcquireTimeoutMs, replica },
  });

/** The reader of a report has the patience of a statement. */
const reporting = ({
  reads,
  config,
  log,
  clock,
}: Pick<Deps, 'config' | 'log' | 'clock'> & { reads: LongReads }): ReportDeps => ({
  reads,
  patienceMs: config.dbStatementTimeoutMs,
  clock,
  ended: ({ correlationId: correlation_id, rows, error }) =>
    error === undefined
      ? log.info({ correlation_id, rows }, 'report sent')
      : log.warn({ correlation_id, rows, error }, 'report cut off'),
});

const streaming = ({
  pool,
  log,
  metrics,
  process,
  pace,
}: Pick<Deps, 'pool' | 'log' | 'metrics' | 'process' | 'pace'>): StreamDeps => ({
  sql: pool.database(newTrace('streams')),
  pace: { ...PACE, ...pace },
  isDraining: process.isDraining,
  counted: metrics.streams,
  ended: ({ correlationId: correlation_id, ...stream }) =>
    log.info({ correlation_id, ...stream }, 'stream ended'),
  failed: (error) => log.warn({ error }, 'the streams wait for the database'),
});

const travelling = ({
  routing,
  config,
  log,
  clock,
}: Pick<Deps, 'config' | 'log' | 'clock'> & { routing: Routing }): Travel =>
  createTravel({
    ...{ routing, clock, timeoutMs: config.travelTimeoutMs },
    warn: (error, pauseMs) =>
      log.warn({ error, pause_ms: pauseMs }, 'the routing service failed: drives are estimated meanwhile'),
  });

const corsFor = (origins: readonly string[]) =>
  cors({
    origin: [...origins],
    exposeHeaders: [...Object.keys(HEADERS), 'Allow'],
    maxAge: 600,
  });
