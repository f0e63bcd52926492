import { describe, expect, test } from 'bun:test';
import { ROLES } from '../../src/access.ts';
import { newId } from '../../src/values/id.ts';
import { type Client, type Data, testApp } from '../helpers/app.ts';
import { aTechnician } from '../helpers/factories.ts';
import type { World } from './example.ts';
import { accessOf, EXAMPLES, exampleOf, methodOf } from './examples.ts';

const app = await testApp();
const owner = await app.as('owner');
const world: World = { app, owner };
const technician = await app.as('technician');
const { id: technicianId } = await aTechnician(owner, { staff_id: technician.staffId });
const people: Record<string, Client> = {
  ...{ owner, technician },
  ...{ advisor: await app.as('advisor'), accountant: await app.as('accountant') },
};

/** What the owner's example names and a technician may not: they send these fields instead. */
const BODIES_OF_TECHNICIANS: Readonly<Record<string, Data>> = {
  'PATCH /v1/appointments/:id': { notes: 'Gate code 1207' },
  'PATCH /v1/appointments/:id/services/:lineId': { quantity: 2 },
};
/** Things that are nobody's own: whoever may use the route sees all of them. */
const COMMON = [
  'services',
  'technicians',
  'closures',
  'service-areas',
  'message-templates',
  'outbox',
  'webhooks',
  'docs',
  'staff',
];
/** But for these: a technician is told about their own day alone. */
const OF_THEMSELVES = [
  'GET /v1/technicians/:id/day',
  'POST /v1/technicians/:id/calendar',
  'DELETE /v1/technicians/:id/calendar',
];

const onOneThing = Object.keys(EXAMPLES).filter((route) => route.includes('/:id'));
const nounOf = (path: string): string => path.split('/')[2] ?? '';

/** Gives the thing to a job of the technician, or makes it them, which makes it theirs. */
const makeOwn = async (path: string, staffId: string): Promise<void> => {
  const [, , noun, id = ''] = path.split('/');
  const cardId = path.split('/')[4] ?? '';
  if (noun === 'appointments' || noun === 'board') {
    await app.sql`update appointments set technician_id = ${technicianId}
      where id = ${noun === 'board' ? cardId : id}`;
    return;
  }
  if (noun === 'technicians') {
    await app.sql`update technicians set staff_id = ${staffId} where id = ${id}`;
    return;
  }
  const [thing] =
    noun === 'customers'
      ? [{ customer_id: id, vehicle_id: null }]
      : await app.sql<{ customer_id: string; vehicle_id: string | null }>`
          select customer_id, id as vehicle_id from vehicles where id = ${id}`;
  await app.sql`
    insert into appointments (id, customer_id, vehicle_id, technician_id, starts_at, ends_at, status, completed_at)
    values (${newId()}, ${thing?.customer_id ?? ''}, ${thing?.vehicle_id ?? null}, ${technicianId},
      now() - interval '2 days', now() - interval '47 hours', 'completed', now() - interval '47 hours')`;
};

describe('every route on one thing × every role × own and others things', () => {
  for (const route of onOneThing) {
    for (const role of ROLES.filter((one) => accessOf(route).includes(one))) {
      const isNarrow =
        role === 'technician' && (!COMMON.includes(nounOf(route)) || OF_THEMSELVES.includes(route));
      test(`${role} ${route}${isNarrow ? ': 404 for what is of no job of theirs, until it is' : ''}`, async () => {
        const { path, body, headers } = await exampleOf(world, route);
        const own = role === 'technician' ? (BODIES_OF_TECHNICIANS[route] ?? priceless(body)) : body;
        // A login belongs to one technician: to become another one it must be a new one.
        const who = OF_THEMSELVES.includes(route) ? await app.as(role) : (people[role] ?? owner);
        const send = () =>
          who.send(methodOf(route), path, {
            ...(own === undefined ? {} : { body: own }),
            ...(headers === undefined ? {} : { headers }),
          });
        if (isNarrow) {
          const hidden = await send();
          expect(hidden.error).toMatchObject({ code: 404 });
          expect(hidden.error.reason).toEndWith('.not_found');
          await makeOwn(path, who.staffId);
        }
        const seen = await send();
        expect([200, 201, 202]).toContain(seen.status);
      });
    }
  }
});

const priceless = (body: Data): Data => {
  const { price_cents: _price, ...rest } = body ?? {};
  return body === undefined ? undefined : rest;
};

describe('the lists of a technician', () => {
  const LISTS = ['customers', 'vehicles', 'appointments'];
  for (const noun of LISTS) {
    test(`${noun}: those of their own jobs, and no others`, async () => {
      const other = await app.as('technician');
      expect((await other.get(`/v1/${noun}`)).data.items).toEqual([]);
      const all = (await owner.get(`/v1/${noun}?limit=100`)).data.items.length;
      const own = (await technician.get(`/v1/${noun}?limit=100`)).data.items.length;
      expect(own).toBeGreaterThan(0);
      expect(own).toBeLessThan(all);
    });
  }
});
