import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Answer, type Client, type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aTechnician, aVehicle } from '../../helpers/factories.ts';
import { SEED, seeded } from '../../helpers/seeded.ts';

// Two applications with a pool each on one database: as two workers, or two boxes.
const one = await testApp();
const other = await testApp({ url: one.url });
const owner = await one.as('owner');
const advisors: [Client, Client] = [await one.as('advisor'), await other.as('advisor')];
const [advisor] = advisors;
const eitherOf = (at: number): Client => advisors[at % 2] ?? advisor;

// On a busy machine a hundred bookings take their time; none of these tests measures it.
setDefaultTimeout(60_000);

const BUSY = 'database.busy';

/** A client that is told to come back does so, until it is told something else. */
const insist = async (send: () => Promise<Answer>): Promise<Answer> => {
  for (;;) {
    const answer = await send();
    if (answer.error?.reason !== BUSY) return answer;
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await Bun.sleep(50);
  }
};

const outcomesOf = (answers: Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, error } of answers) {
    const outcome = `${status} ${error?.reason ?? ''}`.trim();
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
};

const atOnce = (count: number, send: (client: Client, at: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => insist(() => send(eitherOf(at), at))));

const deadlocks = async (): Promise<number> => {
  await one.sql`select pg_stat_clear_snapshot()`;
  const [row] = await one.sql<{ deadlocks: number }>`
    select deadlocks from pg_stat_database where datname = current_database()`;
  return row?.deadlocks ?? -1;
};

/** Pairs of active jobs of one technician in one lane, or of one vehicle, that overlap. */
const overlaps = async (): Promise<Data[]> => one.sql`
  select a.id, b.id from appointments a join appointments b on a.id < b.id
    and (a.vehicle_id = b.vehicle_id or (a.technician_id = b.technician_id and a.lane = b.lane))
    and a.starts_at < b.ends_at and b.starts_at < a.ends_at
  where a.deleted_at is null and b.deleted_at is null
    and a.status not in ('completed', 'no_show', 'canceled') and b.status not in ('completed', 'no_show', 'canceled')`;

describe('one slot, a hundred bookings at once over two workers', () => {
  test.each([1, 2, 3])('round %d: one 201, all others 409 appointment.slot_taken', async (round) => {
    const { id: technician_id } = await aTechnician(owner);
    const { id: customer_id } = await aCustomer(advisor);
    const booking = { customer_id, technician_id, starts_at: `2031-03-0${round}T10:00:00Z` };
    const answers = await atOnce(100, (client) => client.post('/v1/appointments', booking));
    expect(outcomesOf(answers)).toEqual({ '201': 1, '409 appointment.slot_taken': 99 });
    const [made] = answers.filter(({ status }) => status === 201);
    const rows = await one.sql`select id from appointments where technician_id = ${technician_id}`;
    expect(rows).toEqual([{ id: made?.data.id }]);
    for (const { error } of answers.filter(({ status }) => status === 409)) {
      expect(error.details.conflicts_with).toBe(made?.data.id);
    }
    expect(await deadlocks()).toBe(0);
  });

  test('one vehicle, each time with another technician: one 201, all others 409', async () => {
    const { id: vehicle_id, customer_id } = await aVehicle(advisor);
    const technicians = await Promise.all(Array.from({ length: 20 }, () => aTechnician(owner)));
    const answers = await atOnce(100, (client, at) =>
      client.post('/v1/appointments', {
        ...{
          customer_id,
          vehicle_id,
          technician_id: technicians[at % 20].id,
          starts_at: '2031-04-01T10:00:00Z',
        },
      }),
    );
    const outcomes: Record<string, number> = outcomesOf(answers);
    const taken = outcomes['409 appointment.slot_taken'] ?? 0;
    const busy = outcomes['409 appointment.vehicle_busy'] ?? 0;
    expect([outcomes['201'], taken + busy]).toEqual([1, 99]);
    // Of the technician who got it the four others are told first, unless they looked before it was there.
    expect(taken).toBeLessThanOrEqual(4);
    expect(await deadlocks()).toBe(0);
  });
});

