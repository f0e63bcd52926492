import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aTechnician } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');

const spanOf = (from: string, to: string) => ({ starts_at: from, ends_at: to });
const close = (from: string, to: string) => owner.post('/v1/closures', spanOf(from, to));

describe('POST /v1/closures', () => {
  test('201 with what it is, and the active jobs of everybody that lie in it, those of nobody too', async () => {
    const starts_at = '2031-11-26T10:00:00-08:00';
    const jobs: Data[] = [
      await aBooking(owner, { starts_at, technician_id: (await aTechnician(owner)).id }),
      await aBooking(owner, { starts_at: '2031-11-26T09:00:00-08:00' }),
      await aBooking(owner, { starts_at: '2031-11-28T00:00:00-08:00' }),
    ];
    const given = { ...spanOf('2031-11-26', '2031-11-28'), reason: 'Thanksgiving' };
    const { status, data, headers } = await owner.post('/v1/closures', given);
    expect([status, headers.get('location'), headers.get('etag')]).toEqual([201, '/v1/closures', null]);
    expect(data).toEqual({
      ...{ id: expect.any(String), starts_at: '2031-11-26T08:00:00Z', ends_at: '2031-11-28T08:00:00Z' },
      ...{ reason: 'Thanksgiving', created_at: expect.any(String) },
      appointment_ids: [jobs[1].id, jobs[0].id],
    });
    expect((await owner.get(`/v1/appointments/${jobs[0].id}`)).data).toEqual(jobs[0]);
  });

  test('422 for a backward range and for one over two years, 403 for everybody but the owner', async () => {
    const wrong = [spanOf('2031-01-02', '2031-01-02'), spanOf('2031-01-01', '2033-01-03')];
    for (const body of wrong) {
      expect((await owner.post('/v1/closures', body)).error.issues[0].path).toBe('ends_at');
    }
    for (const role of ['advisor', 'technician', 'accountant'] as const) {
      const answer = await (await shop.as(role)).post('/v1/closures', spanOf('2031-01-01', '2031-01-02'));
      expect(answer.status).toBe(403);
    }
  });
});

describe('GET /v1/closures', () => {
  test('those that overlap from..to, half-open, the earliest first, for everybody', async () => {
    const second = (await close('2040-01-02', '2040-01-03')).data;
    const first = (await close('2040-01-01', '2040-01-02')).data;
    const technician = await shop.as('technician');
    const listed = async (query: string) =>
      (await technician.get(`/v1/closures${query}`)).data.items.map((one: Data) => one.id);
    expect(await listed('?from=2040-01-01')).toEqual([first.id, second.id]);
    expect(await listed('?from=2040-01-02')).toEqual([second.id]);
    expect(await listed('?from=2040-01-01&to=2040-01-02')).toEqual([first.id]);
    const page = await technician.get('/v1/closures?from=2040-01-01&limit=1');
    const next = await technician.get(`/v1/closures?from=2040-01-01&limit=1&cursor=${page.data.next_cursor}`);
    expect(next.data).toMatchObject({ items: [{ id: second.id }], next_cursor: null });
  });
});

describe('DELETE /v1/closures/:id', () => {
  test('200 with what it was; of ten at once one removes it, for the others it is 404', async () => {
    const { appointment_ids: _jobs, ...made } = (await close('2041-01-01', '2041-01-02')).data;
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => owner.delete(`/v1/closures/${made.id}`)),
    );
    expect(answers.filter(({ ok }) => ok).map(({ data }) => data)).toEqual([made]);
    const reasons = answers.filter(({ ok }) => !ok).map(({ error }) => error.reason);
    expect(reasons).toEqual(Array(9).fill('closure.not_found'));
    const { items } = (await owner.get(`/v1/audit?entity=closure&entity_id=${made.id}`)).data;
    expect(items.map((row: Data) => row.action)).toEqual(['deleted', 'created']);
  });

  test('404 for an unknown one, 403 for everybody but the owner', async () => {
    expect((await owner.delete(`/v1/closures/${newId()}`)).error.reason).toBe('closure.not_found');
    const { id } = (await close('2041-01-01', '2041-01-02')).data;
    expect((await (await shop.as('advisor')).delete(`/v1/closures/${id}`)).status).toBe(403);
  });
});
