import type { Client, Data, TestApp } from '../helpers/app.ts';
import {
  aBooking,
  aCustomer,
  aDeposit,
  aLink,
  anApprovedEstimate,
  anArea,
  anEstimate,
  anInvoice,
  anIssuedInvoice,
  aSentEstimate,
  aService,
  aTechnician,
  aTemplate,
  aVehicle,
  aWebhook,
} from '../helpers/factories.ts';
import type { WHO } from './requests.ts';
import type { Ids } from './values.ts';

export type World = { clients: Record<(typeof WHO)[number], Client>; ids: Ids };

const STATUSES = ['scheduled', 'en_route', 'in_progress', 'ready', 'completed', 'no_show', 'canceled'];

/** People of every role, and a few things of every kind, one of each kind deleted. */
export const makeWorld = async (app: TestApp): Promise<World> => {
  const [owner, advisor, technician, accountant] = await Promise.all([
    app.as('owner'),
    app.as('advisor'),
    app.as('technician'),
    app.as('accountant'),
  ]);
  const clients = { owner, advisor, technician, accountant, stranger: app.stranger };
  // Not the people who ask: one that is disabled could ask nothing more.
  const staff = await several(3, () => app.as('advisor'));
  const customers = await several(4, () => aCustomer(owner));
  const vehicles = await several(4, (at) => aVehicle(owner, { customer_id: customers[at % 2]?.id }));
  const services = await several(4, () => aService(owner));
  const technicians = await several(3, (at) =>
    aTechnician(owner, at === 0 ? { staff_id: technician.staffId } : {}),
  );
  const jobs = await several(STATUSES.length * 2, (at) =>
    aBooking(owner, {
      customer_id: customers[at % 2]?.id,
      technician_id: technicians[at % 2]?.id,
      starts_at: `2101-03-${String(at + 1).padStart(2, '0')}T10:00:00Z`,
      services: [{ service_id: services[at % 2]?.id }],
    }),
  );
  for (const [at, job] of jobs.entries()) {
    await app.sql`update appointments set status = ${STATUSES[at % STATUSES.length] ?? ''} where id = ${job.id}`;
  }
  await owner.delete(`/v1/appointments/${jobs[0].id}`);
  await owner.delete(`/v1/vehicles/${vehicles[3].id}`);
  await owner.delete(`/v1/customers/${customers[3].id}`);
  await owner.delete(`/v1/services/${services[3].id}`);
  const span = (at: number) => ({ starts_at: `2101-03-2${at}`, ends_at: `2101-03-2${at + 1}` });
  const closures = await several(2, async (at) => (await owner.post('/v1/closures', span(at))).data);
  // Of the technician of the same place in the list, so that some requests name a pair that belongs together.
  const ofTechnician = (noun: string) =>
    several(
      3,
      async (at) => (await owner.post(`/v1/technicians/${technicians[at]?.id}/${noun}`, span(at))).data,
    );
  const bills = await several(8, (at) =>
    at % 2 === 0 ? anInvoice(app, owner) : anIssuedInvoice(app, owner),
  );
  const deposits = await several(4, async () => (await aDeposit(owner, (await aBooking(owner)).id)).payment);
  const hooks = await several(3, () => aWebhook(owner));
  const deliveries = await several(
    3,
    async (at) => (await owner.post(`/v1/webhooks/${hooks[at]?.id}/test`)).data,
  );
  const failed = await app.sql<{ id: string }>`
    update outbox set status = 'failed' where kind = 'news' returning id`;
  const estimates = [
    ...(await several(3, () => anEstimate(owner))),
    ...(await several(3, () => aSentEstimate(owner))),
    ...(await several(3, () => anApprovedEstimate(owner))),
  ];
  const ids = {
    webhook: idsOf(hooks),
    delivery: idsOf(deliveries),
    staff: staff.map((one) => one.staffId),
    customer: idsOf(customers),
    vehicle: idsOf(vehicles),
    service: idsOf(services),
    technician: idsOf(technicians),
    closure: idsOf(closures),
    service_area: idsOf(await several(3, () => anArea(owner))),
    timeOff: idsOf(await ofTechnician('time-off')),
    extraHours: idsOf(await ofTechnician('extra-hours')),
    message_template: idsOf(await several(3, () => aTemplate(owner))),
    outbox: idsOf(failed),
    appointment: idsOf(jobs),
    invoice: idsOf(bills),
    payment: idsOf(deposits),
    estimate: idsOf(estimates),
    token: [
      ...(await several(jobs.length, (at) => aLink(app, jobs[at].id))),
      ...estimates.flatMap(({ token }) => token ?? []),
    ],
    line: [
      ...jobs.map((job) => job.services[0].id),
      ...estimates.flatMap((estimate) => idsOf(estimate.lines)),
    ],
  };
  return { clients, ids };
};

const idsOf = (things: readonly Data[]): string[] => things.map(({ id }) => id);

const several = async <T = Data>(count: number, make: (at: number) => Promise<T>): Promise<T[]> => {
  const made: T[] = [];
  while (made.length < count) made.push(await make(made.length));
  return made;
};
