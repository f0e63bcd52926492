import { Hono } from 'hono';
import type { Database } from '../../database/sql.ts';
import { fail } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { answerDownload } from '../../http/download.ts';
import { figures } from './figure-routes.ts';
import { readAppointments, readEntries } from './queries.ts';
import { APPOINTMENT_SHEET, PAYMENT_SHEET, type Sheet } from './rules.ts';
import { appointmentReport, paymentReport } from './schema.ts';

export type ReportDeps = {
  /** Where a report reads: a replica that holds all there is, or the database itself. */
  source(c: Ctx): Promise<Database>;
  /** Each file holds a connection for as long as its reader takes. */
  atOnce: number;
  patienceMs: number;
  clock: () => number;
  /** Hears how each file went; without an error it was sent whole. */
  ended(report: { correlationId: string; rows: number; error?: unknown }): void;
};

type List<Row> = {
  filename: string;
  sheet: Sheet<Row>;
  read(database: Database, take: (rows: readonly Row[]) => Promise<void>): Promise<void>;
};

const RETRY_AFTER_S = 5;

export const reports = ({ source, atOnce, patienceMs, clock, ended }: ReportDeps) => {
  let running = 0;
  /** So that readers who take their time leave the connections to the day's work. */
  const inPlace = async (work: () => Promise<void>): Promise<void> => {
    if (running >= atOnce) {
      throw fail('database.busy', 'Other reports are being made. Ask for this one again in a few seconds.', {
        retryAfterS: RETRY_AFTER_S,
      });
    }
    running += 1;
    await work().finally(() => {
      running -= 1;
    });
  };

  const send = <Row>(c: Ctx, { filename, sheet, read }: List<Row>): Promise<Response> => {
    const { zone } = c.get('shop');
    let count = 0;
    return answerDownload(
      c,
      { type: 'text/csv', filename, patienceMs },
      (piece) =>
        inPlace(async () => {
          let { heading } = sheet;
          await read(await source(c), async (rows) => {
            count += rows.length;
            await piece(heading + sheet.lines(rows, zone));
            heading = '';
          });
        }),
      (error) => ended({ correlationId: c.get('correlationId'), rows: count, error }),
    );
  };

  return new Hono<Env>()
    .get(
      '/appointments.csv',
      accept({
        summary: 'Sends the jobs of a time as CSV, in the order of their start',
        query: appointmentReport,
        answers: 'text/csv',
      }),
      (c) => {
        const query = c.req.valid('query');
        return send(c, {
          filename: 'appointments.csv',
          sheet: APPOINTMENT_SHEET,
          read: (database, take) => readAppointments(database, query, take),
        });
      },
    )
    .get(
      '/payments.csv',
      accept({
        summary: 'Sends payments, deposits and refunds of a time as CSV, in the order of their time',
        query: paymentReport,
        answers: 'text/csv',
      }),
      (c) => {
        const query = c.req.valid('query');
        return send(c, {
          filename: 'payments.csv',
          sheet: PAYMENT_SHEET,
          read: (database, take) => readEntries(database, query, take),
        });
      },
    )
    .route('/', figures({ source, clock }));
};
