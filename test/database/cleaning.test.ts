import { describe, expect, test } from 'bun:test';
import { clean } from '../../src/database/cleaning.ts';
import { testApp } from '../helpers/app.ts';
import { aBooking, aLink, aSentEstimate } from '../helpers/factories.ts';

const app = await testApp();
const { sql, as } = app;

const addKeys = (count: number, ageHours: number) => sql`
  insert into idempotency_keys (scope, fingerprint, status, headers, body, created_at)
  select uuid_send(gen_random_uuid()), '\\x00', 200, '{}', '{}', now() - make_interval(hours => ${ageHours}::integer)
  from generate_series(1, ${count}::integer)`;

describe('cleaning', () => {
  test('deletes keys after a day, over several batches, and keeps the younger ones', async () => {
    await addKeys(2_300, 25);
    await addKeys(7, 23);
    expect(await clean(sql)).toBe(2_300);
    expect(await sql`select 1 from idempotency_keys`).toHaveLength(7);
    expect(await clean(sql)).toBe(0);
  });

  test('deletes sessions thirty days after their end, and keeps the living', async () => {
    const { staffId } = await as('owner');
    await sql`
      insert into sessions (id, staff_id, expires_at, ended_at) values
        (new_id(), ${staffId}, now() + interval '1 day', now() - interval '31 days'),
        (new_id(), ${staffId}, now() - interval '31 days', null),
        (new_id(), ${staffId}, now() - interval '29 days', null)`;
    expect(await clean(sql)).toBe(2);
    expect(await sql`select 1 from sessions where staff_id = ${staffId}`).toHaveLength(2);
  });

  test('deletes tokens for a new password a day after their end, mails ninety days after they were sent', async () => {
    await sql`
      insert into password_resets (token_hash, expires_at) values
        ('\\x01', now() - interval '25 hours'), ('\\x02', now() - interval '23 hours')`;
    await sql`
      insert into outbox (id, kind, recipient, subject, body, status, created_at)
      select new_id(), 'password_reset', 'a@b.test', 's', 'b', status, now() - make_interval(days => days)
      from unnest(array[91, 89, 91], array['sent', 'sent', 'queued']) as x (days, status)`;
    expect(await clean(sql)).toBe(2);
    expect(await sql`select 1 from password_resets`).toHaveLength(1);
    expect(await sql`select 1 from outbox`).toHaveLength(2);
  });

  test('deletes measured drives after thirty days', async () => {
    await sql`
      insert into travel_times (from_lat, from_lng, to_lat, to_lng, minutes, fetched_at)
      select days, 0, 0, 0, 7, now() - make_interval(days => days) from unnest(array[31, 29]) as days`;
    expect(await clean(sql)).toBe(1);
    expect(await sql`select 1 from travel_times`).toHaveLength(1);
  });

  test('deletes links to estimates a day after they have ended', async () => {
    const owner = await as('owner');
    const linked = async (made: string, until: string | null) => {
      const { id } = await aSentEstimate(owner);
      await sql`update estimates set valid_until = now() + ${until}::interval where id = ${id}`;
      await sql`update estimate_links set created_at = now() - ${made}::interval where estimate_id = ${id}`;
    };
    await linked('32 days', null);
    await linked('30 days', null);
    await linked('90 days', '1 day');
    await linked('2 days', '-25 hours');
    expect(await clean(sql)).toBe(2);
    expect(await sql`select 1 from estimate_links`).toHaveLength(2);
  });

  test('deletes links a month after the end of their job', async () => {
    const owner = await as('owner');
    for (const days of [29, 32]) {
      const { id } = await aBooking(owner);
      await aLink(app, id);
      await sql`
        update appointments set starts_at = now() - make_interval(days => ${days}::integer, hours => 1),
          ends_at = now() - make_interval(days => ${days}::integer)
        where id = ${id}`;
    }
    expect(await clean(sql)).toBe(1);
    expect(await sql`select 1 from appointment_links`).toHaveLength(1);
  });

  test('two at once delete each row once', async () => {
    await addKeys(1_500, 30);
    const counts = await Promise.all([clean(sql), clean(sql)]);
    await clean(sql);
    expect(counts.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(1_500);
    expect(await sql`select 1 from idempotency_keys where created_at < now() - interval '24 hours'`).toEqual(
      [],
    );
  });
});
