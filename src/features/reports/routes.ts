import { Hono } from 'hono';
import type { Database } from '../../database/sql.ts';
import { fail } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { answerDownload } from '../../http/download.ts';
import { readAppointments } from './queries.ts';
import { APPOINTMENT_HEADING, appointmentLines } from './rules.ts';
import { appointmentReport } from './schema.ts';

export type ReportDeps = {
  /** Where a report reads: a replica that holds all there is, or the database itself. */
  source(c: Ctx): Promise<Database>;
  /** Each holds a connection for as long as its reader takes. */
  atOnce: number;
  patienceMs: number;
  /** Hears how each went; without an error it was sent whole. */
  ended(report: { correlationId: string; rows: number; error?: unknown }): void;
};

const RETRY_AFTER_S = 5;

export const reports = ({ source, atOnce, patienceMs, ended }: ReportDeps) => {
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

  return new Hono<Env>().get(
    '/appointments.csv',
    accept({
      summary: 'Sends the jobs of a time as CSV, in the order of their start',
      query: appointmentReport,
      answers: 'text/csv',
    }),
    (c) => {
      const query = c.req.valid('query');
      const { zone } = c.get('shop');
      let rows = 0;
      const file = {
        type: 'text/csv; charset=utf-8; header=present',
        filename: 'appointments.csv',
        patienceMs,
      };
      return answerDownload(
        c,
        file,
        (send) =>
          inPlace(async () => {
            let heading = APPOINTMENT_HEADING;
            await readAppointments(await source(c), query, async (jobs) => {
              rows += jobs.length;
              await send(heading + appointmentLines(jobs, zone));
              heading = '';
            });
          }),
        (error) => ended({ correlationId: c.get('correlationId'), rows, error }),
      );
    },
  );
};
