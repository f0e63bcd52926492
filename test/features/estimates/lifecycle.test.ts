import { expect, test } from 'bun:test';
import { type Answer, type Data, testApp } from '../../helpers/app.ts';
import { aService, aTechnician, aVehicle, withKey } from '../../helpers/factories.ts';
import { bytesOf, dollars, figuresOf, pagesOf } from '../documents/printed.ts';
import { rowsOf } from '../reports/rows.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');
const accountant = await shop.as('accountant');

const done = ({ status, data, text }: Answer): Data => {
  if (status >= 300) throw new Error(`refused: ${text}`);
  return data;
};

test('one job through the API alone: estimate, link, booking, van, work, invoice, money, trial, paper', async () => {
  await owner.patch('/v1/settings', { labour_tax_basis_points: 0, parts_tax_basis_points: 950 });
  const { id: vehicle_id, customer_id } = await aVehicle(owner);
  const { staffId } = await shop.as('technician');
  const { id: technician_id } = await aTechnician(owner, { staff_id: staffId });
  const { id: service_id } = await aService(owner, { name: 'Front brakes', price_cents: 18_000 });

  const draft = done(
    await advisor.post('/v1/estimates', {
      ...{ customer_id, vehicle_id },
      lines: [
        { kind: 'labour', name: 'Front brakes', quantity: 1, unit_price_cents: 18_000, service_id },
        { kind: 'part', name: 'Pads', quantity: 2, unit_price_cents: 5_000 },
        { kind: 'fee', name: 'Wiper blades, fitted', quantity: 1, unit_price_cents: 3_000 },
      ],
    }),
  );
  const { link_url } = done(await advisor.post(`/v1/estimates/${draft.id}/send`));

  const shown = done(await shop.stranger.get(link_url));
  const [brakes, pads, wipers] = shown.lines;
  const said = done(
    await shop.stranger.post(`${link_url}/decisions`, {
      ...{ version: shown.version, name: 'Ana Ruiz' },
      lines: [
        ...[brakes, pads].map(({ id }: Data) => ({ line_id: id, decision: 'approved' })),
        { line_id: wipers.id, decision: 'declined' },
      ],
    }),
  );
  expect(said).toMatchObject({ status: 'partly_approved', authorized_cents: 28_950 });

  const job = done(
    await advisor.post(`/v1/estimates/${draft.id}/appointment`, {
      ...{ technician_id, starts_at: new Date(Date.now() + 3_600_000).toISOString() },
    }),
  );
  expect(job).toMatchObject({ customer_id, vehicle_id, technician_id, total_cents: 18_000 });
  done(
    await advisor.post(
      `/v1/appointments/${job.id}/deposits`,
      { amount_cents: 10_000, method: 'card' },
      withKey(),
    ),
  );
  for (const status of ['en_route', 'in_progress', 'completed'])
    done(await advisor.put(`/v1/appointments/${job.id}/status`, { status }));

  const bill = done(await advisor.post(`/v1/estimates/${draft.id}/invoice`));
  expect(bill.total_cents).toBe(28_950);
  const issued = done(await advisor.post(`/v1/invoices/${bill.id}/issue`));
  expect(issued).toMatchObject({ status: 'partially_paid', paid_cents: 10_000, due_cents: 18_950 });

  const pay = async (amount_cents: number) =>
    done(
      await accountant.post(`/v1/invoices/${bill.id}/payments`, { amount_cents, method: 'check' }, withKey()),
    );
  expect((await pay(8_950)).invoice).toMatchObject({ status: 'partially_paid', due_cents: 10_000 });
  const last = await pay(10_000);
  expect(last.invoice).toMatchObject({ status: 'paid', due_cents: 0 });
  const refunded = done(
    await accountant.post(
      `/v1/payments/${last.payment.id}/refunds`,
      { amount_cents: 2_500, reason: 'A pad squeaks' },
      withKey(),
    ),
  );
  expect(refunded.invoice).toMatchObject({ status: 'partially_paid', due_cents: 2_500 });

  const trial = done(await accountant.get('/v1/ledger/trial'));
  expect(trial).toMatchObject({ clean: true, problems: [] });
  const { totals } = done(await accountant.get(`/v1/customers/${customer_id}/profile`));
  expect(totals).toMatchObject({ lifetime_spend_cents: 26_450, unpaid_cents: 2_500, completed_visits: 1 });
  const estimate = done(await accountant.get(`/v1/estimates/${draft.id}`));
  expect(estimate).toMatchObject({ status: 'converted', appointment_id: job.id, authorized_cents: 28_950 });
  const { items } = done(await accountant.get(`/v1/estimates/${draft.id}/authorizations`));
  expect(items.map(({ method, decision }: Data) => `${method} ${decision}`)).toEqual([
    ...['link approved', 'link approved', 'link declined'],
  ]);
  expect(done(await advisor.get(`/v1/appointments/${job.id}`))).toMatchObject({
    ...{ status: 'completed', total_cents: 28_950, paid_cents: 26_450 },
  });

  // On paper and in the books it is the same money, to the cent.
  const invoice = done(await advisor.get(`/v1/invoices/${bill.id}`));
  const { bytes } = await bytesOf(shop.app.request, advisor, `/v1/invoices/${bill.id}.pdf`);
  const paper = (await pagesOf(bytes)).join(' ');
  for (const figure of [...figuresOf(invoice), `Amount due ${dollars(2_500)}`])
    expect(paper).toContain(figure);
  const rows = rowsOf(await accountant.get('/v1/reports/payments.csv'));
  expect(rows.map(({ kind, amount }) => `${kind} ${amount}`).sort()).toEqual([
    ...['deposit 100.00', 'payment 100.00', 'payment 89.50', 'refund -25.00'],
  ]);
  const cents = rows.reduce((sum, { amount }) => sum + Math.round(Number(amount) * 100), 0);
  expect(cents).toBe(invoice.paid_cents);
});
