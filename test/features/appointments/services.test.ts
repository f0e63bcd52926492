import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Answer, type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aService, aTechnician } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');
const technician = await shop.as('technician');
const { id: technician_id } = await aTechnician(owner, { staff_id: technician.staffId });
const cheap = await aService(owner, { name: 'Cheap', price_cents: 1_000, duration_minutes: 15 });
const dear = await aService(owner, { name: 'Dear', price_cents: 20_000, kind: 'part' });

let days = 0;
/** A job of the technician's own, each on another day. */
const aJob = (overrides: Data = {}): Promise<Data> => {
  days += 1;
  return aBooking(advisor, {
    technician_id,
    starts_at: new Date(Date.UTC(2031, 0, days)).toISOString(),
    ...overrides,
  });
};
const at = (job: Data, line?: Data): string =>
  `/v1/appointments/${job.id}/services${line === undefined ? '' : `/${line.id}`}`;
const refusal = ({ status, error }: Answer) => [status, error?.reason, error?.issues?.[0].path];

describe('POST /v1/appointments/:id/services', () => {
  test('201: the job with one more line at the end, a snapshot of the catalog', async () => {
    const job = await aJob({ services: [{ service_id: dear.id, price_cents: 1 }] });
    const { status, data, headers } = await advisor.post(at(job), { service_id: cheap.id });
    expect([status, headers.get('location'), headers.get('etag')]).toEqual([
      201,
      `/v1/appointments/${job.id}`,
      '"2"',
    ]);
    expect(data).toEqual({
      ...job,
      services: [
        job.services[0],
        {
          ...{ id: expect.any(String), service_id: cheap.id, name: 'Cheap', kind: 'labour', quantity: 1 },
          ...{ duration_minutes: 15, price_cents: 1_000 },
        },
      ],
      ...{ total_cents: 1_001, updated_at: expect.any(String), version: 2 },
    });
    const more = await advisor.post(at(job), { service_id: dear.id, quantity: 3, price_cents: 500 });
    expect(more.data.services.map(({ name }: Data) => name)).toEqual(['Dear', 'Cheap', 'Dear']);
    expect(more.data.total_cents).toBe(2_501);
  });

  test('201: without a price the one that was agreed on for this service on this job', async () => {
    const job = await aJob({ services: [{ service_id: dear.id, price_cents: 17_000 }] });
    const { data } = await technician.post(at(job), { service_id: dear.id });
    expect(data.services.map(({ price_cents }: Data) => price_cents)).toEqual([17_000, 17_000]);
  });

  test('422 names the field, not a place in a list', async () => {
    const job = await aJob();
    const retired = await aService(owner, { is_active: false });
    const deleted = await aService(owner);
    await owner.delete(`/v1/services/${deleted.id}`);
    const cases: [object, string][] = [
      ...[newId(), retired.id, deleted.id, 'x', null].map((service_id): [object, string] => [
        { service_id },
        'service_id',
      ]),
      [{}, 'service_id'],
      [{ service_id: cheap.id, quantity: 0 }, 'quantity'],
      [{ service_id: cheap.id, quantity: 1_001 }, 'quantity'],
      [{ service_id: cheap.id, price_cents: -1 }, 'price_cents'],
      [{ service_id: cheap.id, price_cents: 0.5 }, 'price_cents'],
      [{ service_id: cheap.id, name: 'Other' }, 'name'],
    ];
    for (const [body, path] of cases) {
      expect(refusal(await advisor.post(at(job), body))).toEqual([422, 'request.body_invalid', path]);
    }
    expect((await advisor.get(`/v1/appointments/${job.id}`)).data).toEqual(job);
  });

  test('422 for the fifty-first line, as in a booking', async () => {
    const services = Array(49).fill({ service_id: cheap.id });
    const job = await aJob({ services });
    expect((await advisor.post(at(job), { service_id: cheap.id })).status).toBe(201);
    expect(refusal(await advisor.post(at(job), { service_id: cheap.id }))).toEqual([
      422,
      'request.body_invalid',
      'service_id',
    ]);
  });

  test('twenty at once on one job all stand, each at its own place', async () => {
    const job = await aJob();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => advisor.post(at(job), { service_id: cheap.id })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    const { data } = await advisor.get(`/v1/appointments/${job.id}`);
    expect([data.services.length, data.total_cents, data.version]).toEqual([20, 20_000, 21]);
  });
});

