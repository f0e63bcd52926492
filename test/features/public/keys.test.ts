import { describe, expect, test } from 'bun:test';
import { testApp } from '../../helpers/app.ts';
import { aTechnician } from '../../helpers/factories.ts';
import { aVisitor, bookedAs, details, env, holdAs, soon } from './visitors.ts';

const app = await testApp({ env });
const otherWorker = await testApp({ env, url: app.url });
const owner = await app.as('owner');
const key = { 'idempotency-key': 'a key that anybody might take' };

describe('an Idempotency-Key of a stranger', () => {
  test('a retry gets the first answer, from any worker; the job is booked once', async () => {
    const address = '203.0.113.20';
    const hold = await holdAs(aVisitor(app, address), owner);
    const body = details({ hold_id: hold.id });
    const first = await aVisitor(app, address).post('/v1/public/bookings', body, key);
    const again = await aVisitor(otherWorker, address).post('/v1/public/bookings', body, key);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(
      await app.sql`select 1 from appointments where technician_id = ${hold.technician_id}`,
    ).toHaveLength(1);
  });

  test('whoever knows it gets nobody’s booking back: not from another address, nor with another body', async () => {
    const victim = aVisitor(app, '203.0.113.21');
    const hold = await holdAs(victim, owner);
    const body = details({ hold_id: hold.id });
    const booked = await victim.post('/v1/public/bookings', body, key);
    const elsewhere = await aVisitor(app).post('/v1/public/bookings', body, key);
    expect(elsewhere.error).toMatchObject({ code: 422, issues: [{ path: 'hold_id' }] });
    for (const other of [
      { name: 'Mallory' },
      { hold_id: (await holdAs(victim, owner)).id },
      { notes: 'x' },
    ]) {
      const answer = await victim.post('/v1/public/bookings', { ...body, ...other }, key);
      expect(answer.headers.has('idempotency-replayed')).toBe(false);
      expect(answer.text).not.toContain(booked.data.manage_url);
      expect(answer.error?.reason).not.toBe('idempotency.key_reused');
    }
  });

  test('one hold of ten that are asked for at once with it', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const body = { technician_id, starts_at: soon() };
    const visitor = aVisitor(app, '203.0.113.22');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => visitor.post('/v1/public/holds', body, { 'idempotency-key': 'hold' })),
    );
    const ids = new Set(answers.filter(({ ok }) => ok).map(({ data }) => data.id));
    expect(ids.size).toBe(1);
    for (const { ok, error } of answers) if (!ok) expect(error.reason).toBe('idempotency.in_progress');
  });

  test('on links: the same address, way and body', async () => {
    const visitor = aVisitor(app);
    const { manage_url } = await bookedAs(visitor, owner);
    const move = { starts_at: soon() };
    const first = await visitor.post(`${manage_url}/reschedule`, move, key);
    const again = await visitor.post(`${manage_url}/reschedule`, move, key);
    expect([again.headers.get('idempotency-replayed'), again.text]).toEqual(['true', first.text]);
    const canceled = await visitor.post(`${manage_url}/cancel`, undefined, key);
    expect([canceled.headers.has('idempotency-replayed'), canceled.data.status]).toEqual([false, 'canceled']);
  });
});
