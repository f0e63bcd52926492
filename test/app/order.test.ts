import { describe, expect, test } from 'bun:test';
import { ROLES } from '../../src/access.ts';
import { testApp } from '../helpers/app.ts';
import { aBooking, aCustomer, inHours } from '../helpers/factories.ts';
import { accessOf, EXAMPLES, exampleOf, isWrite, methodOf, pathWithUnknownIds } from './examples.ts';
import { signatureFor } from './message-examples.ts';

const app = await testApp();
const owner = await app.as('owner');
const world = { app, owner };
const people = { owner, advisor: await app.as('advisor'), technician: await app.as('technician') };
const clients = { ...people, accountant: await app.as('accountant') };

const routes = Object.keys(EXAMPLES);
const writes = routes.filter(isWrite);
const onOneThing = routes.filter((route) => route.includes(':id'));

const HUGE = `{"name":"${'x'.repeat(1_048_577)}"}`;
const WRONG = '{"surely_not_a_field":1}';

describe('403 comes before 400, 413, 415 and 422', () => {
  for (const route of routes) {
    const denied = ROLES.filter((role) => accessOf(route) !== 'open' && !accessOf(route).includes(role));
    if (denied.length === 0) continue;
    test(route, async () => {
      for (const role of denied) {
        for (const raw of isWrite(route) ? ['{', HUGE, WRONG] : [undefined]) {
          const { error } = await clients[role].send(methodOf(route), `${pathWithUnknownIds(route)}?no=1`, {
            headers: { 'content-type': 'text/plain', 'if-match': 'x' },
            ...(raw === undefined ? {} : { raw }),
          });
          expect(error).toMatchObject({ code: 403, reason: 'access.role_not_allowed' });
        }
      }
    });
  }
});

describe('413, then 415, then 400 for syntax, query and headers, then 422, then 404', () => {
  for (const route of writes) {
    test(route, async () => {
      const path = pathWithUnknownIds(route);
      const send = async (raw: string, query = '', headers: Record<string, string> = {}) => {
        const known = signatureFor(route, raw);
        const { error } = await owner.send(methodOf(route), `${path}${query}`, {
          ...{ raw, headers: { ...known, ...headers } },
        });
        return [error.code, error.reason];
      };
      const plain = { 'content-type': 'text/plain' };
      expect(await send(HUGE, '?no=1', plain)).toEqual([413, 'request.body_too_large']);
      expect(await send('{', '?no=1', plain)).toEqual([415, 'request.content_type_unsupported']);
      expect(await send('{', '?no=1')).toEqual([400, 'request.body_malformed']);
      expect(await send(WRONG, '?no=1')).toEqual([400, 'request.parameter_invalid']);
      expect(await send(WRONG, '?dry_run=maybe')).toEqual([400, 'request.parameter_invalid']);
      expect(await send(WRONG, '', { 'if-match': 'three' })).toEqual([400, 'request.header_invalid']);
      expect(await send(WRONG)).toEqual([422, 'request.body_invalid']);
    });
  }

  for (const route of onOneThing) {
    test(`${route}: 404 for an unknown and for a malformed id, when all else is right`, async () => {
      const { body, path, headers = {} } = await exampleOf(world, route);
      const query = path.includes('?') ? path.slice(path.indexOf('?')) : '';
      const unknown = pathWithUnknownIds(route);
      const withId = (id: string) => pathWithUnknownIds(route.replace(':id', id));
      const options = {
        ...(body === undefined ? {} : { body }),
        headers: { ...headers, 'if-match': '"99"' },
      };
      const malformed = ['1', 'null', 'a'.repeat(5_000), '%00', '%ff', "1'--", '01a20bd7-9f55-7017-915d'];
      for (const address of [unknown, ...malformed.map(withId)]) {
        const { error } = await owner.send(methodOf(route), `${address}${query}`, options);
        expect(error.code).toBe(404);
        expect(error.reason).toEndWith('.not_found');
      }
    });
  }
});

describe('404, then 412, then 409', () => {
  const old = { headers: { 'if-match': '"99"' } };

  test('412 comes before the conflict that the write would meet', async () => {
    const customer = await aCustomer(owner);
    const job = await aBooking(owner, { customer_id: customer.id });
    expect((await owner.delete(`/v1/customers/${customer.id}`, old)).status).toBe(412);
    expect((await owner.delete(`/v1/customers/${customer.id}`)).status).toBe(409);
    const move = { status: 'completed' };
    expect((await owner.put(`/v1/appointments/${job.id}/status`, move, old)).status).toBe(412);
    expect((await owner.put(`/v1/appointments/${job.id}/status`, move)).status).toBe(409);
  });

  test('422 with its path for an unknown id in a body', async () => {
    const unknown = '01a20bd7-9f55-7017-915d-6baafcf0605d';
    const starts_at = inHours(2);
    const { id: customer_id } = await aCustomer(owner);
    const wrong: [string, string, object][] = [
      ['customer_id', '/v1/appointments', { customer_id: unknown, starts_at }],
      ['vehicle_id', '/v1/appointments', { customer_id, starts_at, vehicle_id: unknown }],
      ['technician_id', '/v1/appointments', { customer_id, starts_at, technician_id: unknown }],
      [
        'services.0.service_id',
        '/v1/appointments',
        { customer_id, starts_at, services: [{ service_id: unknown }] },
      ],
      ['customer_id', '/v1/vehicles', { customer_id: unknown, year: 2019, make: 'A', model: 'B' }],
      ['staff_id', '/v1/technicians', { name: 'Mo', staff_id: unknown }],
    ];
    for (const [path, route, body] of wrong) {
      const { error } = await owner.post(route, body);
      expect(error).toMatchObject({ code: 422, issues: [{ path }] });
    }
  });
});
