import pino from 'pino';

export type Level = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type Fields = Record<string, unknown>;
type Line = (fields: Fields, message: string) => void;

export type Log = { debug: Line; info: Line; warn: Line; error: Line; flush: () => void };
export type LogOptions = { level: Level; write?: (line: string) => void };

const BUFFER_BYTES = 4096;
const FLUSH_EVERY_MS = 200;
const CAUSES_SHOWN = 3;

/** JSON lines on stdout, written in batches off the request's path; `write` takes their place in tests. */
export const createLog = ({ level, write }: LogOptions): Log => {
  const stream = write ? { write } : stdout();
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: told, err: told },
    },
    stream,
  );
  const line =
    (kind: Exclude<Level, 'silent'>): Line =>
    (fields, message) =>
      logger[kind](fields, message);
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    flush: () => 'flushSync' in stream && stream.flushSync(),
  };
};

const stdout = (): ReturnType<typeof pino.destination> => {
  const stream = pino.destination({ fd: 1, sync: false, minLength: BUFFER_BYTES });
  // A line must not wait for the buffer to fill when the server is quiet.
  setInterval(() => stream.flush(), FLUSH_EVERY_MS).unref();
  // The reader of the log may go away (a closed terminal, a full pipe): the server must not end with it.
  stream.on('error', () => undefined);
  return stream;
};

const told = (error: unknown): unknown => describe(error, CAUSES_SHOWN);

/** Only fields that can hold no personal data: a driver's error carries parameters and whole rows. */
const describe = (error: unknown, causesLeft: number): unknown => {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...('reason' in error ? { reason: error.reason } : {}),
    ...('statement' in error ? { statement: error.statement } : {}),
    stack: error.stack,
    ...(error.cause === undefined || causesLeft === 0
      ? {}
      : { cause: describe(error.cause, causesLeft - 1) }),
  };
};
