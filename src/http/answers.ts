import type { Context } from 'hono';
import type { Json } from '../database/sql.ts';
import type { Env } from './context.ts';

export type Shaped = { shape: Json; version: number };

const JSON_TYPE = 'application/json; charset=utf-8';

/** The envelope around JSON text. The id needs no escaping: it holds [A-Za-z0-9._-] only. */
const envelope = (json: string, correlationId: string): string =>
  `{"ok":true,"data":${json},"error":null,"correlation_id":"${correlationId}"}`;

/** Answers JSON text as it came from PostgreSQL, or made by JSON.stringify. */
export const answerText = <E extends Env>(
  c: Context<E>,
  json: string,
  status: 200 | 201 | 202 = 200,
): Response => {
  c.header('Content-Type', JSON_TYPE);
  return c.body(envelope(json, c.get('correlationId')), status);
};

export const answer = <E extends Env>(
  c: Context<E>,
  data: unknown,
  status: 200 | 201 | 202 = 200,
): Response => answerText(c, JSON.stringify(data), status);

/** One resource with its version as ETag; 304 without a body when the client holds that version already. */
export const answerShape = <E extends Env>(c: Context<E>, found: Shaped): Response =>
  answerTagged(c, found.shape, `"${found.version}"`);

/** JSON text without a version of its own: its ETag is a hash of the text. */
export const answerHashed = <E extends Env>(c: Context<E>, json: string): Response =>
  answerTagged(c, json, `"${Bun.hash(json).toString(36)}"`);

const answerTagged = <E extends Env>(c: Context<E>, json: string, tag: string): Response => {
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
  c.header('ETag', tag);
  if (!isRead || !names(c.req.header('if-none-match'), tag)) return answerText(c, json);
  return c.body(null, 304);
};

export const answerCreated = <E extends Env>(c: Context<E>, made: Shaped, location: string): Response => {
  c.header('ETag', `"${made.version}"`);
  c.header('Location', location);
  return answerText(c, made.shape, 201);
};

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
const names = (header: string | undefined, tag: string): boolean => {
  if (header === undefined) return false;
  return header.split(',').some((one) => {
    const wanted = one.trim();
    return wanted === '*' || wanted === tag || wanted === `W/${tag}`;
  });
};
