import { describe, expect, test } from 'bun:test';
import { type Answer, type Data, PATIENT, testApp } from '../../helpers/app.ts';
import { aVehicle } from '../../helpers/factories.ts';
import { SEED } from '../../helpers/seeded.ts';
import { aDay, type Chance, chance, quarterOf, somewhere, ZONE } from './days.ts';
import { wrongPairs } from './model.ts';

const EDITS = 120;

describe('after any sequence of edits no two jobs overlap, and every drive fits', () => {
  for (const run of ['first', 'second', 'third']) {
    test(`the ${run} run, four at a time (seed ${SEED})`, async () => {
      const app = await testApp({ env: { ...PATIENT, SHOP_TIMEZONE: ZONE } });
      const owner = await app.as('owner');
      const luck = chance(`edits, ${run}`);
      await owner.patch('/v1/settings', {
        buffer_before_minutes: 5,
        buffer_after_minutes: luck.pick([0, 10]),
      });
      const { technicians, customer } = await aDay(app, owner, luck);
      const vehicles = [
        await aVehicle(owner, { customer_id: customer.id }),
        await aVehicle(owner, { customer_id: customer.id }),
      ];
      const jobs: string[] = [];
      const holds: string[] = [];
      const seen = new Map<string, number>();

      const placement = (by: Chance): Data => ({
        technician_id: by.pick(technicians).id,
        starts_at: quarterOf(24 + by.below(48)),
        location: by.isTrue(80) ? somewhere(by) : null,
      });
      const edits: Readonly<Record<string, () => Promise<Answer> | undefined>> = {
        book: () =>
          owner.post('/v1/appointments', {
            ...{ ...placement(luck), customer_id: customer.id },
            ...(luck.isTrue(40) ? { vehicle_id: luck.pick(vehicles).id } : {}),
          }),
        hold: () => owner.post('/v1/holds', { ...placement(luck), minutes: 30 }),
        confirm: () => {
          const id = holds.splice(luck.below(holds.length), 1)[0];
          return id === undefined
            ? undefined
            : owner.post(`/v1/holds/${id}/confirm`, { customer_id: customer.id });
        },
        reschedule: () => onJob((path) => owner.patch(path, { starts_at: quarterOf(24 + luck.below(48)) })),
        assign: () => onJob((path) => owner.patch(path, { technician_id: luck.pick(technicians).id })),
        relocate: () => onJob((path) => owner.patch(path, { location: somewhere(luck) })),
        drive: () => onJob((path) => owner.patch(path, { vehicle_id: luck.pick(vehicles).id })),
        longer: () => onJob((path) => owner.patch(path, { ends_at: quarterOf(40 + luck.below(40)) })),
        cancel: () => onJob((path) => owner.put(`${path}/status`, { status: 'canceled' })),
        'un-cancel': () => onJob((path) => owner.put(`${path}/status`, { status: 'scheduled' })),
        delete: () => onJob((path) => owner.delete(path)),
        restore: () => onJob((path) => owner.post(`${path}/restore`)),
      };
      const onJob = (edit: (path: string) => Promise<Answer>): Promise<Answer> | undefined =>
        jobs.length === 0 ? undefined : edit(`/v1/appointments/${luck.pick(jobs)}`);

      const apply = async (name: string): Promise<void> => {
        const answer = await edits[name]?.();
        if (answer === undefined) return;
        expect([200, 201, 404, 409, 422]).toContain(answer.status);
        if (answer.status === 201) (name === 'hold' ? holds : jobs).push(answer.data.id);
        if (answer.ok) seen.set(name, (seen.get(name) ?? 0) + 1);
      };
      for (let round = 0; round < EDITS / 4; round += 1) {
        const names = ['book', 'hold', ...Object.keys(edits)];
        await Promise.all(Array.from({ length: 4 }, () => apply(luck.pick(names))));
        expect([SEED, round, await wrongPairs(app)]).toEqual([SEED, round, []]);
      }
      expect(seen.size).toBeGreaterThan(6);
    });
  }
});
