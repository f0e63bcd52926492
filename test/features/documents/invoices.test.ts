import { describe, expect, test } from 'bun:test';
import { dayInWords } from '../../../src/values/time.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import {
  aCustomer,
  aDeposit,
  aDoneJob,
  anInvoice,
  aPayment,
  aSentEstimate,
  aVehicle,
  withKey,
  words,
} from '../../helpers/factories.ts';
import { bytesOf, dollars, figuresOf, pagesOf, shownBy } from './printed.ts';

const app = await testApp();
const owner = await app.as('owner');
await owner.patch('/v1/settings', { licence_number: 'ARD 00123456', parts_tax_basis_points: 950 });

const load = (path: string) => bytesOf((at, options) => app.app.request(at, options), owner, path);
const pdfOf = async (id: string): Promise<string[]> => pagesOf((await load(`/v1/invoices/${id}.pdf`)).bytes);
const htmlOf = async (id: string): Promise<string> =>
  shownBy((await owner.get(`/v1/invoices/${id}.html`)).text);
const invoiceWith = async (lines: Data[], job: Data = {}): Promise<Data> => {
  const { id } = await anInvoice(app, owner, job);
  return (await owner.patch(`/v1/invoices/${id}`, { lines })).data;
};
const issue = async (id: string): Promise<Data> => (await owner.post(`/v1/invoices/${id}/issue`)).data;
const LINES = [
  { kind: 'labour', name: 'Front brakes', quantity: 3, unit_price_cents: 123_456 },
  { kind: 'part', name: 'Brake pads', quantity: 2, unit_price_cents: 4_950, discount_cents: 517 },
];

