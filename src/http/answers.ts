import type { Context } from 'hono';
import type { Json } from '../database/sql.ts';
import type { Env } from './context.ts';

export type Shaped = { shape: Json; version: number };

type Status = 200 | 201 | 202;

/** What a write has to say, before it is known whether it will be kept. `json` is the text of `data`. */
export type Outcome = {
  status: Status;
  json: string;
  headers: Readonly<Record<string, string>>;
  /** What is kept under the request's key, and told to who repeats it, where the answer holds a secret. */
  kept?: string;
};

const JSON_TYPE = 'application/json; charset=utf-8';

/** The envelope around JSON text. The id needs no escaping: it holds [A-Za-z0-9._-] only. */
export const envelope = (json: string, correlationId: string): string =>
  `{"ok":true,"data":${json},"error":null,"correlation_id":"${correlationId}"}`;

/** The resource as it stands after the write. */
export const changed = ({ shape, version }: Shaped): Outcome => ({
  status: 200,
  json: shape,
  headers: { ETag: `"${version}"` },
});

export const created = (made: Shaped, location: string): Outcome => ({
  status: 201,
  json: made.shape,
  headers: { ETag: `"${made.version}"`, Location: location },
});

/** Something without a version, for it never changes. */
export const added = (json: string, location: string): Outcome => ({
  status: 201,
  json,
  headers: { Location: location },
});

/** What a thing was that is gone for good. */
export const removed = (shape: Json): Outcome => shown(shape);

/** JSON text without a version. */
export const shown = (json: Json, status: Status = 200): Outcome => ({ status, json, headers: {} });

/** Data that is no resource of its own. */
export const told = (data: unknown, status: Status = 200): Outcome => ({
  status,
  json: JSON.stringify(data),
  headers: {},
});

/** Answers JSON text as it came from PostgreSQL, or made by JSON.stringify. */
export const answerText = <E extends Env>(c: Context<E>, json: string, status: Status = 200): Response =>
  answerWhole(c, envelope(json, c.get('correlationId')), status);

/** Answers a text that has its envelope already. */
export const answerWhole = <E extends Env>(c: Context<E>, text: string, status: Status): Response => {
  c.header('Content-Type', JSON_TYPE);
  return c.body(inOneWrite(text), status);
};

/** From this many bytes on Bun does not gather what it sends of an answer that was waited for. */
const UNGATHERED = 15_000;

/**
 * Bun would send each name, colon and value of the headers in a write of its own before such a body: some forty for an
 * answer, a third of all its time. Before a stream they leave in one, at the price of Content-Length.
 */
const inOneWrite = <Body extends string | Uint8Array<ArrayBuffer>>(body: Body): Body | ReadableStream =>
  Buffer.byteLength(body) < UNGATHERED
    ? body
    : new ReadableStream({
        type: 'direct',
        pull(controller) {
          controller.write(body);
          controller.close();
        },
      });

export const answer = <E extends Env>(c: Context<E>, data: unknown, status: Status = 200): Response =>
  answerText(c, JSON.stringify(data), status);

/** One resource with its version as ETag; 304 without a body when the client holds that version already. */
export const answerShape = <E extends Env>(c: Context<E>, found: Shaped): Response =>
  answerTagged(c, `"${found.version}"`, () => answerText(c, found.shape));

/** JSON text without a version of its own: its ETag is a hash of the text. */
export const answerHashed = <E extends Env>(c: Context<E>, json: string): Response =>
  answerTagged(c, hashTag(json), () => answerText(c, json));

/** A text that stands in no envelope, with a hash of it as its ETag. */
export const answerFile = <E extends Env>(c: Context<E>, text: string, type: string): Response =>
  answerTagged(c, hashTag(text), () => c.body(inOneWrite(text), 200, { 'Content-Type': type }));

export type Made = { tag: string; headers: Readonly<Record<string, string>> };

/** What is only made when it is wanted: neither for HEAD, nor for a client that holds it already. */
export const answerMade = <E extends Env>(
  c: Context<E>,
  { tag, headers }: Made,
  make: () => string | Promise<Uint8Array<ArrayBuffer>>,
): Promise<Response> | Response =>
  answerTagged(c, `"${tag}"`, async () =>
    c.req.method === 'HEAD'
      ? c.body(null, 200, { ...headers })
      : c.body(inOneWrite(await make()), 200, { ...headers }),
  );

const hashTag = (text: string): string => `"${Bun.hash(text).toString(36)}"`;

/** What has the tag already; the rest is made only for who lacks it. */
export const answerTagged = <E extends Env, Whole extends Response | Promise<Response>>(
  c: Context<E>,
  tag: string,
  whole: () => Whole,
): Whole | Response => {
  c.header('ETag', tag);
  return names(c.req.header('if-none-match'), tag) ? c.body(null, 304) : whole();
};

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
const names = (header: string | undefined, tag: string): boolean => {
  if (header === undefined) return false;
  return header.split(',').some((one) => {
    const wanted = one.trim();
    return wanted === '*' || wanted === tag || wanted === `W/${tag}`;
  });
};
