import { Hono } from 'hono';
import type * as v from 'valibot';
import type { LongReads } from '../../database/long-reads.ts';
import type { Json } from '../../database/sql.ts';
import { accept, parameterInvalid } from '../../http/accept.ts';
import { answerText } from '../../http/answers.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { attachment } from '../../http/download.ts';
import {
  NoShowRow,
  NoShows,
  ReceivableRow,
  Receivables,
  Revenue,
  RevenueRow,
  TechnicianReport,
  TechnicianRow,
} from '../../shapes/report.ts';
import { readNoShows, readReceivables, readTechnicians } from './figures.ts';
import { readRevenue } from './revenue.ts';
import { faultOf, figureLines } from './rules.ts';
import { type Period, periodReport, revenueReport, StandingReport } from './schema.ts';

type Deps = { reads: LongReads; clock: () => number };
type Figures = { items: Record<string, string | number | null>[] };
type Row = v.StrictObjectSchema<v.ObjectEntries, undefined>;
type File = { name: string; row: Row; format: 'json' | 'csv' };

/** Figures in JSON, or their items as a file with `format=csv`: an address alone says what it opens. */
export const figures = ({ reads, clock }: Deps) =>
  new Hono<Env>()
    .get('/revenue', report('Tells what came in and what was billed', revenueReport, Revenue), async (c) => {
      const query = c.req.valid('query');
      assertPeriod(query);
      const found = await reads.inLine(c.var, (sql) => readRevenue(sql, query, c.get('shop').zone));
      return answerFigures(c, found, { name: 'revenue', row: RevenueRow, format: query.format });
    })
    .get(
      '/receivables',
      accept({
        summary: 'Tells what customers owe, by the age of their invoices',
        query: StandingReport,
        answers: Receivables,
        alsoAnswers: 'text/csv',
      }),
      async (c) => {
        const now = new Date(clock()).toISOString();
        const found = await reads.inLine(c.var, (sql) => readReceivables(sql, c.get('shop').zone, now));
        const { format } = c.req.valid('query');
        return answerFigures(c, found, { name: 'receivables', row: ReceivableRow, format });
      },
    )
    .get(
      '/technicians',
      report('Tells how technicians spent their time, and on how many jobs', periodReport, TechnicianReport),
      async (c) => {
        const query = c.req.valid('query');
        assertPeriod(query);
        const found = await reads.inLine(c.var, (sql) => readTechnicians(sql, query, c.get('shop').zone));
        return answerFigures(c, found, { name: 'technicians', row: TechnicianRow, format: query.format });
      },
    )
    .get('/no-shows', report('Tells who was not there', periodReport, NoShows), async (c) => {
      const query = c.req.valid('query');
      assertPeriod(query);
      const found = await reads.inLine(c.var, (sql) => readNoShows(sql, query, c.get('shop').zone));
      return answerFigures(c, found, { name: 'no-shows', row: NoShowRow, format: query.format });
    });

const report = <Query extends Row>(
  summary: string,
  query: (shop: { zone: string }) => Query,
  answers: v.GenericSchema,
) => accept({ summary, query, answers, alsoAnswers: 'text/csv' });

const assertPeriod = (period: Period): void => {
  const message = faultOf(period);
  if (message !== undefined) throw parameterInvalid([{ path: 'to', message }]);
};

const answerFigures = (c: Ctx, json: Json, { name, row, format }: File): Response => {
  if (format === 'json') return answerText(c, json);
  // PostgreSQL wrote it in the form of the shape, which the tests hold against the document.
  const { items } = JSON.parse(json) as Figures;
  return c.body(figureLines(Object.keys(row.entries), items), 200, attachment('text/csv', `${name}.csv`));
};