describe('GET /v1/invoices/{id}.pdf and .html', () => {
  test('tell who, what and how much, to the cent as the API does; with what was paid', async () => {
    const vehicle = await aVehicle(owner, { vin: '1HGCM82633A004352', license_plate: '8ABC123' });
    const { id } = await invoiceWith(LINES, { customer_id: vehicle.customer_id, vehicle_id: vehicle.id });
    const { number } = await issue(id);
    const { payment } = await aPayment(owner, id, { amount_cents: 100_001, method: 'card' });
    await owner.post(`/v1/payments/${payment.id}/refunds`, { amount_cents: 2_500, reason: 'r' }, withKey());
    const { data: invoice } = await owner.get(`/v1/invoices/${id}`);
    for (const text of [(await pdfOf(id)).join(' '), await htmlOf(id)]) {
      for (const figure of figuresOf(invoice)) expect(text).toContain(figure);
      expect(text).toContain(`Amount due ${dollars(invoice.due_cents)}`);
      for (const told of [
        `Invoice ${number}`,
        "Edgar's Mobile Auto Shop",
        'Licence ARD 00123456',
        'Ana Ruiz',
      ])
        expect(text).toContain(told);
      for (const told of ['2019 Toyota Corolla', '1HGCM82633A004352', '8ABC123', 'Partly paid', '9.5%'])
        expect(text).toContain(told);
      expect(text).toContain(`Payment, card ${dollars(100_001)}`);
      expect(text).toContain(`Refund, card ${dollars(-2_500)}`);
      expect(text).not.toMatch(/DRAFT|VOID/);
    }
  });

  test('names each authorization of its estimate: when, how, who and what; a word later is another tag', async () => {
    const { id: appointment_id, customer_id } = await aDoneJob(app, owner);
    const sent = await aSentEstimate(owner, { appointment_id, customer_id });
    const say = (body: Data) => owner.post(`/v1/estimates/${sent.id}/authorizations`, body);
    const [brakes, pads] = sent.lines;
    await say({ ...words({ version: sent.version, lines: [brakes] }), name: 'Lee Wong' });
    const { id } = (await owner.post(`/v1/estimates/${sent.id}/invoice`)).data;
    const tagOf = async () => (await owner.get(`/v1/invoices/${id}.html`)).headers.get('etag');
    const before = await tagOf();
    const no = words({ version: sent.version + 1, lines: [pads] }, 'declined');
    await say({ ...no, method: 'in_person', contact: null });
    expect(await tagOf()).not.toBe(before);
    await issue(id);
    const { items } = (await owner.get(`/v1/estimates/${sent.id}/authorizations`)).data;
    const days = items.map(({ created_at }: Data) => dayInWords(created_at, 'America/Los_Angeles'));
    for (const text of [(await pdfOf(id)).join(' '), await htmlOf(id)]) {
      expect(text).toContain(
        `${days[0]} Approved: Front brakes (Lee Wong, by phone, (213) 555-0142) $180.00`,
      );
      expect(text).toContain(`${days[1]} Declined: Pads (Sam Carter, in person) $98.55`);
    }
    await owner.post(`/v1/invoices/${id}/void`);
    const { data: again } = await owner.get(`/v1/estimates/${sent.id}`);
    const later = await say({ ...words({ version: again.version, lines: [pads] }), name: 'Said Later' });
    expect(later.status).toBe(201);
    const paper = await htmlOf(id);
    expect(paper).toContain('Lee Wong');
    expect(paper).not.toContain('Said Later');
  });

  test('the entries come to what is paid, a deposit among them', async () => {
    const job = await aDoneJob(app, owner);
    const { payment } = await aDeposit(owner, job.id, { amount_cents: 3_000, method: 'check' });
    const { data: draft } = await owner.post(`/v1/appointments/${job.id}/invoice`, {});
    const { paid_cents } = await issue(draft.id);
    expect(paid_cents).toBe(3_000);
    const [page = ''] = await pdfOf(draft.id);
    expect(page).toContain('Deposit, check $30.00');
    expect(page).toContain('Paid $30.00');
    const back = { amount_cents: 3_000, reason: 'Billed anew' };
    await owner.post(`/v1/payments/${payment.id}/refunds`, back, withKey());
    await owner.post(`/v1/invoices/${draft.id}/void`);
    const [again = ''] = await pdfOf(draft.id);
    for (const told of ['Deposit, check $30.00', 'Deposit given up, check -$30.00', 'Paid $0.00', 'VOID'])
      expect(again).toContain(told);
    expect(again).not.toContain('Amount due');
  });

  test('a draft is marked as one, and has no number', async () => {
    const { id } = await anInvoice(app, owner);
    for (const text of [(await pdfOf(id)).join(' '), await htmlOf(id)]) {
      expect(text).toContain('DRAFT');
      expect(text).toContain('This is a draft.');
      expect(text).not.toContain('Number');
    }
    const { response } = await load(`/v1/invoices/${id}.pdf`);
    expect(response.headers.get('content-disposition')).toBe(
      `inline; filename="invoice-draft-${id.slice(-12)}.pdf"`,
    );
  });

  test('eighty lines go over pages: each has the heading and its number, and every line stands once', async () => {
    const lines = Array.from({ length: 80 }, (_, at) => ({
      ...{ kind: 'part', quantity: 1, unit_price_cents: 1_000 + at },
      name: `Line ${at}: ${at % 5 === 0 ? 'a name that is so long that it needs more than one line of its column' : 'plug'}`,
    }));
    const { id, total_cents } = await invoiceWith(lines);
    await issue(id);
    const pages = await pdfOf(id);
    expect(pages.length).toBeGreaterThan(2);
    for (const [at, page] of pages.entries()) {
      expect(page).toContain(`Page ${at + 1} of ${pages.length}`);
      expect(page.match(/Description Qty Unit price Discount Tax rate Tax Total/g)).toHaveLength(1);
    }
    const whole = pages.join(' ');
    for (let at = 0; at < 80; at += 1) expect(whole.split(`Line ${at}:`)).toHaveLength(2);
    expect(pages.at(-1)).toContain(`Amount due ${dollars(total_cents)}`);
  });

  test('names of every script are there; a sign that no font has is named by its number', async () => {
    const names = ['Λάδια κινητήρα', 'Замена масла', 'オイル交換', '오일 교환', 'ล้างรถ', 'Łańcuch'];
    const lines = [...names, 'Wash \u{10fffd}'].map((name) => ({ ...LINES[0], name }));
    const customer = await aCustomer(owner, { name: '山田太郎' });
    const { id } = await invoiceWith(lines, { customer_id: customer.id });
    const text = (await pdfOf(id)).join(' ').normalize('NFC');
    for (const name of [...names, '山田太郎', 'Wash [U+10FFFD]']) expect(text).toContain(name);
  });

  test('HTML is escaped, and its policy lets nothing in but its own style', async () => {
    const evil = '<img src=x onerror="alert(1)">&\'';
    const customer = await aCustomer(owner, { name: `<script>alert(1)</script>` });
    const { id } = await invoiceWith([{ ...LINES[0], name: evil }], { customer_id: customer.id });
    const { text, headers } = await owner.get(`/v1/invoices/${id}.html`);
    expect(text).not.toMatch(/<script|<img|<link|url\(|@import|https?:/i);
    expect(shownBy(text)).toContain(evil);
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(text) ?? [];
    const hash = new Bun.CryptoHasher('sha256').update(style).digest('base64');
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(/^inline; filename="[\w-]+\.html"$/);
  });

  test('days are the shop’s', async () => {
    const { id } = await invoiceWith(LINES);
    await issue(id);
    await app.sql`update invoices set issued_at = '2026-07-01T06:30:00Z' where id = ${id}`;
    expect((await pdfOf(id)).join(' ')).toContain('Jun 30, 2026');
    expect(await htmlOf(id)).toContain('Issued Jun 30, 2026');
  });

  test('the same bytes until something that it shows changes; 304 for who has them', async () => {
    const customer = await aCustomer(owner);
    const { id } = await invoiceWith(LINES, { customer_id: customer.id });
    for (const path of [`/v1/invoices/${id}.pdf`, `/v1/invoices/${id}.html`]) {
      const [one, other] = [await load(path), await load(path)];
      expect(one.bytes).toEqual(other.bytes);
      const etag = one.response.headers.get('etag') ?? '';
      const known = await owner.get(path, { headers: { 'if-none-match': etag } });
      expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', etag]);
      const changes = [
        () => owner.patch(`/v1/customers/${customer.id}`, { name: `Ana ${path}` }),
        () => owner.patch('/v1/settings', { shop_name: `The Shop ${path.slice(-4)}` }),
        () => owner.patch(`/v1/invoices/${id}`, { discount_cents: path.length }),
      ];
      for (const change of changes) {
        expect((await change()).status).toBe(200);
        expect((await owner.get(path, { headers: { 'if-none-match': etag } })).status).toBe(200);
      }
      expect((await load(path)).bytes).not.toEqual(one.bytes);
    }
    await owner.patch('/v1/settings', { shop_name: "Edgar's Mobile Auto Shop" });
  });

  test('an unknown or malformed id is 404, and there is no other way in', async () => {
    const { id } = await anInvoice(app, owner);
    for (const path of [`${Bun.randomUUIDv7()}.pdf`, 'x.pdf', '.pdf', `${id}.PDF`, `${id}.pdf.pdf`])
      expect((await owner.get(`/v1/invoices/${path}`)).status).toBe(404);
    for (const path of [`${id}/.pdf`, `${id}/pdf`])
      expect((await owner.get(`/v1/invoices/${path}`)).error.reason).toBe('request.path_unknown');
  });
});
