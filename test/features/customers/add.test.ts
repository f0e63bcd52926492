import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { testApp } from '../../helpers/app.ts';
import { aCustomer } from '../../helpers/factories.ts';

const shop = await testApp();
const advisor = await shop.as('advisor');

let numbers = 1_000;
const aPhone = (): string => {
  numbers += 1;
  return `+1310555${numbers}`;
};
const anEmail = (): string => `c-${newId()}@example.com`;

describe('POST /v1/customers', () => {
  test('201: everything in the fixed shape, with Location and ETag', async () => {
    const input = {
      name: 'Ana Ruiz',
      email: anEmail(),
      phone: aPhone(),
      address: '1 Main St, Los Angeles',
      notes: 'two dogs\nring twice',
      tags: ['fleet', 'Gold'],
      is_vip: true,
      sms_consent: true,
    };
    const { status, data, headers } = await advisor.post('/v1/customers', input);
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/customers/${data.id}`);
    expect(headers.get('etag')).toBe('"1"');
    expect(data).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-/),
      ...input,
      deleted_at: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/),
      updated_at: data.created_at,
      version: 1,
    });
    expect((await advisor.get(`/v1/customers/${data.id}`)).data).toEqual(data);
  });

  test('201: a name and a phone, or a name and an address, is enough; what is left out is null', async () => {
    const nothing = { address: null, notes: null, tags: [], is_vip: false, sms_consent: false };
    const byPhone = await aCustomer(advisor, { email: undefined, phone: aPhone() });
    expect(byPhone).toMatchObject({ ...nothing, email: null });
    const byEmail = await aCustomer(advisor, { phone: null, address: null, notes: null });
    expect(byEmail).toMatchObject({ ...nothing, phone: null });
  });

  test('201: text is trimmed, the address in small letters, the phone as E.164 whatever its form', async () => {
    const email = anEmail();
    const made = await aCustomer(advisor, {
      name: '  Zoë O’Neil ',
      email: ` ${email.toUpperCase()} `,
      phone: '(213) 555-0142',
      address: ' 5 Elm ',
    });
    expect(made).toMatchObject({ name: 'Zoë O’Neil', email, phone: '+12135550142', address: '5 Elm' });
    expect((await aCustomer(advisor, { phone: '+44 20 7946 0958' })).phone).toBe('+442079460958');
  });

  test('201: text of any script and sign comes back as it was', async () => {
    const text = `Łódź 李 "quoted" \\back\\ 'single' <b> $1 \${x} %s {a,b} é👩🏽‍🔧`;
    const made = await aCustomer(advisor, {
      name: text,
      notes: `${text}\n${text}`,
      tags: [text.slice(0, 30), 'a,b', '"', 'NULL'],
    });
    expect(made.name).toBe(text);
    expect(made.notes).toBe(`${text}\n${text}`);
    expect(made.tags).toEqual([text.slice(0, 30), 'a,b', '"', 'NULL']);
  });

  test('409 customer.email_taken, without case, says whose it is', async () => {
    const holder = await aCustomer(advisor);
    const { status, error } = await advisor.post('/v1/customers', {
      name: 'B',
      email: holder.email.toUpperCase(),
    });
    expect([status, error.reason, error.details]).toEqual([409, 'customer.email_taken', { id: holder.id }]);
  });

  test('409 customer.phone_taken, in any form of the number, says whose it is', async () => {
    const holder = await aCustomer(advisor, { phone: '+1 213 555 0177' });
    for (const phone of ['213-555-0177', '(213) 555 0177', '1.213.555.0177', '+12135550177']) {
      const { status, error } = await advisor.post('/v1/customers', { name: 'B', phone });
      expect([status, error.reason, error.details]).toEqual([409, 'customer.phone_taken', { id: holder.id }]);
    }
  });

  test('201: the address and number of a deleted customer are free again', async () => {
    const holder = await aCustomer(advisor, { phone: aPhone() });
    await advisor.delete(`/v1/customers/${holder.id}`);
    const { email, phone } = holder;
    expect((await aCustomer(advisor, { email, phone })).email).toBe(email);
  });

  test.each([
    ['e-mail address', () => ({ email: anEmail() }), 'customer.email_taken'],
    ['phone', () => ({ phone: aPhone() }), 'customer.phone_taken'],
  ])('ten at once with one %s: one 201, nine 409 that name it', async (_name, one, reason) => {
    const body = { name: 'Racer', ...one() };
    const answers = await Promise.all(Array.from({ length: 10 }, () => advisor.post('/v1/customers', body)));
    const made = answers.find(({ status }) => status === 201);
    expect(answers.map(({ status, error }) => `${status} ${error?.reason ?? ''}`).sort()).toEqual([
      '201 ',
      ...Array(9).fill(`409 ${reason}`),
    ]);
    for (const { error } of answers) if (error !== null) expect(error.details).toEqual({ id: made?.data.id });
  });

  test('422 without any way to reach the customer', async () => {
    for (const body of [{ name: 'A' }, { name: 'A', email: null }, { name: 'A', email: null, phone: null }]) {
      const { status, error } = await advisor.post('/v1/customers', body);
      expect([status, error.issues]).toEqual([
        422,
        [{ path: 'email', message: 'is required when there is no phone' }],
      ]);
    }
  });

  test('422 names the field: empty, of a wrong type, too long, unknown', async () => {
    const cases: [object, string][] = [
      [{ name: '' }, 'name'],
      [{ name: '   ' }, 'name'],
      [{ name: null }, 'name'],
      [{ name: undefined }, 'name'],
      [{ name: 'x'.repeat(201) }, 'name'],
      [{ name: 'two\nlines' }, 'name'],
      [{ email: '' }, 'email'],
      [{ email: 'a@b' }, 'email'],
      [{ email: 5 }, 'email'],
      [{ phone: '' }, 'phone'],
      [{ phone: '12345' }, 'phone'],
      [{ phone: 13105551234 }, 'phone'],
      [{ phone: '310 555 0100 ext. 5' }, 'phone'],
      [{ address: '' }, 'address'],
      [{ address: 'x'.repeat(301) }, 'address'],
      [{ notes: '' }, 'notes'],
      [{ notes: 'x'.repeat(5_001) }, 'notes'],
      [{ tags: 'fleet' }, 'tags'],
      [{ tags: ['fleet', ''] }, 'tags.1'],
      [{ tags: ['fleet', 'Fleet'] }, 'tags'],
      [{ tags: null }, 'tags'],
      [{ tags: Array.from({ length: 21 }, (_, at) => `t${at}`) }, 'tags'],
      [{ is_vip: 'true' }, 'is_vip'],
      [{ is_vip: null }, 'is_vip'],
      [{ sms_consent: 1 }, 'sms_consent'],
      [{ id: newId() }, 'id'],
      [{ version: 5 }, 'version'],
      [{ created_at: '2020-01-01T00:00:00Z' }, 'created_at'],
      [{ deleted_at: null }, 'deleted_at'],
      [{ e_mail: 'x@y.zz' }, 'e_mail'],
    ];
    for (const [overrides, path] of cases) {
      const { status, error } = await advisor.post('/v1/customers', {
        name: 'A B',
        email: anEmail(),
        ...overrides,
      });
      expect([status, error.reason, error.issues[0].path]).toEqual([422, 'request.body_invalid', path]);
    }
  });
});