describe('sixteen clients book, move, call off and call back overlapping windows at once', () => {
  test('no two active jobs overlap afterwards, nobody got a 5xx, nothing deadlocked', async () => {
    const technicians = (await Promise.all([1, 2, 3].map(() => aTechnician(owner)))).map(({ id }) => id);
    const vehicles: Data[] = [];
    for (let at = 0; at < 4; at += 1) vehicles.push(await aVehicle(advisor));
    const random = seeded('windows');
    const any = <T>(things: readonly T[]): T | undefined => things[random(things.length)];
    const span = () => {
      const start = Date.UTC(2031, 4, 1, 8, 15 * random(48));
      const minutes = 15 * (1 + random(12));
      return {
        starts_at: new Date(start).toISOString(),
        ends_at: new Date(start + minutes * 60_000).toISOString(),
      };
    };
    const answers: Answer[] = [];
    const jobs: Data[] = [];
    const work = async (client: Client): Promise<void> => {
      const act = async (send: () => Promise<Answer>): Promise<Data> => {
        const answer = await insist(send);
        answers.push(answer);
        return answer.data;
      };
      for (let turn = 0; turn < 12; turn += 1) {
        const vehicle = any(vehicles);
        const technician_id = any(technicians);
        const job = await act(() =>
          client.post('/v1/appointments', {
            ...{ customer_id: vehicle.customer_id, vehicle_id: vehicle.id, technician_id, ...span() },
          }),
        );
        if (job !== null) jobs.push(job);
        const chosen = any(jobs);
        if (chosen === undefined) continue;
        const path = `/v1/appointments/${chosen.id}`;
        await act(() => client.patch(path, { ...span(), technician_id: any(technicians) }));
        await act(() => client.put(`${path}/status`, { status: any(['canceled', 'scheduled', 'no_show']) }));
        await act(() => client.put(`${path}/status`, { status: 'scheduled' }));
        if (turn % 3 === 0) {
          await act(() => client.delete(path));
          await act(() => client.post(`${path}/restore`));
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, at) => work(eitherOf(at))));
    expect([SEED, await overlaps()]).toEqual([SEED, []]);
    const outcomes = outcomesOf(answers);
    expect(Object.keys(outcomes).filter((outcome) => outcome.startsWith('5'))).toEqual([]);
    expect(outcomes['409 appointment.slot_taken']).toBeGreaterThan(10);
    expect(outcomes['409 appointment.vehicle_busy']).toBeGreaterThan(10);
    expect(outcomes['201']).toBeGreaterThan(5);
    expect(await deadlocks()).toBe(0);
  });
});

describe('a hundred changes of one version at once over two workers', () => {
  test('one 200, 99 × 412 with the version that stands', async () => {
    const job = await aBooking(advisor);
    const headers = { 'if-match': '"1"' };
    const answers = await atOnce(100, (client, at) =>
      client.patch(`/v1/appointments/${job.id}`, { notes: `note ${at}` }, { headers }),
    );
    expect(outcomesOf(answers)).toEqual({ '200': 1, '412 appointment.stale': 99 });
    const [made] = answers.filter(({ status }) => status === 200);
    expect((await advisor.get(`/v1/appointments/${job.id}`)).data).toEqual(made?.data);
    for (const { error } of answers.filter(({ status }) => status === 412)) {
      expect(error.details).toEqual({ version: 2 });
    }
  });

  test('without a version all pass, one after the other, and none is lost', async () => {
    const job = await aBooking(advisor);
    const answers = await atOnce(40, (client, at) =>
      client.patch(`/v1/appointments/${job.id}`, { notes: `note ${at}` }),
    );
    expect(answers.map(({ data }) => data.version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, at) => at + 2),
    );
  });
});

describe('a place that a canceled job had', () => {
  test('of forty who call theirs back or book it anew at once, one gets it', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const { id: customer_id } = await aCustomer(advisor);
    const booking = { customer_id, technician_id, starts_at: '2031-06-01T10:00:00Z' };
    const canceled: string[] = [];
    for (let at = 0; at < 20; at += 1) {
      const { id } = await aBooking(advisor, booking);
      await advisor.put(`/v1/appointments/${id}/status`, { status: 'canceled' });
      canceled.push(id);
    }
    const answers = await atOnce(40, (client, at) =>
      at % 4 < 2
        ? client.put(`/v1/appointments/${canceled[at >> 1] ?? canceled[0]}/status`, { status: 'scheduled' })
        : client.post('/v1/appointments', booking),
    );
    const won = answers.filter(({ status }) => status < 300);
    // Each job is called back twice: who asks for what was done already is told so.
    expect(new Set(won.map(({ data }) => data.id)).size).toBe(1);
    expect(won.length).toBeLessThanOrEqual(2);
    expect(outcomesOf(answers)['409 appointment.slot_taken']).toBe(40 - won.length);
    const rows = await one.sql`
      select id from appointments where technician_id = ${technician_id} and status = 'scheduled'`;
    expect(rows).toEqual([{ id: won[0]?.data.id }]);
  });

  test('one job called back twenty times at once: every answer is that job, moved once', async () => {
    const { id } = await aBooking(advisor, { technician_id: (await aTechnician(owner)).id });
    await advisor.put(`/v1/appointments/${id}/status`, { status: 'canceled' });
    const answers = await atOnce(20, (client) =>
      client.put(`/v1/appointments/${id}/status`, { status: 'scheduled' }),
    );
    for (const { status, error, data } of answers) {
      if (status === 200) expect([data.status, data.version]).toEqual(['scheduled', 3]);
      else expect(error.reason).toBe('database.contention');
    }
    expect((await advisor.get(`/v1/appointments/${id}`)).data.version).toBe(3);
  });
});

