import { Hono } from 'hono';
import type { LongReads } from '../../database/long-reads.ts';
import type { Database } from '../../database/sql.ts';
import { accept } from '../../http/accept.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { answerDownload } from '../../http/download.ts';
import { figures } from './figure-routes.ts';
import { readAppointments, readEntries } from './queries.ts';
import { APPOINTMENT_SHEET, PAYMENT_SHEET, type Sheet } from './rules.ts';
import { appointmentReport, paymentReport } from './schema.ts';

export type ReportDeps = {
  reads: LongReads;
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

export const reports = ({ reads, patienceMs, clock, ended }: ReportDeps) => {
  const send = <Row>(c: Ctx, { filename, sheet, read }: List<Row>): Promise<Response> => {
    const { zone } = c.get('shop');
    let count = 0;
    return answerDownload(
      c,
      { type: 'text/csv', filename, patienceMs },
      (piece) =>
        reads.atOnce(c.var, async (database) => {
          let { heading } = sheet;
          await read(database, async (rows) => {
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
    .route('/', figures({ reads, clock }));
};
