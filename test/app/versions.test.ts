import { describe, expect, test } from 'bun:test';
import { type Data, PATIENT, testApp } from '../helpers/app.ts';
import {
  aBooking,
  aCustomer,
  anArea,
  anEstimate,
  anInvoice,
  aService,
  aTechnician,
  aTemplate,
  aVehicle,
  aWebhook,
} from '../helpers/factories.ts';
import { EXAMPLES, exampleOf, isUnkept, sendExample } from './examples.ts';

const app = await testApp({ env: PATIENT });
const otherWorker = await testApp({ env: PATIENT, url: app.url });
const owner = await app.as('owner');
const others = [owner, otherWorker.sameAs(owner)];

/** Every resource that can be changed, and a change of a field that others leave alone. */
const RESOURCES: Readonly<Record<string, { make: () => Promise<Data>; change: (at: number) => Data }>> = {
  customers: { make: () => aCustomer(owner), change: (at) => ({ notes: `n${at}` }) },
  vehicles: { make: () => aVehicle(owner), change: (at) => ({ notes: `n${at}` }) },
  services: { make: () => aService(owner), change: (at) => ({ name: `Oil ${at}` }) },
  technicians: { make: () => aTechnician(owner), change: (at) => ({ name: `Mo ${at}` }) },
  'service-areas': { make: () => anArea(owner), change: (at) => ({ name: `Area ${at}` }) },
  'message-templates': { make: () => aTemplate(owner), change: (at) => ({ name: `Late ${at}` }) },
  appointments: { make: () => aBooking(owner), change: (at) => ({ notes: `n${at}` }) },
  estimates: { make: () => anEstimate(owner), change: (at) => ({ notes: `n${at}` }) },
  invoices: {
    make: () => anInvoice(app, owner),
    change: (at) => ({ lines: [{ kind: 'labour', name: `Work ${at}`, quantity: 1, unit_price_cents: at }] }),
  },
  webhooks: { make: () => aWebhook(owner), change: (at) => ({ url: `https://hooks.example.com/${at}` }) },
  staff: {
    make: async () => {
      const { staffId } = await app.as('advisor');
      return (await owner.get(`/v1/staff/${staffId}`)).data;
    },
    change: (at) => ({ name: `Ida ${at}` }),
  },
};

test('every resource with a PATCH is here', () => {
  const patched = Object.keys(EXAMPLES).flatMap(
    (route) => /^PATCH \/v1\/([\w-]+)\/:id$/.exec(route)?.[1] ?? [],
  );
  expect(Object.keys(RESOURCES).sort()).toEqual(patched.sort());
});

for (const [noun, { make, change }] of Object.entries(RESOURCES)) {
  describe(`/v1/${noun}/{id}`, () => {
    test('twenty changes at once with one ETag: one 200, nineteen 412 that tell the version; none is lost', async () => {
      const path = `/v1/${noun}/${(await make()).id}`;
      const read = await owner.get(path);
      const headers = { 'if-match': read.headers.get('etag') ?? '' };
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) => (others[at % 2] ?? owner).patch(path, change(at), { headers })),
      );
      const [won, ...more] = answers.filter(({ ok }) => ok);
      expect(more).toEqual([]);
      const { version } = read.data;
      for (const { ok, error } of answers) {
        if (!ok) expect(error).toMatchObject({ code: 412, details: { version: version + 1 } });
      }
      const now = await owner.get(path);
      expect(now.data).toEqual(won?.data);
      expect([now.data.version, now.headers.get('etag')]).toEqual([version + 1, `"${version + 1}"`]);
    });

    test('twenty changes at once without one all count, and raise the version one by one', async () => {
      const path = `/v1/${noun}/${(await make()).id}`;
      const { version } = (await owner.get(path)).data;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) => (others[at % 2] ?? owner).patch(path, change(at))),
      );
      const versions = answers.map(({ data }) => data?.version).sort((one, other) => one - other);
      expect(versions).toEqual(Array.from({ length: 20 }, (_, at) => version + 1 + at));
    });

    test('304 without a body for the version that the client holds', async () => {
      const path = `/v1/${noun}/${(await make()).id}`;
      const etag = (await owner.get(path)).headers.get('etag') ?? '';
      const known = await owner.get(path, { headers: { 'if-none-match': etag } });
      expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', etag]);
      const fresh = await owner.patch(path, change(1));
      expect(fresh.headers.get('etag')).not.toBe(etag);
      expect((await owner.get(path, { headers: { 'if-none-match': etag } })).status).toBe(200);
    });
  });
}

describe('what is kept nowhere, for it holds a secret, has its ETag all the same', () => {
  for (const route of ['POST /v1/webhooks', 'POST /v1/webhooks/:id/secret']) {
    test(route, async () => {
      const world = { app, owner };
      const { data, headers } = await sendExample(world, route, await exampleOf(world, route));
      expect([isUnkept(route), headers.get('etag')]).toEqual([true, `"${data.version}"`]);
      const read = await owner.get(`/v1/webhooks/${data.id}`);
      expect(headers.get('etag')).toBe(read.headers.get('etag'));
    });
  }
});
