import { describe, expect, test } from 'bun:test';
import { Hono } from 'hono';
import { Failure } from '../../src/errors.ts';
import { readJson } from '../../src/http/body.ts';
import type { Env } from '../../src/http/context.ts';

type Bytes = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
type Outcome = { value?: unknown; refused?: string; message?: string };

const JSON_TYPE = 'application/json';

const read = async (body: Bytes, headers: Record<string, string> = {}): Promise<Outcome> => {
  let outcome: Outcome = {};
  const app = new Hono<Env>().post('/', async (c) => {
    outcome = { value: await readJson(c) };
    return c.text('');
  });
  app.onError((error, c) => {
    if (!(error instanceof Failure)) throw error;
    outcome = { refused: error.reason, message: error.message };
    return c.text('');
  });
  await app.request('/', { method: 'POST', body, headers: { 'content-type': JSON_TYPE, ...headers } });
  return outcome;
};

const bytes = (...numbers: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(numbers);
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const keys = (count: number): string => `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join()}}`;
const inChunks = (text: string, size: number): ReadableStream<Uint8Array> => {
  const whole = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= whole.length) return controller.close();
      controller.enqueue(whole.slice(at, at + size));
      at += size;
    },
  });
};

describe('readJson gives the value of', () => {
  const VALUES: [string, Bytes, unknown][] = [
    ['an object', '{"a":[1,"x",null,true]}', { a: [1, 'x', null, true] }],
    ['white space around it', ' \t\r\n{"a" :\n 1 } \r\n', { a: 1 }],
    ['32 levels', nested(32), JSON.parse(nested(32))],
    ['10,000 fields', keys(10_000), JSON.parse(keys(10_000))],
    [
      'signs of structure inside texts',
      '{"a":"{[\\"","b}":"]:,","c\\\\":"\\\\"}',
      { a: '{["', 'b}': ']:,', 'c\\': '\\' },
    ],
    [
      'one name in two objects',
      '{"a":{"x":1},"b":{"x":2},"x":[{"x":3},{"x":4}]}',
      { a: { x: 1 }, b: { x: 2 }, x: [{ x: 3 }, { x: 4 }] },
    ],
    ['a text that equals a name', '{"a":"a","b":["a","a"]}', { a: 'a', b: ['a', 'a'] }],
    ['escapes and astral characters', '{"a":"\\u00e9\\ud83d\\ude00😀"}', { a: 'é😀😀' }],
    ['−0', '{"a":-0}', { a: -0 }],
    ['2^53 + 1, as the nearest double', '{"a":9007199254740993}', { a: 2 ** 53 }],
    ['1e400, as what no schema takes', '{"a":1e400}', { a: Number.POSITIVE_INFINITY }],
    ['a lone surrogate, for the schema to refuse', '{"a":"\\ud800"}', { a: '\ud800' }],
    ['three bytes at a time', inChunks('{"a":"é😀"}', 3), { a: 'é😀' }],
  ];
  for (const [what, body, value] of VALUES) {
    test(what, async () => expect(await read(body)).toEqual({ value }));
  }

  test('no body at all: undefined, whatever the type says', async () => {
    expect(await read('', { 'content-type': 'text/plain' })).toEqual({ value: undefined });
  });

  test('a field named __proto__ as a field of its own', async () => {
    const { value } = await read('{"__proto__":{"role":"owner"}}');
    expect(Object.keys(value ?? {})).toEqual(['__proto__']);
    expect(Reflect.get({ ...(value ?? {}) }, 'role')).toBeUndefined();
  });

  test.each([JSON_TYPE, 'Application/JSON', `${JSON_TYPE};charset=utf-8`, `${JSON_TYPE} ; charset="UTF-8"`])(
    'the type %s',
    async (type) => expect(await read('{}', { 'content-type': type })).toEqual({ value: {} }),
  );
});

