import { describe, expect, test } from 'bun:test';
import { type Client, type Data, testApp } from '../../helpers/app.ts';
import {
  aBooking,
  aCustomer,
  aDeposit,
  anIssuedInvoice,
  aPayment,
  withKey,
} from '../../helpers/factories.ts';
import { rowsOf } from './rows.ts';

const PATH = '/v1/reports/payments.csv';
const app = await testApp();
const [owner, accountant] = [await app.as('owner'), await app.as('accountant')];
const report = async (query = '', client: Client = accountant): Promise<Data[]> => {
  const answer = await client.get(`${PATH}${query}`);
  expect(answer.status).toBe(200);
  return rowsOf(answer);
};

describe(`GET ${PATH}`, () => {
  test('is a file of its own name, with a heading also when no money moved', async () => {
    const answer = await accountant.get(`${PATH}?from=2199-01-01`);
    expect(answer.text).toBe(
      'kind,id,at,payment_id,amount,currency,method,note,customer_id,customer,invoice_number,appointment_id\r\n',
    );
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="payments.csv"');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  });

  test('tells of payments, deposits and refunds in the order in which money moved', async () => {
    const customer = await aCustomer(owner, { name: '=HYPERLINK("x"), Sam' });
    const { id, number, appointment_id } = await anIssuedInvoice(app, owner, { customer_id: customer.id });
    const job = await aBooking(owner, { customer_id: customer.id });
    const at = { received_at: '2026-07-01T19:00:00Z' };
    const { payment } = await aPayment(owner, id, { amount_cents: 5_005, method: 'card', note: '+1', ...at });
    const { payment: deposit } = await aDeposit(owner, job.id, {
      ...{ amount_cents: 3_000, method: 'cash', received_at: '2026-06-30T19:00:00Z' },
    });
    const { data } = await owner.post(
      `/v1/payments/${payment.id}/refunds`,
      { amount_cents: 105, reason: 'The part, "new", failed' },
      withKey(),
    );
    const rows = (await report()).filter((row) => row.customer_id === customer.id);
    const common = { currency: 'USD', customer_id: customer.id, customer: `'=HYPERLINK("x"), Sam` };
    expect(rows).toEqual([
      {
        ...{
          kind: 'deposit',
          id: deposit.id,
          payment_id: deposit.id,
          amount: '30.00',
          method: 'cash',
          note: '',
        },
        ...{ at: '2026-06-30T12:00:00-07:00', invoice_number: '', appointment_id: job.id, ...common },
      },
      {
        ...{ kind: 'payment', id: payment.id, payment_id: payment.id, amount: '50.05', method: 'card' },
        ...{ note: "'+1", at: '2026-07-01T12:00:00-07:00' },
        ...{ invoice_number: String(number), appointment_id, ...common },
      },
      {
        ...{ kind: 'refund', id: data.refund.id, payment_id: payment.id, amount: '-1.05', method: 'card' },
        ...{ note: 'The part, "new", failed', at: expect.stringMatching(/-0[78]:00$/) },
        ...{ invoice_number: String(number), appointment_id, ...common },
      },
    ]);
  });

  test('from is in it, to is not, each by its own time; a method chooses', async () => {
    const job = await aBooking(owner);
    for (const [received_at, method] of [
      ['2020-03-08T07:59:59Z', 'cash'],
      ['2020-03-08T08:00:00Z', 'ach'],
      ['2020-03-09T06:59:59Z', 'cash'],
      ['2020-03-09T07:00:00Z', 'cash'],
    ])
      await aDeposit(owner, job.id, { amount_cents: 100, method, received_at });
    // A day of 23 hours.
    const times = (await report('?from=2020-03-08&to=2020-03-09')).map(({ at }) => at);
    expect(times).toEqual(['2020-03-08T00:00:00-08:00', '2020-03-08T23:59:59-07:00']);
    const cash = '?from=2020-03-01&to=2020-04-01&method=cash';
    expect(await report(cash)).toHaveLength(3);
    expect(await report('?from=2020-03-01&to=2020-04-01&method=check,ach')).toHaveLength(1);
  });

  test('one report after another on a connection: a prepared statement of one is none of the other', async () => {
    for (let round = 0; round < 3; round += 1)
      for (const path of ['/v1/reports/appointments.csv', PATH])
        expect((await accountant.get(path)).status).toBe(200);
  });

  test.each(['method=gold', 'from=yesterday', 'customer_id=1'])('refuses ?%s', async (query) => {
    const { status, error } = await accountant.get(`${PATH}?${query}`);
    expect([status, error.reason]).toEqual([400, 'request.parameter_invalid']);
  });
});
