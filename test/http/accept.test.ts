import { describe, expect, test } from 'bun:test';
import { Hono } from 'hono';
import * as v from 'valibot';
import { accept } from '../../src/http/accept.ts';
import type { Env } from '../../src/http/context.ts';
import { answerFailures } from '../../src/http/failures.ts';
import { assertFresh, expectedVersion, pathId } from '../../src/http/validate.ts';
import { createLog } from '../../src/observe/log.ts';
import type { Data } from '../helpers/app.ts';

const Search = v.strictObject({
  q: v.optional(v.string()),
  limit: v.optional(v.string()),
  customer_id: v.optional(v.string()),
});
const Person = v.strictObject({
  name: v.string('must be a text'),
  password: v.exactOptional(v.pipe(v.string(), v.minLength(15))),
  cars: v.exactOptional(v.array(v.strictObject({ year: v.number() }))),
});

const TOLD = { summary: 'Tests', answers: v.unknown() };

const app = new Hono<Env>()
  .get('/search', accept({ ...TOLD, query: Search }), (c) => c.json(c.req.valid('query')))
  .get('/plain', accept(TOLD), (c) => c.json({}))
  .post('/plain', accept(TOLD), (c) => c.json(c.req.valid('json')))
  .post('/people', accept({ ...TOLD, query: Search, body: Person }), (c) =>
    c.json({ ...c.req.valid('json'), ...c.req.valid('query') }),
  )
  .patch('/people/:id', accept(TOLD), (c) => {
    const expected = expectedVersion(c);
    assertFresh('customer', expected, 3);
    return c.json({ id: pathId(c, 'customer'), expected: expected ?? null });
  });
app.onError(answerFailures(() => undefined, createLog({ level: 'silent' })));

type Answered = { status: number; data: Data; error: Data };

const send = async (
  method: string,
  path: string,
  { raw, headers }: { raw?: string; headers?: Record<string, string> } = {},
): Promise<Answered> => {
  const response = await app.request(path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(raw === undefined ? {} : { body: raw }),
  });
  const data: Data = await response.json();
  return { status: response.status, data, error: data.error };
};
const search = (query: string) => send('GET', `/search${query}`);
const person = (body: unknown) => send('POST', '/people', { raw: JSON.stringify(body) });

describe('a query', () => {
  test.each<[string, object]>([
    ['', {}],
    ['?', {}],
    ['?&&', {}],
    ['?q=', { q: '' }],
    ['?q', { q: '' }],
    ['?q=a+b%20c%2Bd', { q: 'a b c+d' }],
    ['?q=a=b&limit=1', { q: 'a=b', limit: '1' }],
    ['?%71=x', { q: 'x' }],
    ['?q=%ff', { q: '\ufffd' }],
    ['?q=%', { q: '%' }],
    ['?q=?x', { q: '?x' }],
  ])('%s is read', async (query, value) => {
    const { status, data } = await search(query);
    expect([status, data]).toEqual([200, value]);
  });

  test.each(['?q=1&q=1', '?q=1&q=2', '?q=1&%71=2', '?q&q', '?q=1&limit=2&q=', '?q=1&amp;q=2&q=3'])(
    '%s is refused with 400: given twice',
    async (query) => {
      const { status, error } = await search(query);
      expect([status, error.reason, error.issues]).toEqual([
        400,
        'request.parameter_invalid',
        [{ path: 'q', message: 'is given twice' }],
      ]);
    },
  );

  test.each([
    ['customerid', 'is not a parameter of this route; did you mean customer_id?'],
    ['LIMIT', 'is not a parameter of this route; did you mean limit?'],
    ['limti', 'is not a parameter of this route; did you mean limit?'],
    ['limit[]', 'is not a parameter of this route; did you mean limit?'],
    ['colour', 'is not known; use q, limit, customer_id'],
    ['', 'is not known; use q, limit, customer_id'],
    ['__proto__', 'is not known; use q, limit, customer_id'],
    ['toString', 'is not known; use q, limit, customer_id'],
    ['x'.repeat(5_000), 'is not known; use q, limit, customer_id'],
  ])('an unknown name %s is refused with 400 and the nearest known one', async (name, message) => {
    const { status, error } = await search(`?${encodeURIComponent(name)}=1`);
    expect([status, error.reason, error.issues]).toEqual([
      400,
      'request.parameter_invalid',
      [{ path: name, message }],
    ]);
    expect(error.message.length).toBeLessThan(200);
  });

  test('every unknown name is named, before a wrong value is', async () => {
    const { error } = await search('?limt=x&colour=1&limit=2');
    expect(error.issues.map(({ path }: Data) => path)).toEqual(['limt', 'colour']);
  });

  test('a route without parameters takes none, not even on a write', async () => {
    for (const [method, path] of [
      ['GET', '/plain?q=1'],
      ['POST', '/plain?q=1'],
    ] as const) {
      const { status, error } = await send(method, path);
      expect([status, error.issues[0].message]).toEqual([
        400,
        'is not known; this route takes no parameters',
      ]);
    }
  });
});

