import { describe, expect, test } from 'bun:test';
import { type TestApp, testApp } from '../../helpers/app.ts';
import { aCustomer } from '../../helpers/factories.ts';
import { aFolder, runImport } from './a-list.ts';

const lists = aFolder();

type Customer = {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  address: string | null;
  notes: string | null;
  tags: string[];
  is_vip: boolean;
  sms_consent: boolean;
};

const customersOf = (shop: TestApp) => shop.sql<Customer>`
  select id, name, email, phone, address, notes, to_jsonb(tags) as tags, is_vip, sms_consent
  from customers where deleted_at is null order by created_at, id`;

describe('a list of customers', () => {
  test('comes in with everything it tells, put in form', async () => {
    const shop = await testApp();
    const path = lists.write(
      'all.csv',
      [
        '\ufeffFirst name;Last name;E-mail;Mobile;Street;City;State;ZIP;Notes;Tags;VIP;SMS consent;Birthday',
        'Ana;Ruiz;ANA@Example.com;(213) 555-0142;"1 Main St; rear";Reno;NV;89501;"rings\ntwice";fleet, gold;yes;no;x',
        'Zoë;Ng;;+44 20 7946 0958;;;;;;;;x;',
      ].join('\r\n'),
    );
    const { code, out, err } = await runImport(shop.url, [path]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^2 lines: 2 added, 0 known, 0 refused, in [\d.]+ s\nreport: \S+all\.report\.csv\ncorrelation id: import-[0-9a-f-]{36}\n$/,
    );
    expect(err).toStartWith('all.csv is read as customers (by its columns; --as says it otherwise):\n');
    expect(err).toContain('  Street, City, State, ZIP  ->  address (put together)\n');
    expect(err).toContain('  ignored: Birthday\n');
    const [ana, zoe] = await customersOf(shop);
    expect(ana).toEqual({
      ...{ id: expect.any(String), name: 'Ana Ruiz', email: 'ana@example.com', phone: '+12135550142' },
      ...{ address: '1 Main St; rear, Reno, NV 89501', notes: 'rings\ntwice', tags: ['fleet', 'gold'] },
      ...{ is_vip: true, sms_consent: false },
    });
    expect(zoe).toMatchObject({ name: 'Zoë Ng', email: null, phone: '+442079460958', sms_consent: true });
    expect(lists.report('all.report.csv')).toEqual([
      { line: 2, outcome: 'added', id: ana?.id ?? '', message: '' },
      { line: 4, outcome: 'added', id: zoe?.id ?? '', message: '' },
    ]);
  });

  test('reads phones in the region of the settings', async () => {
    const shop = await testApp();
    await shop.sql`update settings set phone_region = 'GB'`;
    const path = lists.write('gb.csv', 'Name,Phone\nAnn,020 7946 0958\n');
    expect((await runImport(shop.url, [path])).code).toBe(0);
    expect((await customersOf(shop))[0]?.phone).toBe('+442079460958');
  });

  test('is checked line by line as the API checks it; what is refused is told, the rest comes in', async () => {
    const shop = await testApp();
    const path = lists.write(
      'odd.csv',
      [
        'Name,Email,Phone,VIP,Notes',
        'Ana,ana@example.com,,,',
        ',bo@example.com,,,',
        'Cy,,,,',
        'Di,di@example,12,maybe,',
        'Ed,ed@example.com,,,,,extra',
        'Flo,flo@example.com',
      ].join('\n'),
    );
    const { code, out, err } = await runImport(shop.url, [path]);
    expect(code).toBe(1);
    expect(out).toStartWith('6 lines: 2 added, 0 known, 4 refused');
    expect(lists.report('odd.report.csv')).toEqual([
      { line: 2, outcome: 'added', id: expect.any(String), message: '' },
      { line: 3, outcome: 'refused', id: '', message: 'name is required' },
      { line: 4, outcome: 'refused', id: '', message: 'email is required when there is no phone' },
      {
        ...{ line: 5, outcome: 'refused', id: '' },
        message: expect.stringMatching(
          /^email must be an e-mail address, .*; phone must be a phone number .*; is_vip must be true or false$/,
        ),
      },
      {
        ...{ line: 6, outcome: 'refused', id: '' },
        message: 'has 7 cells where the header has 5: is a quote missing?',
      },
      { line: 7, outcome: 'added', id: expect.any(String), message: '' },
    ]);
    expect(err).toContain('\nline 3: name is required\nline 4: email is required');
    expect((await customersOf(shop)).map(({ name }) => name)).toEqual(['Ana', 'Flo']);
  });

  test('adds nothing when it comes again', async () => {
    const shop = await testApp();
    const lines = Array.from({ length: 1_200 }, (_, at) => `C ${at},c${at}@example.com`);
    const path = lists.write('again.csv', ['Name,Email', ...lines].join('\n'));
    const first = await runImport(shop.url, [path]);
    expect([first.code, first.out]).toEqual([
      0,
      expect.stringContaining(': 1,200 added, 0 known, 0 refused'),
    ]);
    const added = lists.report('again.report.csv');
    const second = await runImport(shop.url, [path]);
    expect([second.code, second.out]).toEqual([
      0,
      expect.stringContaining(': 0 added, 1,200 known, 0 refused'),
    ]);
    expect(lists.report('again.report.csv')).toEqual(
      added.map((row) => ({ ...row, outcome: 'known', message: 'known by its e-mail' })),
    );
    const customers = await customersOf(shop);
    expect(customers.map(({ name }) => name)).toEqual(lines.map((line) => line.split(',')[0] ?? ''));
  });

  test('knows the customers of the shop by e-mail or phone, and leaves them as they are', async () => {
    const shop = await testApp();
    const owner = await shop.as('owner');
    const ana = await aCustomer(owner, { name: 'Ana', email: 'ana@example.com' });
    const bo = await aCustomer(owner, { name: 'Bo', email: null, phone: '(213) 555-0142' });
    const gone = await aCustomer(owner, { name: 'Gone', email: 'gone@example.com' });
    await owner.delete(`/v1/customers/${gone.id}`);
    const before = await customersOf(shop);
    const path = lists.write(
      'known.csv',
      [
        'Name,Email,Phone',
        'Anna,ANA@example.com,',
        'Bob,,+1 213 555 0142',
        'Both,ana@example.com,213-555-0142',
        'Back,gone@example.com,',
      ].join('\n'),
    );
    const { code, out } = await runImport(shop.url, [path]);
    expect([code, out]).toEqual([1, expect.stringContaining('4 lines: 1 added, 2 known, 1 refused')]);
    expect(lists.report('known.report.csv')).toEqual([
      { line: 2, outcome: 'known', id: ana.id, message: 'known by its e-mail' },
      { line: 3, outcome: 'known', id: bo.id, message: 'known by its phone' },
      { line: 4, outcome: 'refused', id: '', message: 'is the same as line 2: both have one e-mail' },
      { line: 5, outcome: 'added', id: expect.any(String), message: '' },
    ]);
    const after = await customersOf(shop);
    expect(after.slice(0, 2)).toEqual(before);
    expect(after[2]?.name).toBe('Back');
  });

  test('is not guessed about when a line could be two customers', async () => {
    const shop = await testApp();
    const owner = await shop.as('owner');
    const ana = await aCustomer(owner, { email: 'ana@example.com' });
    const bo = await aCustomer(owner, { email: null, phone: '(213) 555-0142' });
    const path = lists.write('two.csv', 'Name,Email,Phone\nBoth,ana@example.com,213-555-0142\n');
    expect((await runImport(shop.url, [path])).code).toBe(1);
    expect(lists.report('two.report.csv')[0]?.message).toBe(
      `could be two: its e-mail is that of ${ana.id}, its phone that of ${bo.id}`,
    );
  });

  test('tells of lines that clash the first of them, in one batch and across batches, in every run', async () => {
    const shop = await testApp();
    const lines = Array.from({ length: 1_100 }, (_, at) => `C ${at},c${at}@example.com,`);
    lines[1] = 'Phone,two@example.com,213 555 0142';
    lines[4] = 'Again,C0@Example.com,';
    lines[5] = 'Once more,c0@example.com,';
    lines[1_050] = 'Far,far@example.com,(213) 555-0142';
    const path = lists.write('clash.csv', ['Name,Email,Phone', ...lines].join('\n'));
    for (const outcome of ['1,097 added, 0 known', '0 added, 1,097 known']) {
      const { code, out } = await runImport(shop.url, [path]);
      expect([code, out]).toEqual([1, expect.stringContaining(`${outcome}, 3 refused`)]);
      const refused = lists.report('clash.report.csv').filter((row) => row.outcome === 'refused');
      expect(refused.map(({ line, message }) => [line, message])).toEqual([
        [6, 'is the same as line 2: both have one e-mail'],
        [7, 'is the same as line 2: both have one e-mail'],
        [1_052, 'is the same as line 3: both have one phone'],
      ]);
    }
  });

  test('is in the journal, every row under the correlation id that the run tells', async () => {
    const shop = await testApp();
    const path = lists.write('journal.csv', 'Name,Email\nAna,ana@example.com\nBo,bo@example.com\n');
    const { out } = await runImport(shop.url, [path]);
    const id = /correlation id: (import-\S+)/.exec(out)?.[1] ?? '';
    const rows = await shop.sql`
      select action, entity, actor_id, changes -> 'name' ->> 'to' as name from journal
      where correlation_id = ${id} order by name`;
    const created = { action: 'created', entity: 'customer', actor_id: null };
    expect(rows).toEqual([
      { ...created, name: 'Ana' },
      { ...created, name: 'Bo' },
    ]);
  });
});

