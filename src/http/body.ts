import { Failure, fail } from '../errors.ts';
import type { Ctx } from './context.ts';

const MAX_BODY_BYTES = 1_048_576;
const MAX_DEPTH = 32;
const MAX_KEYS = 10_000;
const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;

/** Throws a 401 Failure for a body that is not signed as it came. */
export type AssertSigned = (c: Ctx, body: Uint8Array) => void;

/** The request's JSON value; undefined when there is no body at all. Throws 413, 401, 415 or 400 Failures. */
export const readJson = async (c: Ctx, assertSigned?: AssertSigned): Promise<unknown> => {
  const bytes = await readBytes(c.req.raw).catch(refuseTorn);
  assertSigned?.(c, bytes);
  if (bytes.byteLength === 0) return undefined;
  if (!JSON_TYPE.test(c.req.header('content-type') ?? '')) {
    throw fail(
      'request.content_type_unsupported',
      'Send JSON with the header Content-Type: application/json.',
    );
  }
  const text = decoded(bytes);
  const value = parsed(text);
  assertPlainShape(text);
  return value;
};

const readBytes = async (request: Request): Promise<Uint8Array> => {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  if (announced > 0) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
};

/** The client went away, or its chunks were malformed: that is no fault of the server. */
const refuseTorn = (error: unknown): never => {
  throw error instanceof Failure ? error : malformed('The body ended before it was complete.');
};

const tooLarge = (): Error =>
  fail(
    'request.body_too_large',
    `The body is larger than ${MAX_BODY_BYTES} bytes. Send it in smaller parts.`,
  );

const malformed = (message: string): Error => fail('request.body_malformed', message);

const decoded = (bytes: Uint8Array): string => {
  try {
    // ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it (RFC 8259, 8.1).
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('The body is not valid UTF-8.');
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('The body is not valid JSON.');
  }
};

/**
 * Refuses what JSON.parse lets through: nesting that would make every later walk recurse too deeply,
 * and a name given twice, of which it would silently keep the last. The text is known to be valid JSON.
 */
const assertPlainShape = (text: string): void => {
  const open: (Set<string> | null)[] = [];
  let keys = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === 0x7b || sign === 0x5b) {
      open.push(sign === 0x7b ? new Set() : null);
      if (open.length > MAX_DEPTH) throw malformed(`The body is nested more than ${MAX_DEPTH} levels deep.`);
    } else if (sign === 0x7d || sign === 0x5d) {
      open.pop();
    } else if (sign === 0x22) {
      const end = endOfString(text, at);
      const names = open.at(-1);
      if (names && isFollowedByColon(text, end)) {
        const name: string = JSON.parse(text.slice(at, end + 1));
        if (names.has(name)) throw malformed('The body names a field twice in one object.');
        keys += 1;
        if (keys > MAX_KEYS) throw malformed(`The body has more than ${MAX_KEYS} fields.`);
        names.add(name);
      }
      at = end;
    }
  }
};

const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  while (text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
};

const isFollowedByColon = (text: string, end: number): boolean => {
  let at = end + 1;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === 0x3a;
};