describe('a body', () => {
  test('is read as its schema has it', async () => {
    const { status, data } = await send('POST', '/people?q=x', {
      raw: '{"name":"A","cars":[{"year":2000}]}',
    });
    expect([status, data]).toEqual([200, { name: 'A', cars: [{ year: 2000 }], q: 'x' }]);
  });

  test.each<[unknown, string, string]>([
    [[], '', 'must be an object, not a list'],
    [[{ name: 'A' }], '', 'must be an object, not a list'],
    [null, '', 'must be Object'],
    ['x', '', 'must be Object'],
    [{}, 'name', 'is required'],
    [{ name: 1 }, 'name', 'must be a text'],
    [{ name: null }, 'name', 'must be a text'],
    [{ name: 'A', age: 1 }, 'age', 'is not a known field'],
    [{ name: 'A', cars: {} }, 'cars', 'must be Array'],
    [{ name: 'A', cars: [{ year: 1 }, { year: '2' }] }, 'cars.1.year', 'must be number'],
    [{ name: 'A', cars: [{ year: 1, age: 1 }] }, 'cars.0.age', 'is not a known field'],
  ])('%j is refused with 422, its path and what is wrong', async (body, path, message) => {
    const { status, error } = await person(body);
    expect([status, error.reason, error.issues]).toEqual([422, 'request.body_invalid', [{ path, message }]]);
  });

  test('a route without a body takes nothing, or an empty object', async () => {
    expect((await send('POST', '/plain')).status).toBe(200);
    expect((await send('POST', '/plain', { raw: '{}' })).status).toBe(200);
    for (const raw of ['{"a":1}', '[]', 'null', '0'])
      expect((await send('POST', '/plain', { raw })).status).toBe(422);
  });

  test('a refused value is never repeated: it may be a password', async () => {
    const secret = 'hush, a secret';
    for (const body of [
      { name: 'A', password: secret },
      { name: [secret] },
      { name: 'A', cars: secret },
      secret,
      [secret],
    ]) {
      const { status, data } = await person(body);
      expect(status).toBe(422);
      expect(JSON.stringify(data)).not.toContain('hush');
    }
  });

  test('at most 20 faults are listed, three in the sentence, and long names are cut', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`${'x'.repeat(1_000)}${at}`, 1]));
    const { error } = await person({ name: 'A', cars: Array(500).fill({ year: 'x' }), ...many });
    expect(error.issues.length).toBeLessThanOrEqual(20);
    expect(error.message.length).toBeLessThan(400);
    const { error: long } = await person({ name: 'A', ['y'.repeat(10_000)]: 1 });
    expect(long.issues[0].path).toBe('y'.repeat(200));
    expect(long.message.length).toBeLessThan(400);
  });
});

describe('If-Match', () => {
  const ID = '01a20bd7-9f55-7017-915d-6baafcf0605d';
  const patch = (tag?: string) =>
    send('PATCH', `/people/${ID}`, { headers: tag === undefined ? {} : { 'if-match': tag } });

  test.each<[string | undefined, number[] | null]>([
    [undefined, null],
    ['*', null],
    [' * ', null],
    ['"3"', [3]],
    [' "3" ', [3]],
    ['"1", "3","7"', [1, 3, 7]],
    ['"x", "3"', [-1, 3]],
    ['W/"3", "3"', [-1, 3]],
    ['"", "3"', [-1, 3]],
    ['"3", "99999999999999999999"', [3, -1]],
  ])('%p lets version 3 pass', async (tag, expected) => {
    const { status, data } = await patch(tag);
    expect([status, data.expected]).toEqual([200, expected]);
  });

  test.each(['"2"', 'W/"3"', '"x"', '""', '"03"', '"-3"', '"3.0"', '"1","2"', '"3000000000"', '" 3"'])(
    '%s is 412 with the version that stands',
    async (tag) => {
      const { status, error } = await patch(tag);
      expect([status, error.reason, error.details]).toEqual([412, 'customer.stale', { version: 3 }]);
    },
  );

  test.each([
    '',
    '3',
    'x',
    '"3',
    '3"',
    "'3'",
    '"3" "4"',
    '"3",',
    ',"3"',
    '*, "3"',
    'w/"3"',
    '"3";x',
    'W/3',
    '""3""',
  ])('%p is 400', async (tag) => {
    const { status, error } = await patch(tag);
    expect([status, error.reason]).toEqual([400, 'request.header_invalid']);
  });
});

describe('an id in a path', () => {
  const ID = '01a20bd7-9f55-7017-915d-6baafcf0605d';

  test('is taken in capitals too, and read in small letters', async () => {
    expect((await send('PATCH', `/people/${ID.toUpperCase()}`)).data.id).toBe(ID);
    expect((await send('PATCH', `/people/${ID.replace('d', '%64')}`)).data.id).toBe(ID);
  });

  test.each([
    '1',
    ID.slice(1),
    `${ID}0`,
    `{${ID}}`,
    `urn:uuid:${ID}`,
    ID.replaceAll('-', ''),
    `${ID}%00`,
    `${ID}%20`,
    '%ff',
    '%',
  ])('%s is 404, as any other that nobody has', async (id) => {
    const { status, error } = await send('PATCH', `/people/${id}`);
    expect([status, error.reason]).toEqual([404, 'customer.not_found']);
  });
});
