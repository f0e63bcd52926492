import type { Context } from 'hono';
import { fail, type Noun, notFound, type VersionedNoun, wordOf } from '../errors.ts';
import { isId } from '../values/id.ts';

/** The :id of the path; a malformed one is as unknown as any other. */
export const pathId = (c: Context, noun: Noun, name = 'id'): string => {
  const id = c.req.param(name) ?? '';
  if (!isId(id)) throw notFound(noun);
  return id.toLowerCase();
};

/** The versions that If-Match allows; undefined when any will do. */
export type Expected = readonly number[] | undefined;

/** Reads If-Match (RFC 9110, 13.1.1): a list of quoted versions, or *. */
export const expectedVersion = (c: Context): Expected => {
  const header = c.req.header('if-match');
  if (header === undefined || header.trim() === '*') return undefined;
  return header.split(',').map((one) => {
    const tag = /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(one)?.[1];
    if (tag === undefined)
      throw fail('request.header_invalid', 'If-Match must be the ETag of a GET answer, such as "3".');
    return /^[1-9]\d{0,8}$/.test(tag) && !one.trim().startsWith('W/') ? Number(tag) : -1;
  });
};

/** Throws noun.stale (412) when the client did not name the version that stands in the database. */
export const assertFresh = (noun: VersionedNoun, expected: Expected, version: number): void => {
  if (expected === undefined || expected.includes(version)) return;
  throw fail(
    `${noun}.stale`,
    `Somebody changed the ${wordOf(noun)} meanwhile. Read again, then repeat your change.`,
    {
      details: { version },
    },
  );
};
