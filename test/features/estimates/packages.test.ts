import { expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, anApprovedEstimate, aSentEstimate, aService, words } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');

const oil = await aService(owner, { name: 'Oil', duration_minutes: 45, price_cents: 3_000 });
const filter = await aService(owner, {
  name: 'Filter',
  kind: 'part',
  duration_minutes: 10,
  price_cents: 1_000,
});
const kit = await aService(owner, {
  ...{ name: 'Kit', kind: 'package', duration_minutes: 50, price_cents: 4_001 },
  items: [
    { service_id: oil.id, quantity: 1 },
    { service_id: filter.id, quantity: 3 },
  ],
});
const kits = (quantity: number) => ({
  ...{ kind: 'package', name: 'Kit', quantity, unit_price_cents: 4_001, service_id: kit.id },
});
let hours = 0;
const starts_at = () => {
  hours += 24;
  return new Date(Date.parse('2101-03-01T10:00:00Z') + hours * 3_600_000).toISOString();
};
const book = async ({ id }: Data): Promise<Data> =>
  (await advisor.post(`/v1/estimates/${id}/appointment`, { starts_at: starts_at() })).data;
const minutesOf = (job: Data): number => (Date.parse(job.ends_at) - Date.parse(job.starts_at)) / 60_000;
const told = (job: Data) => ({
  ...{ minutes: minutesOf(job), total_cents: job.total_cents },
  services: job.services.map(({ service_id, quantity, price_cents }: Data) => ({
    ...{ service_id, quantity, price_cents },
  })),
});

test('an approved package makes the job that a booking of it makes: the same time, the same money', async () => {
  for (const quantity of [1, 2, 3]) {
    const services = [{ service_id: kit.id, quantity, price_cents: 4_001 }];
    const direct = await aBooking(advisor, { services, starts_at: starts_at() });
    const booked = await book(await anApprovedEstimate(advisor, { lines: [kits(quantity)] }));
    expect(told(booked)).toEqual(told(direct));
    expect(told(booked)).toMatchObject({ minutes: 50 * quantity, total_cents: 4_001 * quantity });
  }
});

test('what is approved of a package has the time of all its pieces, and their price', async () => {
  const estimate = await aSentEstimate(advisor, { lines: [kits(2)] });
  const [, filters] = estimate.lines;
  await advisor.post(`/v1/estimates/${estimate.id}/authorizations`, words({ ...estimate, lines: [filters] }));
  const job = await book(estimate);
  expect([filters.name, filters.total_cents, told(job).minutes, job.total_cents]).toEqual([
    ...['6 × Filter', filters.unit_price_cents, 60, filters.unit_price_cents],
  ]);
});

test('a package stays one through another discount, and through lines that are added', async () => {
  const { id, lines } = await aSentEstimate(advisor, { lines: [kits(2)] });
  const kept = lines.map((line: Data) => ({
    ...{ id: line.id, kind: line.kind, name: line.name, service_id: line.service_id },
    ...{ quantity: line.quantity, unit_price_cents: line.unit_price_cents },
  }));
  const more = { kind: 'labour', name: 'Oil', quantity: 1, unit_price_cents: 3_000, service_id: oil.id };
  await advisor.patch(`/v1/estimates/${id}`, { lines: [more, ...kept] });
  const { data } = await advisor.patch(`/v1/estimates/${id}`, { discount_cents: 100 });
  await advisor.post(`/v1/estimates/${id}/authorizations`, words(data));
  expect(told(await book(data))).toMatchObject({ minutes: 45 + 2 * 50, total_cents: 3_000 + 2 * 4_001 });
});
