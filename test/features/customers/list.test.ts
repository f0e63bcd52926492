import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Client, type Data, testApp } from '../../helpers/app.ts';
import { aCustomer, aTechnician, aVehicle } from '../../helpers/factories.ts';
import { aVin } from '../vehicles/a-vin.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');

const idsOf = async (query: string, client: Client = advisor): Promise<string[]> => {
  const { status, data, text } = await client.get(`/v1/customers?${query}`);
  if (status !== 200) throw new Error(text);
  return data.items.map(({ id }: Data) => id);
};
const found = (q: string): Promise<string[]> => idsOf(`q=${encodeURIComponent(q)}`);

const aJob = async (customerId: string, columns: Data = {}): Promise<string> => {
  const id = newId();
  const { technicianId = null, status = 'scheduled', startsAt = '2031-01-01T10:00:00Z' } = columns;
  await shop.sql`
    insert into appointments (id, customer_id, technician_id, status, starts_at, ends_at, completed_at)
    values (${id}, ${customerId}, ${technicianId}, ${status}, ${startsAt}, ${startsAt}::timestamptz + interval '1 hour',
      ${columns.completedAt ?? null})`;
  return id;
};

const anInvoice = async (customerId: string, paidCents: number): Promise<void> => {
  const appointmentId = await aJob(customerId, { status: 'completed', completedAt: daysAgo(1) });
  const id = newId();
  await shop.sql`
    insert into invoices (id, appointment_id, customer_id, status, number, subtotal_cents, total_cents)
    values (${id}, ${appointmentId}, ${customerId}, 'issued', next_invoice_number(), ${paidCents}, ${paidCents})`;
  await shop.sql`
    insert into payments (id, invoice_id, amount_cents, method) values (${newId()}, ${id}, ${paidCents}, 'cash')`;
};

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

describe('GET /v1/customers?q', () => {
  test('finds by any part of the name, in any case, accents as they are', async () => {
    const { id } = await aCustomer(advisor, { name: 'Zoë van der Merwe' });
    for (const q of ['zoë', 'ZOË VAN', 'merwe', '  van   der ', 'ë']) expect(await found(q)).toEqual([id]);
    for (const q of ['zoe', 'van merwe']) expect(await found(q)).toEqual([]);
  });

  test('finds by phone in any form', async () => {
    const { id } = await aCustomer(advisor, { phone: '+12135550177' });
    const forms = ['+12135550177', '(213) 555-0177', '213.555.0177', '1 213 555 0177', '555-0177', '55501'];
    for (const q of forms) expect(await found(q)).toEqual([id]);
    for (const q of ['2135550178', '+442135550177']) expect(await found(q)).toEqual([]);
  });

  test('takes no word that holds digits for a phone number', async () => {
    await aCustomer(advisor, { phone: '+13105557123' });
    const { customer_id } = await aVehicle(advisor, { license_plate: '7ABC123' });
    expect(await found('7abc123')).toEqual([customer_id]);
    expect(await found('unit 7123')).toEqual([]);
  });

  test('finds by e-mail', async () => {
    const { id } = await aCustomer(advisor, { email: 'Quirin.Quast@Mail.example' });
    for (const q of ['quirin.quast@mail.example', 'QUAST@', '@mail.exa'])
      expect(await found(q)).toEqual([id]);
  });

  test('finds by plate and VIN of any vehicle, but of no deleted one', async () => {
    const vin = aVin();
    const { id: customer_id } = await aCustomer(advisor);
    await aVehicle(advisor, { customer_id, license_plate: 'FIRST 1' });
    const vehicle = await aVehicle(advisor, { customer_id, license_plate: '8KLM 442', vin });
    for (const q of ['8klm 4', '8KLM 442', vin, vin.slice(3).toLowerCase()]) {
      expect(await found(q)).toEqual([customer_id]);
    }
    await advisor.delete(`/v1/vehicles/${vehicle.id}`);
    for (const q of ['8klm 4', vin]) expect(await found(q)).toEqual([]);
    expect(await found('first 1')).toEqual([customer_id]);
  });

  test('takes %, _ and \\ as they are, and shows a customer once, however many ways they match', async () => {
    const { id: customer_id } = await aCustomer(advisor, { name: '100%_wax\\', email: 'wax@wax.example' });
    await aVehicle(advisor, { customer_id, license_plate: 'WAX 1' });
    await aVehicle(advisor, { customer_id, license_plate: 'WAX 2' });
    expect(await found('wax')).toEqual([customer_id]);
    for (const q of ['0%', '%_w', 'x\\']) expect(await found(q)).toEqual([customer_id]);
    for (const q of ['1%w', '_00', '\\w']) expect(await found(q)).toEqual([]);
  });
});

