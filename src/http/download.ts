import type { Context } from 'hono';
import type { Env } from './context.ts';

export type Download = {
  type: `text/${string}`;
  filename: string;
  /** Who takes nothing for so long is cut off. */
  patienceMs: number;
};
/** Sends a piece, and returns once the client has room for more. */
export type Send = (piece: string) => Promise<void>;

/** However slowly it is taken, a download ends some time. */
const LONGEST_MS = 10 * 60_000;

/** The headers of a file that is kept, not shown; a CSV begins with a heading (RFC 4180). */
export const attachment = (type: Download['type'], filename: string) => ({
  'Content-Type': `${type}; charset=utf-8${type === 'text/csv' ? '; header=present' : ''}`,
  'Content-Disposition': `attachment; filename="${filename}"`,
});

/**
 * Answers with a file that is made while it is sent. What `make` throws before its first piece is answered as any
 * failure; later the connection is cut without an end, so that nobody takes a part of the file for all of it. `ended`
 * hears how a download that had begun went: undefined when it was sent whole.
 */
export const answerDownload = async (
  c: Context<Env>,
  { type, filename, patienceMs }: Download,
  make: (send: Send) => Promise<void>,
  ended: (error: unknown) => void,
): Promise<Response> => {
  const headers = attachment(type, filename);
  // Hono answers HEAD with the headers of GET: nobody would take the file.
  if (c.req.method === 'HEAD') return c.body(null, 200, headers);
  const begun = Promise.withResolvers<void>();
  const pipe = openPipe();
  const endsAt = performance.now() + LONGEST_MS;
  const encoder = new TextEncoder();

  const finished = make(async (piece) => {
    begun.resolve();
    await inTime(pipe.room(), Math.min(patienceMs, endsAt - performance.now()));
    pipe.put(encoder.encode(piece));
  });
  // Either it begins, or it fails before: then the failure is thrown here.
  await Promise.race([begun.promise, finished]);
  finished.then(pipe.close).then(
    () => ended(undefined),
    (error: unknown) => {
      pipe.cut();
      ended(error);
    },
  );
  return c.body(pipe.readable, 200, headers);
};

/** A stream with room for one piece. A TransformStream cannot be cut while a piece of it waits to be taken. */
const openPipe = () => {
  let room = Promise.withResolvers<void>();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const readable = new ReadableStream<Uint8Array>(
    {
      start: (opened) => {
        controller = opened;
      },
      pull: () => room.resolve(),
      cancel: () => room.reject(new Error('the client went away')),
    },
    { highWaterMark: 0 },
  );
  // The client may go while nobody waits for it.
  room.promise.catch(() => undefined);
  return {
    readable,
    room: () => room.promise,
    put: (piece: Uint8Array): void => {
      room = Promise.withResolvers();
      room.promise.catch(() => undefined);
      controller?.enqueue(piece);
    },
    close: () => controller?.close(),
    // Without an error: Bun would print it on stderr, and whoever hears of the end logs it.
    cut: () => controller?.error(),
  };
};

const inTime = async (taken: Promise<void>, withinMs: number): Promise<void> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the client takes the file too slowly')), withinMs);
  await Promise.race([taken, late.promise]).finally(() => clearTimeout(timer));
};