describe('a forced booking', () => {
  test('twenty at once over one job all stand, each in a lane of its own, and all are in the way of the next', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const { id: customer_id } = await aCustomer(advisor);
    const booking = { customer_id, technician_id, starts_at: '2031-07-01T10:00:00Z' };
    await aBooking(advisor, booking);
    const forced = await atOnce(20, (client) =>
      client.post('/v1/appointments', { ...booking, force: { reason: 'a second pair of hands' } }),
    );
    expect(outcomesOf(forced)).toEqual({ '201': 20 });
    const rows = await one.sql<{ lane: number }>`
      select lane from appointments where technician_id = ${technician_id} order by lane`;
    expect(rows.map(({ lane }) => lane)).toEqual(Array.from({ length: 21 }, (_, at) => at));
    await one.sql`update appointments set status = 'canceled' where technician_id = ${technician_id} and lane < 20`;
    const later = await advisor.post('/v1/appointments', booking);
    expect(later.error.reason).toBe('appointment.slot_taken');
    expect(forced.map(({ data }) => data.id)).toContain(later.error.details.conflicts_with);
  });

  test('over a vehicle’s other job is refused: a vehicle has no lanes', async () => {
    const { id: vehicle_id, customer_id } = await aVehicle(advisor);
    const booking = { customer_id, vehicle_id, starts_at: '2031-07-02T10:00:00Z' };
    await aBooking(advisor, booking);
    const { error } = await advisor.post('/v1/appointments', { ...booking, force: { reason: 'asked' } });
    expect(error.reason).toBe('appointment.vehicle_busy');
  });
});

describe('plain SQL', () => {
  const insert = async (columns: Data): Promise<string> => {
    const { technician_id = null, vehicle_id = null, customer_id, lane = 0, status = 'scheduled' } = columns;
    try {
      await one.sql`
        insert into appointments (id, customer_id, vehicle_id, technician_id, lane, force_reason, status, starts_at, ends_at)
        values (${newId()}, ${customer_id}, ${vehicle_id}, ${technician_id}, ${lane}, ${columns.reason ?? null}, ${status},
          ${columns.starts_at}, ${columns.starts_at}::timestamptz + interval '1 hour')`;
      return '';
    } catch (error) {
      return String(Reflect.get(Object(error), 'constraint'));
    }
  };

  test('cannot write an overlap of a technician’s lane or of a vehicle, nor leave lane 0 without a reason', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const { id: vehicle_id, customer_id } = await aVehicle(advisor);
    const starts_at = '2031-08-01T10:30:00Z';
    await aBooking(advisor, { customer_id, vehicle_id, technician_id, starts_at: '2031-08-01T10:00:00Z' });
    const technician = { customer_id, technician_id, starts_at };
    const vehicle = { customer_id, vehicle_id, starts_at };
    for (const status of ['scheduled', 'en_route', 'in_progress', 'ready']) {
      expect(await insert({ ...technician, status })).toBe('appointments_technician_free');
      expect(await insert({ ...vehicle, status })).toBe('appointments_vehicle_free');
    }
    expect(await insert({ ...technician, lane: 1 })).toBe('appointments_lane_permitted');
    expect(await insert({ ...technician, lane: 1, reason: 'asked' })).toBe('');
    expect(await insert({ ...technician, lane: 1, reason: 'asked' })).toBe('appointments_technician_free');
    for (const status of ['completed', 'no_show', 'canceled']) {
      expect(await insert({ ...technician, status })).toBe('');
      expect(await insert({ ...vehicle, status })).toBe('');
    }
    expect(await insert({ ...technician, starts_at: '2031-08-01T11:00:00Z' })).toBe('');
  });
});
