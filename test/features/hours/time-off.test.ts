import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Answer, type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aTechnician } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');

const KINDS = [
  { noun: 'time-off', entity: 'time_off', told: { appointment_ids: [] } },
  { noun: 'extra-hours', entity: 'extra_hours', told: {} },
] as const;

const aPath = async (noun: string): Promise<string> =>
  `/v1/technicians/${(await aTechnician(owner)).id}/${noun}`;
const idsOf = ({ data }: Answer): string[] => data.items.map((one: Data) => one.id);
const spanOf = (from: string, to: string) => ({ starts_at: from, ends_at: to });

for (const { noun, entity, told } of KINDS) {
  describe(`POST /v1/technicians/:id/${noun}`, () => {
    test("201: a bare date is the start of that day in the shop's zone, also across a change of the clocks", async () => {
      const path = await aPath(noun);
      const given = { ...spanOf('2031-03-08', '2031-03-10'), reason: 'Holidays' };
      const { status, data, headers } = await advisor.post(path, given);
      expect([status, headers.get('location'), headers.get('etag')]).toEqual([201, path, null]);
      expect(data).toEqual({
        ...{ id: expect.any(String), technician_id: path.split('/')[3] },
        ...{ starts_at: '2031-03-08T08:00:00Z', ends_at: '2031-03-10T07:00:00Z', reason: 'Holidays' },
        ...{ created_at: expect.any(String), ...told },
      });
      const { appointment_ids: _jobs, ...row } = data;
      expect((await owner.get(path)).data.items).toEqual([row]);
    });

    test('201: instants as they are, without a reason, over others of the same time', async () => {
      const path = await aPath(noun);
      const given = spanOf('2031-03-08T10:00:00-08:00', '2031-03-08T10:00:00.001-08:00');
      for (const body of [given, { ...given, reason: null }]) {
        const { status, data } = await owner.post(path, body);
        expect([status, data.reason, data.ends_at]).toEqual([201, null, '2031-03-08T18:00:00.001Z']);
      }
    });

    test.each<[string, Data]>([
      ['starts_at', { ends_at: '2031-01-02' }],
      ['ends_at', { starts_at: '2031-01-01' }],
      ['starts_at', spanOf('2031-02-30', '2031-03-02')],
      ['starts_at', spanOf('2031-01-01T10:00:00', '2031-03-02')],
      ['ends_at', spanOf('2031-01-01', '2031-01-01')],
      ['ends_at', spanOf('2031-01-02', '2031-01-01')],
      ['ends_at', spanOf('2031-01-01', '2033-01-03')],
      ['reason', { ...spanOf('2031-01-01', '2031-01-02'), reason: '' }],
      ['reason', { ...spanOf('2031-01-01', '2031-01-02'), reason: 'x'.repeat(301) }],
      ['technician_id', { ...spanOf('2031-01-01', '2031-01-02'), technician_id: newId() }],
    ])('422 with the path %s for %j', async (field, body) => {
      const path = await aPath(noun);
      const { status, error } = await owner.post(path, body);
      expect([status, error.issues[0].path]).toEqual([422, field]);
      expect(idsOf(await owner.get(path))).toEqual([]);
    });

    test('403 for technicians and accountants, 404 for an unknown technician, 412 for another version', async () => {
      const path = await aPath(noun);
      const body = spanOf('2031-01-01', '2031-01-02');
      for (const role of ['technician', 'accountant'] as const) {
        expect((await (await shop.as(role)).post(path, body)).status).toBe(403);
      }
      const unknown = await owner.post(`/v1/technicians/${newId()}/${noun}`, body);
      expect(unknown.error.reason).toBe('technician.not_found');
      const stale = await owner.post(path, body, { headers: { 'if-match': '"9"' } });
      expect(stale.error.reason).toBe('technician.stale');
    });
  });

  describe(`GET /v1/technicians/:id/${noun}`, () => {
    test('those that overlap from..to, half-open, the earliest first, of this technician alone', async () => {
      const path = await aPath(noun);
      await owner.post(await aPath(noun), spanOf('2031-01-01', '2032-01-01'));
      const days: string[] = [];
      for (const day of ['03', '01', '02']) {
        const { data } = await owner.post(path, spanOf(`2031-01-${day}`, `2031-01-${day}T23:00:00-08:00`));
        days.push(data.id);
      }
      const [third = '', first = '', second = ''] = days;
      const listed = async (query: string) =>
        idsOf(await (await shop.as('technician')).get(`${path}${query}`));
      expect(await listed('')).toEqual([first, second, third]);
      expect(await listed('?sort=-starts_at')).toEqual([third, second, first]);
      expect(await listed('?from=2031-01-02')).toEqual([second, third]);
      expect(await listed('?to=2031-01-02')).toEqual([first]);
      expect(await listed('?from=2031-01-01T23:00:00-08:00&to=2031-01-03')).toEqual([second]);
      expect(await listed('?from=2031-01-01T22:59:59-08:00&to=2031-01-03T00:00:01-08:00')).toEqual([
        first,
        second,
        third,
      ]);
      expect(await listed('?from=2031-02-01')).toEqual([]);
    });

    test('in pages, equal starts included; 404 for an unknown technician, 400 for what is no filter', async () => {
      const path = await aPath(noun);
      for (let at = 0; at < 7; at += 1) await owner.post(path, spanOf('2031-01-01', `2031-01-0${at + 2}`));
      const seen: string[] = [];
      let cursor = '';
      do {
        const answer = await owner.get(`${path}?limit=3${cursor}`);
        seen.push(...idsOf(answer));
        cursor = answer.data.next_cursor === null ? '' : `&cursor=${answer.data.next_cursor}`;
      } while (cursor !== '');
      expect([seen.length, new Set(seen).size]).toEqual([7, 7]);
      const unknown = await owner.get(`/v1/technicians/${newId()}/${noun}`);
      expect(unknown.error.reason).toBe('technician.not_found');
      for (const query of ['from=yesterday', 'sort=reason', 'technician_id=x']) {
        expect((await owner.get(`${path}?${query}`)).status).toBe(400);
      }
    });
  });

  describe(`DELETE /v1/technicians/:id/${noun}/:id`, () => {
    test('200 with what it was; then it is 404, and the journal tells of both', async () => {
      const path = await aPath(noun);
      const { appointment_ids: _jobs, ...made } = (await owner.post(path, spanOf('2031-01-01', '2031-01-02')))
        .data;
      const gone = await advisor.delete(`${path}/${made.id}`);
      expect([gone.status, gone.data]).toEqual([200, made]);
      expect(idsOf(await owner.get(path))).toEqual([]);
      const again = await advisor.delete(`${path}/${made.id}`);
      expect([again.status, again.error.reason]).toEqual([404, `${entity}.not_found`]);
      expect(again.error.message).not.toContain('_');
      const { items } = (await owner.get(`/v1/audit?entity=${entity}&entity_id=${made.id}`)).data;
      expect(items.map((row: Data) => [row.action, row.actor.id])).toEqual([
        ['deleted', advisor.staffId],
        ['created', owner.staffId],
      ]);
    });

    test("404 below another technician, 412 for another version of the technician, 403 for a technician's login", async () => {
      const [path, other] = [await aPath(noun), await aPath(noun)];
      const { id } = (await owner.post(path, spanOf('2031-01-01', '2031-01-02'))).data;
      expect((await owner.delete(`${other}/${id}`)).error.reason).toBe(`${entity}.not_found`);
      const stale = await owner.delete(`${path}/${id}`, { headers: { 'if-match': '"9"' } });
      expect(stale.error.reason).toBe('technician.stale');
      expect((await (await shop.as('technician')).delete(`${path}/${id}`)).status).toBe(403);
      expect(idsOf(await owner.get(path))).toEqual([id]);
    });
  });
}

