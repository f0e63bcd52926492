import { afterAll, describe, expect, test } from 'bun:test';
import * as v from 'valibot';
import { ACCESS } from '../../src/access.ts';
import type { Json } from '../../src/database/sql.ts';
import { notFound } from '../../src/errors.ts';
import { accept } from '../../src/http/accept.ts';
import { changed } from '../../src/http/answers.ts';
import { pathId } from '../../src/http/validate.ts';
import { write } from '../../src/http/write.ts';
import { Customer } from '../../src/shapes/customer.ts';
import { line } from '../../src/values/text.ts';
import { testApp } from '../helpers/app.ts';
import { documentOf, reasonsOf } from '../helpers/openapi.ts';

const ROUTE = 'POST /v1/customers/:id/nickname';

const app = await testApp();
app.app.post(
  '/v1/customers/:id/nickname',
  accept({
    summary: 'Gives a customer a nickname',
    body: v.strictObject({ nickname: line(20) }),
    answers: Customer,
    example: { nickname: 'Annie' },
  }),
  async (c) =>
    write(c, async (tx) => {
      const { nickname } = c.req.valid('json');
      const id = pathId(c, 'customer');
      const [row] = await tx<{ version: number }>`
        update customers set notes = ${nickname}, version = version + 1 where id = ${id} returning version`;
      const [made] = await tx<{ shape: Json }>`select shape from customer_shapes where id = ${id}`;
      if (row === undefined || made === undefined) throw notFound('customer');
      return changed({ ...row, shape: made.shape });
    }),
);
Reflect.set(ACCESS, ROUTE, ['owner', 'advisor']);
afterAll(() => {
  Reflect.deleteProperty(ACCESS, ROUTE);
});

const owner = await app.as('owner');
const advisor = await app.as('advisor');

const aCustomer = async () => {
  const email = `nick-${Bun.randomUUIDv7()}@example.com`;
  const { data } = await owner.post('/v1/customers', { name: 'Ana Ruiz', email });
  return { id: data.id, path: `/v1/customers/${data.id}/nickname` };
};

const notesOf = async (id: string) => (await owner.get(`/v1/customers/${id}`)).data.notes;
const auditOf = async (id: string) => (await owner.get(`/v1/audit?entity_id=${id}&limit=100`)).data.items;

describe('a route that is added with accept and write, and its line in the access table, has all the rest', () => {
  test('the envelope, the version and the correlation id', async () => {
    const { path } = await aCustomer();
    const answer = await advisor.post(
      path,
      { nickname: 'Annie' },
      { headers: { 'x-correlation-id': 'N-1' } },
    );
    expect(answer.body).toEqual({
      ok: true,
      data: expect.objectContaining({ notes: 'Annie', version: 2 }),
      error: null,
      correlation_id: 'N-1',
    });
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(answer.headers.get('server-timing')).toContain('db;dur=');
  });

  test('validation of its query, its body and its id', async () => {
    const { path } = await aCustomer();
    const refusals = [
      await owner.post(`${path}?nick=1`, { nickname: 'Annie' }),
      await owner.post(path, { nicknames: 'Annie' }),
      await owner.post(path, { nickname: 'x'.repeat(21) }),
      await owner.post(path, undefined, { raw: '{' }),
      await owner.post('/v1/customers/7/nickname', { nickname: 'Annie' }),
    ];
    expect(refusals.map(({ status, error }) => [status, error.reason])).toEqual([
      [400, 'request.parameter_invalid'],
      [422, 'request.body_invalid'],
      [422, 'request.body_invalid'],
      [400, 'request.body_malformed'],
      [404, 'customer.not_found'],
    ]);
  });

  test('idempotency: the second of two with one key is the answer of the first', async () => {
    const { id, path } = await aCustomer();
    const key = { headers: { 'idempotency-key': 'one' } };
    const first = await owner.post(path, { nickname: 'Annie' }, key);
    const second = await owner.post(path, { nickname: 'Annie' }, key);
    expect([first.status, second.status, second.text]).toEqual([200, 200, first.text]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect((await owner.post(path, { nickname: 'Anne' }, key)).error.reason).toBe('idempotency.key_reused');
    expect(await auditOf(id)).toHaveLength(2);
  });

  test('the dry run, of which nothing is kept', async () => {
    const { id, path } = await aCustomer();
    const tried = await owner.post(`${path}?dry_run=true`, { nickname: 'Annie' });
    expect([tried.status, tried.data.notes, tried.headers.get('dry-run')]).toEqual([200, 'Annie', 'true']);
    expect(await notesOf(id)).toBe(null);
    expect(await auditOf(id)).toHaveLength(1);
  });

  test('the audit: who changed what, under which correlation id', async () => {
    const { id, path } = await aCustomer();
    await advisor.post(path, { nickname: 'Annie' }, { headers: { 'x-correlation-id': 'N-2' } });
    const [newest] = await auditOf(id);
    expect(newest).toMatchObject({
      action: 'changed',
      entity: 'customer',
      actor: { id: advisor.staffId, role: 'advisor' },
      changes: { notes: { from: null, to: 'Annie' } },
      correlation_id: 'N-2',
    });
  });

  test('the refusal of strangers and of other roles', async () => {
    const { path } = await aCustomer();
    expect((await app.stranger.post(path, { nickname: 'Annie' })).error.reason).toBe('auth.token_missing');
    const technician = await app.as('technician');
    expect((await technician.post(path, { nickname: 'A' })).error.reason).toBe('access.role_not_allowed');
    expect((await app.stranger.put(path, {})).headers.get('allow')).toBe('POST');
  });

  test('its page in the document', async () => {
    const document = await documentOf(app.app);
    const { post } = document.paths['/v1/customers/{id}/nickname'];
    expect(post).toMatchObject({
      operationId: 'postCustomersByIdNickname',
      summary: 'Gives a customer a nickname',
      'x-roles': ['owner', 'advisor'],
    });
    expect(post.requestBody.content['application/json']).toMatchObject({
      schema: { properties: { nickname: { type: 'string', maxLength: 20 } }, required: ['nickname'] },
      example: { nickname: 'Annie' },
    });
    expect(post.responses[200].content['application/json'].schema.properties.data.$ref).toEndWith(
      '/Customer',
    );
    expect(reasonsOf(document, post)[404]).toEqual(['customer.not_found']);
  });
});
