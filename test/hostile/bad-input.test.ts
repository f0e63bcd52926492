import { describe, expect, test } from 'bun:test';
import { REASONS } from '../../src/errors.ts';
import type { Example } from '../app/example.ts';
import { EXAMPLES, exampleOf, isWrite, methodOf } from '../app/examples.ts';
import { type Answer, type Data, testApp } from '../helpers/app.ts';
import { SEED, seeded, someOf } from '../helpers/seeded.ts';
import { BODIES } from './bodies.ts';
import { fingerprintOf } from './tables.ts';

const app = await testApp();
const owner = await app.as('owner');
const world = { app, owner };
const routes = Object.keys(EXAMPLES);

type Sent = { path: string; raw?: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string> };

const CONTENT_TYPES = [
  ...['text/plain', 'text/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'x'],
  ...[
    'application/json; charset=utf-16',
    'application/jsonp',
    'application/json, text/plain',
    '*/*',
    '; charset=utf-8',
  ],
];

const IF_MATCHES = [
  'x',
  '1',
  '"',
  '"1',
  '1"',
  '""1""',
  '"1" "2"',
  '"1",',
  ',',
  'W/1',
  'w/"1"',
  '*, "1"',
  'x'.repeat(5_000),
];

/** By the type of what the example has at that place: no field of that type takes one of these. */
const NUMBERS = ['1e400', '-1e400', '9007199254740993', '-9223372036854775809', '1e308', '-1e308'];
const LONG = JSON.stringify('x'.repeat(20_000));
const ODD_TEXTS = ['""', '" "', '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"a\\udc00"', '"\\u200b"', LONG];
const NESTED = ['[[]]', '[null]', '[{}]', '{}', '{"a":{"b":[1]}}', '[1e400]', '["\\u0000"]', '["\\ud800"]'];
const WRONG: Readonly<Record<string, readonly string[]>> = {
  string: [...ODD_TEXTS, ...NUMBERS, ...NESTED, '0', 'true', '[]'],
  number: [...NUMBERS, ...NESTED, '""', '"1"', '"\\u0000"', 'true', '[]', '[1]'],
  boolean: [...ODD_TEXTS, ...NUMBERS, ...NESTED, '0', '1', '"true"', '[]'],
  list: [...ODD_TEXTS, ...NUMBERS, ...NESTED, '0', 'true'],
  object: [...ODD_TEXTS, ...NUMBERS, ...NESTED, '0', 'true', '[]'],
};

const typeOf = (value: unknown): string =>
  Array.isArray(value) ? 'list' : value === null ? 'string' : typeof value;

const placesIn = (value: Data, path: string[] = []): { path: string[]; type: string }[] => [
  ...(path.length === 0 ? [] : [{ path, type: typeOf(value) }]),
  ...(typeof value === 'object' && value !== null
    ? Object.keys(value).flatMap((name) => placesIn(value[name], [...path, name]))
    : []),
];

/** The body with this JSON text at that place: many of these texts are what no value of ours turns into. */
const withText = (body: Data, path: string[], text: string): string => {
  const copy = structuredClone(body);
  const last = path.at(-1) ?? '';
  path.slice(0, -1).reduce((inner, name) => inner[name], copy)[last] = '@here@';
  return JSON.stringify(copy).replace('"@here@"', () => text);
};

const IDS = [
  ...[
    '%00',
    '%2e%2e',
    '%2e%2e%2f%2e%2e',
    '..%5c',
    '%252e',
    '%c0%ae',
    '%ff',
    '%ed%a0%80',
    "1'--",
    'null',
    '-1',
    '*',
  ],
  ...[
    '%',
    '%zz',
    '%0d%0aX:%20y',
    '[object%20Object]',
    'ID%00',
    'ID%20',
    '%2FID',
    'ID%2F',
    'ID,ID',
    'ID%3Fx=1',
  ],
  ...[
    'urn:uuid:ID',
    '%7BID%7D',
    'ID;x=1',
    '😀',
    'x'.repeat(8_000),
    '%00'.repeat(2_000),
    '/',
    'ID/',
    '%2f%2f',
  ],
];

const badPaths = (route: string, path: string): string[] => {
  const pattern = (route.split(' ')[1] ?? '').split('/');
  const steps = path.split('/');
  const ofIds = IDS.flatMap((odd) =>
    pattern.flatMap((name, at) =>
      name.startsWith(':') ? [steps.with(at, odd.replaceAll('ID', steps[at] ?? '')).join('/')] : [],
    ),
  );
  return [
    ...ofIds,
    `/${path}`,
    `${path}/`,
    `${path}//`,
    `${path}%00`,
    `${path}%2f`,
    `${path}/x`,
    `/v1${path}`,
    `/v1/%2F${path}`,
  ];
};

const NAMES =
  'limit cursor sort q vip overdue deleted from to status technician_id customer_id vehicle_id updated_since category kind is_active dry_run __proto__ constructor';
const VALUES = [
  ...[
    '',
    '%00',
    'a%00b',
    '%0a',
    'x'.repeat(3_000),
    '%20',
    '-1',
    '0',
    '1e9',
    '9007199254740993',
    '1.5',
    'NaN',
    'yes',
    '[]',
  ],
  ...[
    'a,,b',
    ',',
    '%ff%fe',
    '%ed%a0%80',
    "1'--",
    '2031-02-30',
    '9999999-01-01',
    '0000-00-00',
    '2031-01-01T00:00:00',
  ],
  ...[
    '2031-01-01T25:00:00Z',
    '-infinity',
    'now',
    'W10%3D',
    'bnVsbA',
    'WyJhIiwiYiIsImMiXQ',
    '%F0%9F%98%80',
    'true,true',
  ],
];
/** What a search or a category may be: any visible text. */
const isFreeText = (name: string, value: string): boolean =>
  ['q', 'category'].includes(name) && !/^$|^%20$|%00|%0a|^x{200}/.test(value);

const badQueries = (path: string): string[] =>
  NAMES.split(' ').flatMap((name) =>
    VALUES.flatMap((value) => [
      ...(isFreeText(name, value) ? [] : [`${path}?${name}=${value}`]),
      `${path}?${name}=1&${name}=${value}`,
    ]),
  );

/** Who logs out with a token that nobody has is logged out: any text will do. A message may name no variables. */
const wrongFor = (route: string, type: string): string[] =>
  (WRONG[type] ?? []).filter(
    (text) =>
      (route !== 'POST /v1/auth/logout' || !ODD_TEXTS.slice(1, -1).includes(text)) &&
      (text !== '{}' || !/\/(messages|render)$/.test(route)),
  );

/** /v1/invoices/%2e%2e/payments is /v1/payments, by the rules of addresses, and /v1/board no bad one of /board. */
const isAnotherRoute = (route: string, path: string): boolean => {
  const meant = URL.parse(path, 'http://shop')?.pathname;
  return routes.includes(`${methodOf(route)} ${meant}`);
};

const badOnes = (route: string, { path, body }: Example): Sent[] => {
  const random = seeded(route);
  const odd = badPaths(route, path).filter((one) => !isAnotherRoute(route, one));
  const paths = [...someOf(odd, 14, random), ...someOf(badQueries(path), 18, random)];
  const json = body === undefined ? {} : { raw: JSON.stringify(body) };
  const elsewhere = paths.map((one): Sent => ({ path: one, ...json }));
  if (!isWrite(route)) return elsewhere;
  const bodies = someOf(BODIES, 16, random).map((raw): Sent => ({ path, raw }));
  const types = someOf(CONTENT_TYPES, 3, random).map(
    (type): Sent => ({ path, raw: '{}', headers: { 'content-type': type } }),
  );
  const versions = someOf(IF_MATCHES, 3, random).map(
    (tag): Sent => ({ path, ...json, headers: { 'if-match': tag } }),
  );
  const fields = placesIn(body ?? {}).flatMap(({ path: place, type }) =>
    someOf(wrongFor(route, type), 4, random).map(
      (text): Sent => ({ path, raw: withText(body, place, text) }),
    ),
  );
  const twice = someOf(placesIn(body ?? {}), 2, random).map(({ path: place }): Sent => {
    const text = JSON.stringify(body);
    const name = JSON.stringify(place[0]);
    return { path, raw: `{${name}:null,${text.slice(1)}` };
  });
  return [...elsewhere, ...bodies, ...types, ...versions, ...fields, ...twice];
};

const faultOf = ({ status, error }: Answer): string | undefined => {
  if (status < 400 || status > 499) return `answered ${status}`;
  if (error.code !== status) return `code ${error.code} with status ${status}`;
  if (!Object.hasOwn(REASONS, error.reason)) return `reason ${error.reason}`;
  return typeof error.message === 'string' && error.message.length > 10
    ? undefined
    : `message ${error.message}`;
};

const shown = ({ path, raw, headers }: Sent): string => {
  const body = typeof raw === 'string' ? raw : raw === undefined ? '' : `bytes ${raw.subarray(0, 20)}`;
  return `${path.slice(0, 200)} ${body.slice(0, 300)} ${headers?.['content-type'] ?? ''}`;
};

describe('bad input is answered with a 4xx that has a reason, and nothing is written', () => {
  for (const route of routes) {
    test(route, async () => {
      const example = await exampleOf(world, route);
      const before = await fingerprintOf(app.url);
      const faults: string[] = [];
      for (const one of badOnes(route, example)) {
        const { path, raw, headers } = one;
        const answer = await owner.send(methodOf(route), path, {
          ...(raw === undefined ? {} : { raw }),
          headers: { ...example.headers, ...headers },
        });
        const fault = faultOf(answer);
        if (fault !== undefined) faults.push(`TEST_SEED=${SEED}: ${fault} to ${route} ${shown(one)}`);
      }
      expect(faults).toEqual([]);
      // Wrong passwords are counted, and a token that is used in vain may end its family.
      if (!route.includes('/v1/auth/')) expect(await fingerprintOf(app.url)).toEqual(before);
    });
  }
});
