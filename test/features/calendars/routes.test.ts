import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aTechnician, inHours } from '../../helpers/factories.ts';
import { readCalendarText } from './reader.ts';

const app = await testApp();
const owner = await app.as('owner');

const published = async (id: string, client = owner): Promise<string> =>
  (await client.post(`/v1/technicians/${id}/calendar`)).data.url;
const idsAt = async (url: string): Promise<(string | undefined)[]> =>
  readCalendarText((await app.stranger.get(url)).text).map(({ text }) => text('uid'));
const jobOf = (technician_id: string, hours: number): Promise<Data> =>
  aBooking(owner, { technician_id, starts_at: inHours(hours) });

describe('POST /v1/technicians/{id}/calendar', () => {
  test('makes an address that a stranger can read, and that is kept as a hash alone', async () => {
    const { id } = await aTechnician(owner);
    const job = await jobOf(id, 30);
    const made = await owner.post(`/v1/technicians/${id}/calendar`);
    expect([made.status, made.headers.get('location')]).toEqual([201, made.data.url]);
    const token = /token=([\w-]{43})$/.exec(made.data.url)?.[1] ?? '';
    const answer = await app.stranger.get(made.data.url);
    expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(readCalendarText(answer.text)).toMatchObject([
      { startsAt: Math.floor(Date.parse(job.starts_at) / 1000) * 1000 },
    ]);
    const hash = new Bun.CryptoHasher('sha256').update(token).digest('hex');
    const rows =
      await app.sql<Data>`select encode(token_hash, 'hex') as hash from calendars where technician_id = ${id}`;
    expect(rows).toEqual([{ hash }]);
    const told = await app.sql<Data>`select changes::text as text from journal where entity_id = ${id}`;
    expect(JSON.stringify(told)).toContain('published');
    for (const secret of [token, hash]) expect(JSON.stringify(told)).not.toContain(secret);
  });

  test('ends the address before it; DELETE ends the last one; twice changes nothing', async () => {
    const { id } = await aTechnician(owner);
    const [one, two] = [await published(id), await published(id)];
    expect((await app.stranger.get(one)).error.reason).toBe('technician.not_found');
    expect((await app.stranger.get(two)).status).toBe(200);
    for (const _ of [1, 2]) {
      expect((await owner.delete(`/v1/technicians/${id}/calendar`)).data).toEqual({ revoked: true });
      expect((await app.stranger.get(two)).status).toBe(404);
    }
  });

  test('an address opens the calendar of its own technician alone', async () => {
    const [one, other] = [await aTechnician(owner), await aTechnician(owner)];
    const url = await published(one.id);
    await published(other.id);
    expect((await app.stranger.get(url.replace(one.id, other.id))).status).toBe(404);
  });

  test('a technician makes one for themselves; it ends with their login', async () => {
    const person = await app.as('technician');
    const { id } = await aTechnician(owner, { staff_id: person.staffId });
    const { id: other } = await aTechnician(owner);
    const url = await published(id, person);
    expect((await person.post(`/v1/technicians/${other}/calendar`)).status).toBe(404);
    expect((await app.stranger.get(url)).status).toBe(200);
    await owner.patch(`/v1/staff/${person.staffId}`, { is_active: false });
    expect((await app.stranger.get(url)).status).toBe(404);
  });

  test('honours If-Match; stores no key', async () => {
    const { id } = await aTechnician(owner);
    const headers = { 'if-match': '"9"' };
    expect((await owner.delete(`/v1/technicians/${id}/calendar`, { headers })).status).toBe(412);
    const keyed = { headers: { 'idempotency-key': 'the same key' } };
    const send = () => owner.post(`/v1/technicians/${id}/calendar`, undefined, keyed);
    expect((await send()).data.url).not.toBe((await send()).data.url);
    expect(await app.sql`select 1 from idempotency_keys where body like '%token=%'`).toEqual([]);
  });
});

describe('GET /v1/technicians/{id}/calendar.ics', () => {
  test('has the jobs from 30 days back to 180 days ahead, and no holds', async () => {
    const { id } = await aTechnician(owner);
    const [old, past, soon, far] = [
      await jobOf(id, 24),
      await jobOf(id, 48),
      await jobOf(id, 179 * 24),
      await jobOf(id, 181 * 24),
    ];
    await owner.post('/v1/holds', { technician_id: id, starts_at: inHours(100) });
    for (const [job, days] of [
      [old, 31],
      [past, 29],
    ]) {
      await app.sql`update appointments set starts_at = now() - make_interval(days => ${days}),
        ends_at = now() - make_interval(days => ${days}) + interval '1 hour' where id = ${job.id}`;
    }
    expect(await idsAt(await published(id))).toEqual([past.id, soon.id]);
    expect(far.status).toBe('scheduled');
  });

  test('tells that what it has shown is called off or deleted, and nothing of what it never showed', async () => {
    const { id } = await aTechnician(owner);
    const [before, canceled, deleted, kept] = [
      await jobOf(id, 24),
      await jobOf(id, 48),
      await jobOf(id, 72),
      await jobOf(id, 96),
    ];
    const cancel = (job: Data) => owner.put(`/v1/appointments/${job.id}/status`, { status: 'canceled' });
    await cancel(before);
    await Bun.sleep(5);
    const url = await published(id);
    expect(await idsAt(url)).toEqual([canceled.id, deleted.id, kept.id]);
    await cancel(canceled);
    await owner.delete(`/v1/appointments/${deleted.id}`);
    const read = readCalendarText((await app.stranger.get(url)).text);
    expect(read.map(({ text }) => [text('uid'), text('status'), text('sequence')])).toEqual([
      [canceled.id, 'CANCELLED', '2'],
      [deleted.id, 'CANCELLED', '2'],
      [kept.id, 'CONFIRMED', '1'],
    ]);
  });

  test('its ETag changes when its content does, and only then', async () => {
    const { id } = await aTechnician(owner);
    const job = await jobOf(id, 24);
    const url = await published(id);
    const tagOf = async () => (await app.stranger.get(url)).headers.get('etag') ?? '';
    const tag = await tagOf();
    await jobOf((await aTechnician(owner)).id, 24);
    expect(await tagOf()).toBe(tag);
    const known = await app.stranger.get(url, { headers: { 'if-none-match': tag } });
    expect([known.status, known.text]).toEqual([304, '']);
    await owner.patch(`/v1/appointments/${job.id}`, { notes: 'Gate 7' });
    expect(await tagOf()).not.toBe(tag);
    expect((await app.stranger.get(url, { headers: { 'if-none-match': tag } })).status).toBe(200);
  });

  test('400 without a token, 404 for a wrong one, and nothing of it in the log', async () => {
    const { id } = await aTechnician(owner);
    const url = await published(id);
    await app.stranger.get(url);
    expect((await app.stranger.get(`/v1/technicians/${id}/calendar.ics`)).status).toBe(400);
    expect((await app.stranger.get(`/v1/technicians/${id}/calendar.ics?token=x`)).status).toBe(404);
    expect(JSON.stringify(app.lines)).not.toContain(url.split('token=')[1] ?? '');
  });
});