describe('GET /v1/customers with filters', async () => {
  const mark = 'Filtered';
  const named = (name: string, overrides: Data = {}) =>
    aCustomer(advisor, { name: `${mark} ${name}`, ...overrides });
  const [flagged, spender, nearly, longAgo, recent, gone] = [
    await named('flagged', { is_vip: true }),
    await named('spender'),
    await named('nearly'),
    await named('long ago'),
    await named('recent'),
    await named('gone'),
  ];
  await anInvoice(spender.id, 300_000);
  await anInvoice(spender.id, 200_000);
  await anInvoice(nearly.id, 499_999);
  await aJob(longAgo.id, { status: 'completed', completedAt: daysAgo(181) });
  await aJob(recent.id, { status: 'completed', completedAt: daysAgo(400) });
  await aJob(recent.id, { status: 'completed', completedAt: daysAgo(179) });
  await advisor.delete(`/v1/customers/${gone.id}`);
  const all = [flagged, spender, nearly, longAgo, recent].map(({ id }) => id);
  const filtered = async (filter: string) => (await idsOf(`q=${mark}&sort=created_at&${filter}`)).sort();
  const without = (...left: Data[]) => all.filter((id) => !left.some((one) => one.id === id)).sort();

  test('vip: a flag, or a spend of 5,000.00 and more', async () => {
    expect(await filtered('vip=true')).toEqual([flagged.id, spender.id].sort());
    expect(await filtered('vip=false')).toEqual(without(flagged, spender));
  });

  test('overdue: the last completed visit is more than 180 days ago; who never came is not overdue', async () => {
    expect(await filtered('overdue=true')).toEqual([longAgo.id]);
    expect(await filtered('overdue=false')).toEqual(without(longAgo));
    expect(await filtered('overdue=true&vip=true')).toEqual([]);
  });

  test('deleted: the deleted alone; without it the living alone', async () => {
    expect(await filtered('deleted=true')).toEqual([gone.id]);
    expect(await filtered('deleted=false')).toEqual([...all].sort());
    expect(await filtered('limit=100')).toEqual([...all].sort());
  });
});