describe('PATCH and DELETE /v1/appointments/:id/services/:lineId', () => {
  test('200: one line changes or goes, the others keep their order and prices', async () => {
    const job = await aJob({
      services: [{ service_id: cheap.id }, { service_id: dear.id }, { service_id: cheap.id, quantity: 2 }],
    });
    const [first, second, third] = job.services;
    const changed = await advisor.patch(at(job, second), { quantity: 4, price_cents: 100 });
    expect(changed.data.services).toEqual([first, { ...second, quantity: 4, price_cents: 100 }, third]);
    expect([changed.status, changed.data.total_cents, changed.data.version]).toEqual([200, 3_400, 2]);
    const priced = await advisor.patch(at(job, second), { price_cents: 0 });
    expect(priced.data.services[1]).toEqual({ ...second, quantity: 4, price_cents: 0 });
    const removed = await advisor.delete(at(job, first));
    expect([removed.status, removed.data.total_cents, removed.data.version]).toEqual([200, 2_000, 4]);
    expect(removed.data.services).toEqual([{ ...second, quantity: 4, price_cents: 0 }, third]);
  });

  test('404 for a line that is unknown, gone, or of another job', async () => {
    const services = [{ service_id: cheap.id }];
    const [job, other] = [await aJob({ services }), await aJob({ services })];
    for (const line of [{ id: newId() }, { id: 'x' }, other.services[0]]) {
      expect(refusal(await advisor.patch(at(job, line), { quantity: 2 }))).toEqual([
        404,
        'service.not_found',
        undefined,
      ]);
      expect(refusal(await advisor.delete(at(job, line)))).toEqual([404, 'service.not_found', undefined]);
    }
    expect((await advisor.get(`/v1/appointments/${other.id}`)).data).toEqual(other);
  });

  test('412 for an old version of the job, 404 for a job that is unknown', async () => {
    const job = await aJob({ services: [{ service_id: cheap.id }] });
    const [line] = job.services;
    const old = { headers: { 'if-match': '"7"' } };
    const answers = [
      await advisor.post(at(job), { service_id: cheap.id }, old),
      await advisor.patch(at(job, line), { quantity: 2 }, old),
      await advisor.delete(at(job, line), old),
    ];
    for (const answer of answers) expect(refusal(answer)).toEqual([412, 'appointment.stale', undefined]);
    const nobody = { id: newId() };
    expect((await advisor.post(at(nobody), { service_id: cheap.id })).error.reason).toBe(
      'appointment.not_found',
    );
    expect((await advisor.delete(at(nobody, line))).error.reason).toBe('appointment.not_found');
  });
});

describe('a job that is over', () => {
  test.each(['completed', 'no_show', 'canceled'])(
    '%s: 409 appointment.closed for its services, 200 for its notes',
    async (status) => {
      const job = await aJob({ services: [{ service_id: cheap.id }] });
      await shop.sql`update appointments set status = ${status} where id = ${job.id}`;
      const [line] = job.services;
      for (const client of [advisor, technician]) {
        const path = `/v1/appointments/${job.id}`;
        const answers = [
          await client.post(at(job), { service_id: cheap.id }),
          await client.patch(at(job, line), { quantity: 2 }),
          await client.delete(at(job, line)),
          await client.patch(path, { services: [] }),
          await client.patch(path, { services: [], notes: 'x' }),
        ];
        for (const { status: code, error } of answers) {
          expect([code, error.reason, error.details]).toEqual([409, 'appointment.closed', { status }]);
        }
        expect((await client.patch(path, { notes: 'came back for a glove' })).status).toBe(200);
      }
      const { data } = await advisor.get(`/v1/appointments/${job.id}`);
      expect([data.services, data.status]).toEqual([job.services, status]);
    },
  );
});