describe('the jobs that lie in time off', () => {
  const DAY = spanOf('2031-05-02', '2031-05-03');

  test('those that overlap it are told, the earliest first; none of them moves', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const at = (from: string, to: string, overrides = {}) =>
      aBooking(owner, {
        ...{ technician_id, starts_at: `2031-05-${from}:00-07:00`, ends_at: `2031-05-${to}:00-07:00` },
        ...overrides,
      });
    const late = await at('02T20:00', '03T10:00');
    const early = await at('01T10:00', '02T00:01');
    await at('03T10:00', '03T11:00');
    const [touching] = [await at('01T08:00', '01T09:00')];
    const canceled = await at('02T10:00', '02T11:00');
    await owner.put(`/v1/appointments/${canceled.id}/status`, { status: 'canceled' });
    const deleted = await at('02T12:00', '02T13:00');
    await owner.delete(`/v1/appointments/${deleted.id}`);
    await at('02T14:00', '02T15:00', { technician_id: (await aTechnician(owner)).id });
    const { data } = await owner.post(`/v1/technicians/${technician_id}/time-off`, DAY);
    expect(data.appointment_ids).toEqual([early.id, late.id]);
    expect((await owner.get(`/v1/appointments/${late.id}`)).data).toEqual(late);
    const before = await owner.post(
      `/v1/technicians/${technician_id}/time-off`,
      spanOf(touching.ends_at, '2031-05-01T10:00:00-07:00'),
    );
    expect(before.data.appointment_ids).toEqual([]);
  });

  test('at most fifty', async () => {
    const { id: technicianId } = await aTechnician(owner);
    const { id: customerId } = await aCustomer(owner);
    await shop.sql`
      insert into appointments (id, customer_id, technician_id, starts_at, ends_at)
      select gen_random_uuid(), ${customerId}, ${technicianId}, at, at + interval '5 minutes'
      from generate_series(1, 60) n, lateral (
        select '2031-05-02T08:00:00Z'::timestamptz + n * interval '10 minutes' as at) x`;
    const { data } = await owner.post(`/v1/technicians/${technicianId}/time-off`, DAY);
    const rows = await shop.sql<{ id: string }>`
      select id from appointments where technician_id = ${technicianId} order by starts_at limit 50`;
    expect(data.appointment_ids).toEqual(rows.map(({ id }) => id));
  });
});