describe('GET /v1/customers page by page', () => {
  const walk = async (query: string, between: () => Promise<unknown> = async () => undefined) => {
    const seen: Data[] = [];
    let cursor = '';
    do {
      const { status, data } = await advisor.get(`/v1/customers?${query}&limit=4${cursor}`);
      expect(status).toBe(200);
      seen.push(...data.items);
      cursor = data.next_cursor === null ? '' : `&cursor=${data.next_cursor}`;
      await between();
    } while (cursor !== '');
    return seen;
  };

  test.each(['name', '-name', 'created_at', '-created_at'])(
    'sort=%s: each once, equals too',
    async (sort) => {
      const mark = `Walk${newId().slice(-6)}`;
      for (let at = 0; at < 18; at += 1) await aCustomer(advisor, { name: `${mark} ${'bAaBc'[at % 5]}` });
      await shop.sql`update customers set created_at = date_trunc('minute', created_at) where name like ${`${mark}%`}`;
      const keys = (await walk(`q=${mark}&sort=${sort}`)).map((one) =>
        sort.endsWith('name') ? `${one.name.toLowerCase()} ${one.id}` : `${one.created_at} ${one.id}`,
      );
      expect(new Set(keys).size).toBe(18);
      expect(keys).toEqual(sort.startsWith('-') ? keys.toSorted().toReversed() : keys.toSorted());
    },
  );

  test('shows each of those who stay exactly once, whoever comes and goes meanwhile', async () => {
    const mark = `Come${newId().slice(-6)}`;
    const ids: string[] = [];
    for (let at = 0; at < 12; at += 1) ids.push((await aCustomer(advisor, { name: `${mark} m${at}` })).id);
    const seen = await walk(`q=${mark}&sort=name`, async () => {
      const early = await aCustomer(advisor, { name: `${mark} a` });
      await advisor.delete(`/v1/customers/${early.id}`);
      await aCustomer(advisor, { name: `${mark} b` });
    });
    expect(
      seen
        .map(({ id }) => id)
        .filter((id) => ids.includes(id))
        .sort(),
    ).toEqual([...ids].sort());
  });

  test('400 for a cursor that was made with other filters or another sort', async () => {
    const mark = `Bound${newId().slice(-6)}`;
    for (const name of ['a', 'b', 'c']) await aCustomer(advisor, { name: `${mark} ${name}` });
    const { data } = await advisor.get(`/v1/customers?q=${mark}&limit=1`);
    const next = `limit=1&cursor=${data.next_cursor}`;
    for (const other of [
      '',
      `q=${mark}x&`,
      `q=${mark}&sort=-name&`,
      `q=${mark}&vip=false&`,
      `q=${mark}&deleted=true&`,
    ]) {
      const { status, error } = await advisor.get(`/v1/customers?${other}${next}`);
      expect([other, status, error?.issues[0].path]).toEqual([other, 400, 'cursor']);
    }
    expect((await advisor.get(`/v1/customers?q=${mark}&limit=2&cursor=${data.next_cursor}`)).status).toBe(
      200,
    );
  });
});

describe('400 for GET /v1/customers', () => {
  test.each([
    ['nmae=x', 'nmae', ''],
    ['serach=x', 'serach', ''],
    ['vipp=true', 'vipp', 'vip'],
    ['over_due=true', 'over_due', 'overdue'],
    ['curser=x', 'curser', 'cursor'],
    ['vip=yes', 'vip', ''],
    ['overdue=1', 'overdue', ''],
    ['deleted=', 'deleted', ''],
    ['sort=email', 'sort', ''],
    ['limit=101', 'limit', ''],
    ['q=%20', 'q', ''],
    [`q=${'x'.repeat(101)}`, 'q', ''],
  ])('?%s', async (query, path, meant) => {
    const { status, error } = await advisor.get(`/v1/customers?${query}`);
    expect([status, error.reason, error.issues[0].path]).toEqual([400, 'request.parameter_invalid', path]);
    if (meant !== '') expect(error.issues[0].message).toEndWith(`did you mean ${meant}?`);
  });
});

describe('GET /v1/customers by role', () => {
  test('a technician sees the customers of own jobs alone, of deleted jobs and other vans none', async () => {
    const technician = await shop.as('technician');
    const { id: technicianId } = await aTechnician(owner, { staff_id: technician.staffId });
    const { id: other } = await aTechnician(owner);
    const [own, past, foreign] = [
      await aCustomer(advisor),
      await aCustomer(advisor),
      await aCustomer(advisor),
    ];
    await aJob(own.id, { technicianId });
    await aJob(past.id, { technicianId, status: 'completed', completedAt: daysAgo(3), startsAt: daysAgo(3) });
    await aJob(foreign.id, { technicianId: other });
    expect((await idsOf('', technician)).sort()).toEqual([own.id, past.id].sort());
    expect(await idsOf(`q=${own.email}`, technician)).toEqual([own.id]);
    expect(await idsOf(`q=${foreign.email}`, technician)).toEqual([]);
    await shop.sql`update appointments set deleted_at = now() where customer_id = ${own.id}`;
    expect(await idsOf('', technician)).toEqual([past.id]);
  });

  test('a technician without a van sees nobody; an accountant sees everybody', async () => {
    const [technician, accountant] = [await shop.as('technician'), await shop.as('accountant')];
    const { id, email } = await aCustomer(advisor);
    expect(await idsOf('', technician)).toEqual([]);
    expect(await idsOf(`q=${email}`, accountant)).toEqual([id]);
  });
});
