import { describe, expect, test } from 'bun:test';
import type { Example } from '../app/example.ts';
import { EXAMPLES, exampleOf, isWrite, methodOf } from '../app/examples.ts';
import { signatureFor } from '../app/message-examples.ts';
import { type Data, testApp } from '../helpers/app.ts';
import { fingerprintOf } from './tables.ts';

const app = await testApp();
const owner = await app.as('owner');
const world = { app, owner };
const routes = Object.keys(EXAMPLES).filter(isWrite);

const KEYS = [
  ...['id', 'role', 'status', 'version', 'is_admin', 'is_active', 'staff_id', 'customer_id', 'vehicle_id'],
  ...['technician_id', 'created_at', 'updated_at', 'deleted_at', 'completed_at', 'canceled_at', 'started_at'],
  ...['paid_cents', 'total_cents', 'price_cents', 'lane', 'force_reason', 'forced_by', 'position', 'number'],
  ...['password', 'password_hash', 'session_id', 'actor', 'correlation_id', 'vin_unchecked', 'is_vip'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__'],
  ...['toJSON', 'then', 'length', '', ' ', 'Name', 'name ', 'ｎame', '$where', 'name[]', '\u0000', '\ud800'],
];

/** What the route takes beside the fields of its example. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  'POST /v1/vehicles': ['vin_unchecked'],
  'PATCH /v1/staff/:id': ['role', 'is_active'],
  'PATCH /v1/customers/:id': ['is_vip'],
  'PATCH /v1/vehicles/:id': ['vin_unchecked', 'is_active'],
  'PATCH /v1/services/:id': ['price_cents', 'is_active'],
  'PATCH /v1/technicians/:id': ['staff_id', 'is_active'],
  'PATCH /v1/appointments/:id': ['vehicle_id', 'technician_id'],
  'PATCH /v1/appointments/:id/services/:lineId': ['price_cents'],
};

// As text: an object literal would take __proto__ for the prototype.
const withField = (object: Data, key: string, value: string): string => {
  const field = `${JSON.stringify(key)}:${value}`;
  const text = JSON.stringify(object ?? {});
  return text === '{}' ? `{${field}}` : `{${field},${text.slice(1)}`;
};

const insertedAt = (body: Data, path: readonly string[], text: string): string =>
  path.reduceRight((inner, name, depth) => {
    const around = path.slice(0, depth).reduce((value, step) => value[step], body);
    const place = '"here"';
    return JSON.stringify(
      Array.isArray(around) ? around.with(Number(name), 'here') : { ...around, [name]: 'here' },
    ).replace(place, () => inner);
  }, text);

const send = (route: string, { path, headers = {} }: Example, raw: string) =>
  owner.send(methodOf(route), path, { raw, headers: { ...headers, ...signatureFor(route, raw) } });

describe('a field that a route does not know is 422, and nothing is written', () => {
  for (const route of routes) {
    test(route, async () => {
      const example = await exampleOf(world, route);
      const before = await fingerprintOf(app.url);
      const known = [...Object.keys(example.body ?? {}), ...(TAKEN[route] ?? [])];
      const tried = KEYS.filter((key) => !known.includes(key));
      expect(tried.length).toBeGreaterThanOrEqual(40);
      for (const key of tried) {
        for (const value of ['"owner"', '{"role":"owner","is_active":true}']) {
          const { error } = await send(route, example, withField(example.body, key, value));
          expect([key, error?.code, error?.reason]).toEqual([key, 422, 'request.body_invalid']);
        }
      }
      expect(await fingerprintOf(app.url)).toEqual(before);
    });
  }

  const INNER: [string, string[]][] = [
    ['POST /v1/technicians', ['start']],
    ['PUT /v1/technicians/:id/hours', ['hours', '0']],
    ['POST /v1/appointments', ['location']],
    ['POST /v1/appointments', ['force']],
    ['POST /v1/appointments', ['services', '0']],
  ];
  for (const [route, path] of INNER) {
    test(`${route}: inside ${path.join('.')} as well`, async () => {
      const example = await exampleOf(world, route);
      const before = await fingerprintOf(app.url);
      const inner = path.reduce((value, step) => value[step], example.body);
      for (const key of KEYS.filter((one) => !Object.hasOwn(inner, one))) {
        const raw = insertedAt(example.body, path, withField(inner, key, '1'));
        const { error } = await send(route, example, raw);
        expect([key, error?.code, error?.issues[0].path.startsWith(path.join('.'))]).toEqual([
          key,
          422,
          true,
        ]);
      }
      expect(await fingerprintOf(app.url)).toEqual(before);
    });
  }
});

test('the fingerprint sees a write', async () => {
  const before = await fingerprintOf(app.url);
  await app.sql`update staff set name = 'Somebody' where id = ${owner.staffId}`;
  expect(await fingerprintOf(app.url)).not.toEqual(before);
});
