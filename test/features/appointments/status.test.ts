import { describe, expect, test } from 'bun:test';
import { MOVES, STATUSES, type Status } from '../../../src/features/appointments/rules.ts';
import { testApp } from '../../helpers/app.ts';
import { aBooking, aTechnician } from '../../helpers/factories.ts';

const app = await testApp();
const owner = await app.as('owner');
const advisor = await app.as('advisor');

const TIME_OF: Record<Status, string | undefined> = {
  scheduled: undefined,
  en_route: 'en_route_at',
  in_progress: 'started_at',
  ready: 'ready_at',
  completed: 'completed_at',
  no_show: 'no_show_at',
  canceled: 'canceled_at',
};

const standing = async (status: Status): Promise<string> => {
  const { id } = await aBooking(advisor);
  await app.sql`update appointments set status = ${status} where id = ${id}`;
  return id;
};

describe('PUT /v1/appointments/{id}/status', () => {
  for (const from of STATUSES) {
    for (const to of STATUSES) {
      const outcome = from === to ? 'changes nothing' : MOVES[from].includes(to) ? 'moves' : 'is refused';
      test(`${from} → ${to} ${outcome}`, async () => {
        const id = await standing(from);
        const answer = await advisor.put(`/v1/appointments/${id}/status`, { status: to });
        if (outcome === 'is refused') {
          expect(answer.status).toBe(409);
          expect(answer.error).toMatchObject({
            reason: 'appointment.move_refused',
            details: { from, to, allowed: MOVES[from] },
          });
          return;
        }
        expect(answer.data).toMatchObject({ status: to, version: from === to ? 1 : 2 });
        const time = TIME_OF[to];
        if (time !== undefined && from !== to) expect(answer.data[time]).toEndWith('Z');
      });
    }
  }

  test('a time is set once: by the first move into its state', async () => {
    const { id } = await aBooking(advisor);
    const move = (status: Status) => advisor.put(`/v1/appointments/${id}/status`, { status });
    const first = await move('en_route');
    await move('scheduled');
    const second = await move('en_route');
    expect(second.data.en_route_at).toBe(first.data.en_route_at);
  });

  test('409: a job that is called back passes the guard again', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const job = await aBooking(advisor, { technician_id, starts_at: '2035-01-01T10:00:00Z' });
    await advisor.put(`/v1/appointments/${job.id}/status`, { status: 'canceled' });
    const taker = await aBooking(advisor, { technician_id, starts_at: '2035-01-01T10:00:00Z' });
    const refused = await advisor.put(`/v1/appointments/${job.id}/status`, { status: 'scheduled' });
    expect(refused.error).toMatchObject({
      reason: 'appointment.slot_taken',
      details: { conflicts_with: taker.id },
    });
  });

  test('fifty called back into one slot at once: one comes back', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const ids: string[] = [];
    for (let at = 0; at < 50; at += 1) {
      const { id } = await aBooking(advisor, { technician_id, starts_at: '2035-02-01T10:00:00Z' });
      await advisor.put(`/v1/appointments/${id}/status`, { status: 'canceled' });
      ids.push(id);
    }
    const answers = await Promise.all(
      ids.map((id) => advisor.put(`/v1/appointments/${id}/status`, { status: 'scheduled' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(49).fill(409)]);
  });

  test('422 for a state that does not exist, 412 for an old version', async () => {
    const { id } = await aBooking(advisor);
    expect((await advisor.put(`/v1/appointments/${id}/status`, { status: 'lost' })).status).toBe(422);
    const stale = await advisor.put(
      `/v1/appointments/${id}/status`,
      { status: 'en_route' },
      { headers: { 'if-match': '"7"' } },
    );
    expect(stale.status).toBe(412);
  });
});