describe('readJson refuses as malformed', () => {
  const MALFORMED: [string, Bytes, string][] = [
    ['a byte order mark', '\ufeff{}', 'JSON'],
    ['UTF-16', bytes(0xff, 0xfe, 0x7b, 0, 0x7d, 0), 'UTF-8'],
    ['a byte that begins nothing', bytes(0x22, 0xff, 0x22), 'UTF-8'],
    ['a character that ends too early', bytes(0x22, 0xc3, 0x22), 'UTF-8'],
    ['an overlong slash', bytes(0x22, 0xc0, 0xaf, 0x22), 'UTF-8'],
    ['a surrogate in UTF-8', bytes(0x22, 0xed, 0xa0, 0x80, 0x22), 'UTF-8'],
    ['a character beyond U+10FFFF', bytes(0x22, 0xf4, 0x90, 0x80, 0x80, 0x22), 'UTF-8'],
    ['NUL behind the value', '{}\u0000', 'JSON'],
    ['NUL inside a text', '{"a":"\u0000"}', 'JSON'],
    ['a line end inside a text', '{"a":"\n"}', 'JSON'],
    ['a second value', '{} {}', 'JSON'],
    ['a comma at the end', '{"a":1,}', 'JSON'],
    ['a comment', '{} // x', 'JSON'],
    ['half a value', '{"a":', 'JSON'],
    ['white space alone', ' \n', 'JSON'],
    ['NaN', 'NaN', 'JSON'],
    ['a leading zero', '[01]', 'JSON'],
    ['33 levels of lists', nested(33), '32 levels'],
    ['33 levels of objects', `${'{"a":'.repeat(32)}{}${'}'.repeat(32)}`, '32 levels'],
    ['100,000 levels', nested(100_000), '32 levels'],
    ['10,001 fields', keys(10_001), '10000 fields'],
    ['10,001 fields in many objects', `[${Array(10_001).fill('{"a":1}').join()}]`, '10000 fields'],
    ['a name twice', '{"a":1,"a":1}', 'twice'],
    ['a name twice, once escaped', '{"role":1,"\\u0072ole":2}', 'twice'],
    ['a name twice, deep below', '[[{"x":{"b":1, "c":{"b":1}, "b" :2}}]]', 'twice'],
    ['an empty name twice', '{"":1,"":2}', 'twice'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'twice'],
  ];
  for (const [what, body, why] of MALFORMED) {
    test(what, async () => {
      const { refused, message } = await read(body);
      expect(refused).toBe('request.body_malformed');
      expect(message).toContain(why);
      expect(message).not.toContain('role');
    });
  }

  test('a body that breaks off', async () => {
    const torn = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('{"a":'));
        controller.error(new Error('gone'));
      },
    });
    expect((await read(torn)).refused).toBe('request.body_malformed');
  });
});

describe('readJson refuses as too large', () => {
  const full = `"${'x'.repeat(2 ** 20 - 2)}"`;

  test('one byte more than 1 MiB, in one piece or in many; 1 MiB itself is read', async () => {
    expect((await read(full)).value).toHaveLength(2 ** 20 - 2);
    expect((await read(inChunks(full, 65_536))).value).toHaveLength(2 ** 20 - 2);
    expect((await read(`${full} `)).refused).toBe('request.body_too_large');
    expect((await read(inChunks(`${full} `, 65_536))).refused).toBe('request.body_too_large');
  });

  test('bytes count, not characters', async () => {
    expect((await read(`"${'é'.repeat(2 ** 19)}"`)).refused).toBe('request.body_too_large');
  });

  test('what is announced as larger, before a byte of it is read', async () => {
    const never = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    expect((await read(never, { 'content-length': String(2 ** 20 + 1) })).refused).toBe(
      'request.body_too_large',
    );
  });
});

describe('readJson refuses as no JSON, by the type alone', () => {
  test.each([
    'text/plain',
    'text/json',
    `${JSON_TYPE}; charset=latin1`,
    `${JSON_TYPE}x`,
    `${JSON_TYPE}, text/plain`,
    `x${JSON_TYPE}`,
    '*/*',
    `${JSON_TYPE};`,
  ])('%s', async (type) =>
    expect((await read('{}', { 'content-type': type })).refused).toBe('request.content_type_unsupported'),
  );
});