describe('a technician', () => {
  test('adds, changes and removes services of own jobs, and sees their prices', async () => {
    const job = await aJob();
    const added = await technician.post(at(job), { service_id: dear.id, quantity: 2 });
    expect([added.status, added.data.total_cents]).toEqual([201, 40_000]);
    const [line] = added.data.services;
    const changed = await technician.patch(at(job, line), { quantity: 3 });
    expect([changed.status, changed.data.total_cents]).toEqual([200, 60_000]);
    expect((await technician.delete(at(job, line))).data.services).toEqual([]);
    const replaced = await technician.patch(`/v1/appointments/${job.id}`, {
      notes: 'n',
      services: [{ service_id: cheap.id }],
    });
    expect([replaced.status, replaced.data.notes, replaced.data.total_cents]).toEqual([200, 'n', 1_000]);
  });

  test('403 for a price and for every other field, before anything is looked up', async () => {
    const job = await aJob({ services: [{ service_id: cheap.id }] });
    const path = `/v1/appointments/${job.id}`;
    const [line] = job.services;
    const denied: [string, Promise<Answer>][] = [
      ['price_cents', technician.post(at(job), { service_id: cheap.id, price_cents: 1_000 })],
      ['price_cents', technician.patch(at(job, line), { price_cents: 1_000 })],
      ['price_cents', technician.patch(at(job, line), { quantity: 2, price_cents: 0 })],
      [
        'price_cents',
        technician.patch(path, {
          services: [{ service_id: cheap.id }, { service_id: dear.id, price_cents: 1 }],
        }),
      ],
      ...Object.entries({
        ...{
          starts_at: job.starts_at,
          ends_at: job.ends_at,
          technician_id,
          vehicle_id: null,
          location: null,
        },
        force: { reason: 'asked' },
      }).map(([field, value]): [string, Promise<Answer>] => [
        field,
        technician.patch(path, { notes: 'n', [field]: value }),
      ]),
      ['starts_at', technician.patch(`/v1/appointments/${newId()}`, { starts_at: job.starts_at })],
    ];
    for (const [field, answer] of denied) {
      const { status, error } = await answer;
      expect([status, error.reason]).toEqual([403, 'access.role_not_allowed']);
      expect(error.message).toContain(field);
    }
    expect((await advisor.get(path)).data).toEqual(job);
  });

  test('404 for the services and notes of other people’s jobs, and of none', async () => {
    const services = [{ service_id: cheap.id }];
    const others = [
      await aJob({ technician_id: (await aTechnician(owner)).id, services }),
      await aJob({ technician_id: null, services }),
    ];
    for (const job of others) {
      const [line] = job.services;
      const answers = [
        await technician.post(at(job), { service_id: cheap.id }),
        await technician.patch(at(job, line), { quantity: 2 }),
        await technician.delete(at(job, line)),
        await technician.patch(`/v1/appointments/${job.id}`, { notes: 'mine' }),
      ];
      for (const { error } of answers) expect(error.reason).toBe('appointment.not_found');
      expect((await advisor.get(`/v1/appointments/${job.id}`)).data).toEqual(job);
    }
  });
});

describe('the notes of a job', () => {
  test('are trimmed, keep their lines, and null clears them', async () => {
    const job = await aJob({ notes: ' first\r\nsecond\t\r third ' });
    expect(job.notes).toBe('first\nsecond\t\n third');
    const path = `/v1/appointments/${job.id}`;
    const kept = await technician.patch(path, { notes: 'é😀'.repeat(1_000) });
    expect([kept.data.notes, kept.data.version]).toEqual(['é😀'.repeat(1_000), 2]);
    expect((await technician.patch(path, { notes: null })).data).toEqual({
      ...job,
      notes: null,
      updated_at: expect.any(String),
      version: 3,
    });
  });

  test.each(['', ' \n ', 'a\u0000b', '\u001b[2J', '\ud800', 'x'.repeat(5_001), 1, [['x']], {}])(
    '422 for %j',
    async (notes) => {
      const job = await aJob();
      expect(refusal(await advisor.patch(`/v1/appointments/${job.id}`, { notes }))).toEqual([
        422,
        'request.body_invalid',
        'notes',
      ]);
    },
  );
});