describe('import', () => {
  test('--as and --map say what the columns do not', async () => {
    const shop = await testApp();
    const path = lists.write('odd-columns.csv', 'Wer,Woran=?,Year,Make\nAna,ana@example.com,2019,Kia\n');
    const unsaid = await runImport(shop.url, [path]);
    expect([unsaid.code, unsaid.out]).toEqual([2, '']);
    expect(unsaid.err).toContain('No column gives the model of the vehicles.');
    expect(lists.names()).not.toContain('odd-columns.report.csv');
    const said = ['--as', 'customers', '--map', 'Wer=name', '--map', 'Woran=?=email'];
    const { code, err } = await runImport(shop.url, [path, ...said]);
    expect(code).toBe(0);
    expect(err).toStartWith(
      'odd-columns.csv is read as customers:\n  Wer      ->  name\n  Woran=?  ->  email\n',
    );
    expect((await customersOf(shop))[0]).toMatchObject({ name: 'Ana', email: 'ana@example.com' });
  });

  test('--dry-run checks all of it, tells the same outcome, and keeps nothing', async () => {
    const shop = await testApp();
    const path = lists.write(
      'dry.csv',
      'Name,Email\nAna,ana@example.com\nBo,no address\nCy,ana@example.com\n',
    );
    const dry = await runImport(shop.url, [path, '--dry-run']);
    expect(dry.code).toBe(1);
    expect(dry.out).toStartWith('Dry run, nothing was kept: 3 lines: 1 added, 0 known, 2 refused');
    const told = lists.report('dry.report.csv');
    expect(told.map(({ outcome, id }) => [outcome, id])).toEqual([
      ['added', ''],
      ['refused', ''],
      ['refused', ''],
    ]);
    expect(await customersOf(shop)).toEqual([]);
    expect(await shop.sql`select 1 from journal where entity = 'customer'`).toEqual([]);
    await runImport(shop.url, [path]);
    expect(lists.report('dry.report.csv').map((row) => ({ ...row, id: '' }))).toEqual(told);
  });
});
