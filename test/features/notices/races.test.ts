import { expect, test } from 'bun:test';
import { sendDue } from '../../../src/features/notices/sender.ts';
import type { Data } from '../../helpers/app.ts';
import { seeded } from '../../helpers/seeded.ts';
import { aJob, aShop, aTexter, move } from './sending.ts';

const shop = await aShop();
const { app, owner, sender, provide, handed } = shop;
const JOBS = 20;
const EDITS = 1_000;
const random = seeded('edits');

type Truth = { is_on: boolean; starts_at: string; phone: string };
const truthOf = async (id: string): Promise<Truth> => {
  const [row] = await app.sql<Truth>`
    select a.status = 'scheduled' and a.deleted_at is null as is_on, iso(a.starts_at) as starts_at, c.phone
    from appointments a join customers c on c.id = a.customer_id where a.id = ${id}`;
  if (row === undefined) throw new Error('a job is gone');
  return row;
};

/** Job and customer as they stand when a claim commits: the last look, by the database itself, at its very end. */
const watchClaims = async (): Promise<void> => {
  await app.sql`create table claims (id uuid, is_on boolean, starts_at text, phone text)`;
  await app.sql`
    create function watch_claim() returns trigger language plpgsql as $$
    begin
      insert into claims
      select new.id, a.status = 'scheduled' and a.deleted_at is null, iso(a.starts_at), c.phone
      from appointments a join customers c on c.id = a.customer_id where a.id = new.appointment_id;
      return null;
    end $$`;
  await app.sql`
    create constraint trigger watch after insert on messages deferrable initially deferred
    for each row execute function watch_claim()`;
};

const shown = (starts_at: string): string => {
  const at = Temporal.Instant.from(starts_at).toZonedDateTimeISO('America/Los_Angeles');
  return `Mar ${at.day} at ${at.hour % 12 || 12}:${String(at.minute).padStart(2, '0')}`;
};

let phones = 0;
const anEdit = (job: Data): Promise<{ status: number }> => {
  const path = `/v1/appointments/${job.id}`;
  switch (random(5)) {
    case 0:
      return move(owner, job.id, random(2) === 0 ? 'canceled' : 'scheduled');
    case 1:
      phones += 1;
      return owner.patch(`/v1/customers/${job.customer_id}`, {
        phone: `+1213556${String(1_000 + phones).padStart(4, '0')}`,
        sms_consent: true,
      });
    case 2:
      return random(2) === 0 ? owner.delete(path) : owner.post(`${path}/restore`);
    default:
      return owner.patch(path, { starts_at: `2031-03-${10 + random(18)}T${16 + random(6)}:30:00Z` });
  }
};

test('a thousand edits against running senders: no text is untrue when its claim commits, and the last one of each job is true', async () => {
  const jobs: Data[] = [];
  for (let count = 0; count < JOBS; count += 1) {
    const { id: customer_id } = await aTexter(owner, { name: `Job${count}x` });
    jobs.push(await aJob(owner, '2031-03-20T18:00:00Z', { customer_id }));
  }
  const text = app.sql.part`' {{customer_name}} {{starts_at}}'`;
  await app.sql`update message_templates set body = kind || ${text} where channel = 'sms'`;
  await watchClaims();

  // Some providers take a moment: edits come in between claim and hand-over, and behind it.
  provide.next = async () => {
    if (random(4) === 0) await Bun.sleep(random(5));
    return null;
  };
  let isOver = false;
  const senders = Array.from({ length: 2 }, async () => {
    while (!isOver) if (!(await sendDue(sender))) await Bun.sleep(2);
  });
  const counts: Record<number, number> = {};
  const editors = jobs.map(async (job) => {
    for (let count = 0; count < EDITS / JOBS; count += 1) {
      const { status } = await anEdit(job);
      counts[status] = (counts[status] ?? 0) + 1;
    }
  });
  await Promise.all(editors);
  isOver = true;
  await Promise.all(senders);
  await shop.send();
  // 404: it was deleted; 409: what is canceled keeps its start.
  expect(Object.keys(counts).sort()).toEqual(['200', '404', '409']);
  expect(counts[200]).toBeGreaterThan(EDITS / 2);
  expect(handed.length).toBeGreaterThan(JOBS * 5);

  const claims = new Map(
    (await app.sql<Truth & { id: string }>`select * from claims`).map((one) => [one.id, one]),
  );
  for (const { id, body, recipient } of handed) {
    const truth = claims.get(id);
    const isTrue = body.startsWith('canceled')
      ? truth?.is_on === false
      : truth?.is_on === true && body.includes(shown(truth.starts_at));
    expect([body, isTrue, recipient]).toEqual([body, true, truth?.phone ?? '']);
  }
  for (const [place, job] of jobs.entries()) {
    const truth = await truthOf(job.id);
    const last = handed.findLast(({ body }) => body.includes(`Job${place}x`))?.body ?? 'canceled';
    if (truth.is_on) expect(last).toContain(shown(truth.starts_at));
    else expect(last).toStartWith('canceled');
  }
});
