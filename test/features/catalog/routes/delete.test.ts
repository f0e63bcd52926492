import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { testApp } from '../../../helpers/app.ts';
import { aService } from '../../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');

describe('DELETE /v1/services/:id', () => {
  test('200 with the deleted service, which is 404 from then on', async () => {
    const { id } = await aService(owner);
    const { status, data } = await owner.delete(`/v1/services/${id}`);
    expect(status).toBe(200);
    expect(data).toMatchObject({ id, version: 2, deleted_at: expect.stringMatching(/Z$/) });
    expect((await owner.get(`/v1/services/${id}`)).status).toBe(404);
    expect((await owner.delete(`/v1/services/${id}`)).status).toBe(404);
  });

  test('200: a package keeps the item that is not sold by itself any more', async () => {
    const { id } = await aService(owner);
    const pack = await aService(owner, { kind: 'package', items: [{ service_id: id, quantity: 1 }] });
    expect((await owner.delete(`/v1/services/${id}`)).status).toBe(200);
    expect((await owner.get(`/v1/services/${pack.id}`)).data).toEqual(pack);
    expect((await owner.patch(`/v1/services/${pack.id}`, { price_cents: 5 })).status).toBe(200);
  });

  test('412 when If-Match names another version, 404 for an unknown id', async () => {
    const { id } = await aService(owner);
    const stale = await owner.delete(`/v1/services/${id}`, { headers: { 'if-match': '"2"' } });
    expect(stale.status).toBe(412);
    expect(stale.error).toMatchObject({ reason: 'service.stale', details: { version: 1 } });
    expect((await owner.delete(`/v1/services/${id}`, { headers: { 'if-match': '"1"' } })).status).toBe(200);
    expect((await owner.delete(`/v1/services/${newId()}`)).status).toBe(404);
  });
});

describe('POST /v1/services/:id/restore', () => {
  test('200: the service is back; once more changes nothing', async () => {
    const service = await aService(owner);
    await owner.delete(`/v1/services/${service.id}`);
    const { status, data } = await owner.post(`/v1/services/${service.id}/restore`);
    expect(status).toBe(200);
    expect(data).toEqual({ ...service, version: 3, updated_at: expect.any(String) });
    expect((await owner.post(`/v1/services/${service.id}/restore`)).data).toEqual(data);
  });

  test('409 when its code was taken meanwhile, with the id of who has it', async () => {
    const { id, code } = await aService(owner);
    await owner.delete(`/v1/services/${id}`);
    const holder = await aService(owner, { code });
    const { status, error } = await owner.post(`/v1/services/${id}/restore`);
    expect(status).toBe(409);
    expect(error).toMatchObject({ reason: 'service.code_taken', details: { id: holder.id } });
  });

  test('404 for an unknown id, 403 for everybody but the owner', async () => {
    expect((await owner.post(`/v1/services/${newId()}/restore`)).status).toBe(404);
    const advisor = await shop.as('advisor');
    expect((await advisor.post(`/v1/services/${newId()}/restore`)).status).toBe(403);
    expect((await advisor.delete(`/v1/services/${newId()}`)).status).toBe(403);
  });
});
