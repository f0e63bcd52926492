import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { failureOf } from '../database/failures.ts';
import { migrate } from '../database/migrate.ts';
import { openPool } from '../database/pool.ts';
import { newTrace } from '../database/timing.ts';
import { createLog } from '../observe/log.ts';
import { withDatabase } from '../process/borrowed-database.ts';
import { refuseUnreachable } from '../process/database-address.ts';
import { poolOptions } from '../process/pool-options.ts';
import { listenForSignals } from '../process/signals.ts';
import { newId } from '../values/id.ts';
import { fieldsOf, KINDS, readColumns, shownColumns } from './import/columns.ts';
import { readHead } from './import/lines.ts';
import { openReport } from './import/report.ts';
import { type ImportAsked, readImportWords } from './import/words.ts';
import { importLines, newTally, type Tally, type Work } from './import/work.ts';

type Streams = {
  /** For the person at the terminal. */
  say: (line: string) => void;
  /** For whoever reads the outcome, which may be a program. */
  print: (line: string) => void;
};

/** The batches are large on purpose: no limit of a request suits them. */
const PATIENCE_MS = 60_000;
const PROGRESS_EVERY_MS = 1_000;
const INTERRUPTED = 130;

const HELP = `Usage: bun run import <file.csv> [--as customers | vehicles] [--map "Column=field"] [--vin-unchecked] [--dry-run]

Adds the customers or vehicles of a list; who is known already stays as they are, so it can be run again.
The first line names the columns. What they mean is guessed and shown before the work begins.

  --as             what the list holds; without it the columns tell
  --map            what a column means, once for each: --map "Cell no.=phone"; =ignore passes over a column
${KINDS.map((kind) => `                   ${kind}: ${fieldsOf(kind).join(', ')}`).join('\n')}
  --vin-unchecked  let VINs with a wrong check digit pass, as cars from outside North America may have
  --dry-run        every check, and nothing is kept

The file is UTF-8, with commas, semicolons or tabs. All of it goes in at once, or nothing: Ctrl-C leaves nothing.
Beside it a report is written, <file>.report.csv: line, outcome (added, known or refused), id, message.
Ends with 0 when every line was added or known, 1 when some were refused, 2 for words that mean nothing.`;

/** Gives the exit code. */
export const runImport = async (
  config: Config,
  { say, print }: Streams,
  rest: readonly string[],
): Promise<number> => {
  const words = readImportWords(rest);
  if (words.kind === 'help') {
    print(HELP);
    return 0;
  }
  if (words.kind === 'fault') {
    say(`${words.fault}\n\n${HELP}`);
    return 2;
  }
  const path = resolve(words.file);
  if (!isFile(path)) {
    say(`There is no file ${words.file}.`);
    return 2;
  }
  const { delimiter, header } = await readHead(path);
  const columns = readColumns(header, words);
  if (typeof columns === 'string') {
    say(columns);
    return 2;
  }
  const { kind, isGuessed } = columns;
  say(`${basename(path)} is read as ${kind}${isGuessed ? ' (by its columns; --as says it otherwise)' : ''}:`);
  for (const line of shownColumns(columns)) say(line);
  return importFile(config, { say, print }, { ...words, path, delimiter, columns });
};

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

type Asked = ImportAsked & Pick<Work, 'path' | 'delimiter' | 'columns'>;

const importFile = async (config: Config, { say, print }: Streams, asked: Asked): Promise<number> => {
  const began = performance.now();
  const signals = listenForSignals();
  const tally = newTally();
  const report = openReport(asked.path);
  const correlationId = `import-${newId()}`;
  const progress = setInterval(() => say(counts(tally)), PROGRESS_EVERY_MS);
  try {
    const work = { ...asked, report, tally, signals };
    await withDatabase(config, say, (url) => importAt(url, config, { work, correlationId }), {
      hearsSignals: true,
    });
  } catch (error) {
    report.close();
    if (!signals.isAsked()) refuseUnreachable(failureOf(error) ?? error, config);
    say('Ended before its end: nothing was kept.');
    return INTERRUPTED;
  } finally {
    clearInterval(progress);
  }
  report.keep();
  for (const { line, message } of tally.examples) say(`line ${line}: ${message}`);
  if (tally.refused > tally.examples.length) say('…');
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  print(`${asked.isDryRun ? 'Dry run, nothing was kept: ' : ''}${counts(tally)}, in ${seconds} s`);
  print(`report: ${report.path}`);
  if (!asked.isDryRun) print(`correlation id: ${correlationId}`);
  return tally.refused === 0 ? 0 : 1;
};

const importAt = async (
  url: string,
  config: Config,
  { work, correlationId }: { work: Work; correlationId: string },
): Promise<void> => {
  const log = createLog({ level: 'error' });
  await migrate({ url, log });
  work.signals.check();
  const patient = { statementTimeoutMs: PATIENCE_MS, lockTimeoutMs: PATIENCE_MS, slowQueryMs: PATIENCE_MS };
  const pool = openPool({ ...poolOptions(config, url, 'edgars-import'), ...patient, max: 2, min: 0 }, log);
  try {
    await importLines(pool.database(newTrace(correlationId)), work);
  } finally {
    await pool.close();
  }
};

const counts = ({ lines, added, known, refused }: Tally): string =>
  `${shown(lines)} ${lines === 1 ? 'line' : 'lines'}: ${shown(added)} added, ${shown(known)} known, ${shown(refused)} refused`;

const shown = (count: number): string => count.toLocaleString('en-US');
