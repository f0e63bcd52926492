import { describe, expect, test } from 'bun:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { ACCESS, TICKETED } from '../../src/access.ts';
import { REASONS, type Reason } from '../../src/errors.ts';
import { STATUS } from '../../src/http/failures.ts';
import { exampleOf, routesOf, sendExample } from '../app/examples.ts';
import { testApp } from '../helpers/app.ts';
import { type Document, documentOf, operationsOf, parametersOf, reasonsOf } from '../helpers/openapi.ts';

// With a limit on, so that its headers are looked at too.
const app = await testApp({ env: { RATE_LIMIT_PER_S: '100000' } });
const owner = await app.as('owner');
const world = { app, owner };
const document = await documentOf(app.app);
const operations = operationsOf(document);

/** Told in the description of the document: they belong to no route. */
const OF_NO_ROUTE = ['request.path_unknown', 'request.method_not_allowed'];

const routeOf = ({ method, path }: { method: string; path: string }): string =>
  `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;

test('it tells of exactly the routes of the application', () =>
  expect(operations.map(routeOf).sort()).toEqual(routesOf(app).sort()));

test('it keeps the recommended rules of OpenAPI, without a warning', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const source = JSON.stringify(document);
  const found = await lintFromString({ source, config, absoluteRef: 'openapi.json' });
  expect(found.map(({ severity, ruleId, message }) => `${severity} ${ruleId}: ${message}`)).toEqual([]);
});

test('no two operations have one id, and no two one summary', () => {
  for (const field of ['operationId', 'summary']) {
    const values = operations.map(({ operation }) => operation[field]);
    expect(values.filter((value, at) => values.indexOf(value) !== at)).toEqual([]);
  }
});

test('every reason is told by some operation, or by the description', () => {
  const told = new Set(
    operations.flatMap(({ operation }) => Object.values(reasonsOf(document, operation)).flat()),
  );
  expect([...told, ...OF_NO_ROUTE].sort()).toEqual(Object.keys(REASONS).sort());
  expect(Object.keys(document['x-reasons'])).toEqual(Object.keys(REASONS));
  for (const reason of OF_NO_ROUTE) expect(document.info.description).toContain(reason);
});

test('what several operations refuse alike is written once', () => {
  const shared = Object.values(document.components.responses).map((one) => JSON.stringify(one));
  expect(new Set(shared).size).toBe(shared.length);
  const own = operations.flatMap(({ operation }) => Object.entries<Document>(operation.responses));
  const refusals = own.filter(([status]) => Number(status) >= 400);
  expect(refusals.filter(([, { $ref }]) => $ref === undefined)).toEqual([]);
  expect(shared.length).toBeLessThan(refusals.length / 4);
});

describe('every operation', () => {
  for (const { method, path, operation } of operations) {
    const route = routeOf({ method, path });
    const access = ACCESS[route];

    test(`${route} tells what it does, for whom, and where it belongs`, () => {
      expect(operation.summary).toMatch(/^[A-Z][a-z]+s\b.{3,80}[^.]$/);
      expect(operation['x-roles']).toEqual(access === 'open' ? 'open' : [...(access ?? [])]);
      const withTicket = [{ bearer: [] }, { ticket: [] }];
      const way = access === 'open' ? [] : TICKETED.includes(route) ? withTicket : undefined;
      expect(operation.security).toEqual(way);
      expect(operation.tags).toEqual([path.replace('/v1', '').split('/')[1] ?? '']);
    });

    test(`${route} tells of its parameters and its body, with an example of it`, () => {
      const parameters = parametersOf(document, operation);
      const inPath = parameters.filter((one) => one.in === 'path').map((one) => one.name);
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      expect(parameters.every(({ schema }) => Object.keys(schema).length > 0)).toBe(true);
      expect(parameters.map((one) => one.name)).toContain('X-Correlation-Id');
      const media = operation.requestBody?.content['application/json'];
      expect(media === undefined || typeof media.example === 'object').toBe(true);
    });

    test(`${route} tells every answer with its reasons, each under its own status`, () => {
      const statuses = Object.keys(operation.responses);
      expect(statuses.filter((status) => status.startsWith('2'))).toHaveLength(1);
      expect(statuses).toEqual(expect.arrayContaining(['400', '500', '503', '504']));
      expect(statuses.includes('401')).toBe(access !== 'open' || /login|refresh$|callbacks$/.test(route));
      for (const [status, reasons] of Object.entries(reasonsOf(document, operation))) {
        expect(reasons.length).toBeGreaterThan(0);
        for (const reason of reasons) expect(`${STATUS[REASONS[reason as Reason]]}`).toBe(status);
      }
    });
  }
});

const taking = (name: string) =>
  operations.filter(({ operation }) => parametersOf(document, operation).some((one) => one.name === name));

describe('a version that is asked for is honoured', () => {
  for (const one of taking('If-Match')) {
    test(`by ${routeOf(one)}: 412`, async () => {
      const example = await exampleOf(world, routeOf(one));
      const answer = await sendExample(world, routeOf(one), {
        ...example,
        headers: { ...example.headers, 'if-match': '"99"' },
      });
      expect(answer.error).toMatchObject({ code: 412, details: { version: expect.any(Number) } });
    });
  }

  for (const one of operations.filter(({ method }) => method === 'GET')) {
    test(`by ${routeOf(one)}: 304, if it has an ETag`, async () => {
      const example = await exampleOf(world, routeOf(one));
      const tag = (await sendExample(world, routeOf(one), example)).headers.get('etag');
      expect(tag !== null).toBe(taking('If-None-Match').includes(one));
      if (tag === null) return;
      const known = { ...example, headers: { 'if-none-match': tag } };
      expect((await sendExample(world, routeOf(one), known)).status).toBe(304);
    });
  }
});
