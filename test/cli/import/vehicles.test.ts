import { describe, expect, test } from 'bun:test';
import { type Client, type TestApp, testApp } from '../../helpers/app.ts';
import { aCustomer, aVehicle } from '../../helpers/factories.ts';
import { aFolder, runImport } from './a-list.ts';

const lists = aFolder();
const VIN = '1HGCM82633A004352';
const OTHER_VIN = '1M8GDM9AXKP042788';
const THIRD_VIN = '11111111111111111';
const WRONG_VIN = '1HGCM82633A004353';

const vehiclesOf = (shop: TestApp) => shop.sql<{ id: string; customer_id: string; model: string }>`
  select id, customer_id, year, make, model, trim, color, vin, license_plate, mileage, notes, is_primary, is_active
  from vehicles where deleted_at is null order by created_at, id`;

/** A shop, and a list whose lines are all of one owner. */
const aShop = async () => {
  const shop = await testApp();
  const owner: Client = await shop.as('owner');
  const ana = await aCustomer(owner, { name: 'Ana', email: 'ana@example.com', phone: '(213) 555-0142' });
  return { shop, owner, ana };
};
const list = (name: string, lines: readonly string[], owner = 'ana@example.com'): string =>
  lists.write(
    name,
    ['Email,Year,Make,Model,VIN,Plate', ...lines.map((line) => `${owner},${line}`)].join('\n'),
  );
const told = (name: string) =>
  lists.report(name).map(({ line, outcome, message }) => [line, outcome, message] as const);

describe('a list of vehicles', () => {
  test('comes in with everything it tells, put in form, each to its owner by id, e-mail or phone', async () => {
    const { shop, owner, ana } = await aShop();
    const bo = await aCustomer(owner, { name: 'Bo', email: 'bo@example.com' });
    const path = lists.write(
      'all.csv',
      [
        'Customer ID\tOwner email\tOwner phone\tYear\tMake\tModel\tTrim\tColor\tVIN\tLicense\tOdometer\tNotes\tPaid',
        `${bo.id.toUpperCase()}\t\t\t2003\tHonda\tAccord\tEX\tblue\t1hg-cm82633a004352\t8abc  123\t61,250 mi\tleaks\t9`,
        '1042\tANA@example.com\t\t2019\tKia\tRio\t\t\t\t\t\t\t',
        '\t\t213.555.0142\t2020\tKia\tSoul\t\t\t\t\t\t\t',
        '\tana@example.com\t(213) 555-0142\t2021\tKia\tNiro\t\t\t\t\t\t\t',
      ].join('\n'),
    );
    const { code, out, err } = await runImport(shop.url, [path]);
    expect([code, out]).toEqual([0, expect.stringContaining('4 lines: 4 added, 0 known, 0 refused')]);
    expect(err).toStartWith('all.csv is read as vehicles (by its columns; --as says it otherwise):\n');
    expect(err).toContain('  ignored: Paid\n');
    const [accord, ...others] = await vehiclesOf(shop);
    expect(accord).toEqual({
      ...{ id: expect.any(String), customer_id: bo.id, year: 2003, make: 'Honda', model: 'Accord' },
      ...{ trim: 'EX', color: 'blue', vin: VIN, license_plate: '8ABC 123', mileage: 61_250, notes: 'leaks' },
      ...{ is_primary: false, is_active: true },
    });
    expect(others.map(({ customer_id, model }) => [customer_id, model])).toEqual([
      [ana.id, 'Rio'],
      [ana.id, 'Soul'],
      [ana.id, 'Niro'],
    ]);
  });

  test('is checked line by line as the API checks it, and by its owner', async () => {
    const { shop, owner } = await aShop();
    await aCustomer(owner, { email: 'bo@example.com' });
    const gone = await aCustomer(owner, { email: 'gone@example.com' });
    await owner.delete(`/v1/customers/${gone.id}`);
    const path = lists.write(
      'odd.csv',
      [
        'Email,Phone,Year,Make,Model,VIN,Mileage',
        'nobody@example.com,,2019,Kia,Rio,,',
        ',,2019,Kia,Rio,,',
        'gone@example.com,,2019,Kia,Rio,,',
        'bo@example.com,213-555-0142,2019,Kia,Rio,,',
        'ana@example.com,,19,,Rio,SHORT,12.5',
        'nobody@example.com,,19,Kia,Rio,,',
      ].join('\n'),
    );
    const { code } = await runImport(shop.url, [path]);
    expect(code).toBe(1);
    expect(told('odd.report.csv')).toEqual([
      [2, 'refused', "no customer of the shop has the owner's e-mail"],
      [3, 'refused', 'the owner is required: a customer id, an e-mail or a phone'],
      [4, 'refused', "no customer of the shop has the owner's e-mail"],
      [5, 'refused', expect.stringMatching(/^the owner's e-mail or phone are those of several customers: /)],
      [
        6,
        'refused',
        expect.stringMatching(/^year must be a whole number .*; make is required; vin must be /),
      ],
      [
        ...([7, 'refused'] as const),
        expect.stringMatching(
          /^no customer of the shop has the owner's e-mail; year must be a whole number /,
        ),
      ],
    ]);
    expect(await vehiclesOf(shop)).toEqual([]);
  });

  test('with a VIN of a wrong check digit tells what was meant, and passes with --vin-unchecked', async () => {
    const { shop } = await aShop();
    const path = list('vin.csv', [
      `2003,Honda,Accord,${WRONG_VIN},`,
      `2003,Honda,Civic,${VIN.replace('0', 'O')},`,
    ]);
    expect((await runImport(shop.url, [path])).code).toBe(1);
    const [wrong, odd] = lists.report('vin.report.csv');
    expect(wrong?.message).toMatch(/^vin has a wrong check digit.*--vin-unchecked$/);
    expect(odd?.message).toContain('vin must be 17 letters and digits');
    const unchecked = await runImport(shop.url, [path, '--vin-unchecked']);
    expect([unchecked.code, unchecked.out]).toEqual([
      1,
      expect.stringContaining('1 added, 0 known, 1 refused'),
    ]);
    expect(await vehiclesOf(shop)).toMatchObject([{ vin: WRONG_VIN }]);
  });

  test('adds nothing when it comes again', async () => {
    const { shop } = await aShop();
    const cars = Array.from(
      { length: 1_200 },
      (_, at) => `${1900 + (at % 100)},Kia,M${Math.floor(at / 100)},,`,
    );
    cars[3] = `2003,Honda,Accord,${VIN},`;
    cars[4] = '2003,Honda,Civic,,8ABC123';
    const path = list('again.csv', cars);
    const first = await runImport(shop.url, [path]);
    expect([first.code, first.out]).toEqual([
      0,
      expect.stringContaining(': 1,200 added, 0 known, 0 refused'),
    ]);
    const ids = lists.report('again.report.csv').map(({ id }) => id);
    const second = await runImport(shop.url, [path]);
    expect([second.code, second.out]).toEqual([
      0,
      expect.stringContaining(': 0 added, 1,200 known, 0 refused'),
    ]);
    const rows = lists.report('again.report.csv');
    expect(rows.map(({ id }) => id)).toEqual(ids);
    expect(rows.slice(2, 5).map(({ message }) => message)).toEqual([
      'known by its owner, year, make and model',
      'known by its VIN',
      'known by its plate',
    ]);
    expect(await vehiclesOf(shop)).toHaveLength(1_200);
  });

  test('knows a vehicle by VIN or plate whoever has it, and says so; a sold one may come back', async () => {
    const { shop, owner, ana } = await aShop();
    const bo = await aCustomer(owner);
    const car = { year: 2003, make: 'Honda', model: 'Accord' };
    const own = await aVehicle(owner, { ...car, customer_id: ana.id, vin: VIN });
    const elsewhere = await aVehicle(owner, { ...car, customer_id: bo.id, license_plate: 'BO 1' });
    await aVehicle(owner, { ...car, customer_id: bo.id, license_plate: 'SOLD', is_active: false });
    const kept = await aVehicle(owner, {
      ...{ ...car, year: 2010, customer_id: ana.id, license_plate: 'KEPT', is_active: false },
    });
    const path = list('known.csv', [
      `1999,Opel,Astra,${VIN},`,
      '2003,Honda,Accord,,bo 1',
      '2004,Honda,Accord,,SOLD',
      '2010,Honda,Accord,,kept',
    ]);
    expect((await runImport(shop.url, [path])).code).toBe(0);
    expect(lists.report('known.report.csv')).toEqual([
      { line: 2, outcome: 'known', id: own.id, message: 'known by its VIN' },
      {
        ...{ line: 3, outcome: 'known', id: elsewhere.id },
        message: 'known by its plate; it belongs to another customer',
      },
      { line: 4, outcome: 'added', id: expect.any(String), message: '' },
      { line: 5, outcome: 'known', id: kept.id, message: 'known by its plate' },
    ]);
  });

  test('holds a fleet of one model apart by VIN and plate, and knows one by its model when neither differs', async () => {
    const { shop } = await aShop();
    const path = list('fleet.csv', [
      `2020,Ford,Transit,${VIN},`,
      `2020,Ford,Transit,${OTHER_VIN},`,
      '2020,FORD,transit,,F 1',
      `2020,Ford,Transit,,F 2`,
      '2021,Ford,Transit,,',
      '2021,Ford,transit,,',
    ]);
    const outcomes: readonly (readonly [number, string])[] = [
      [2, 'VIN'],
      [3, 'VIN'],
      [6, 'owner, year, make and model'],
    ];
    const clashes: Told[] = [
      [4, 'refused', 'is the same as line 2: both have one owner, year, make and model'],
      [5, 'refused', 'is the same as line 2: both have one owner, year, make and model'],
      [7, 'refused', 'is the same as line 6: both have one owner, year, make and model'],
    ];
    const first = await runImport(shop.url, [path]);
    expect([first.code, first.out]).toEqual([1, expect.stringContaining('3 added, 0 known, 3 refused')]);
    const added = outcomes.map(([line]): Told => [line, 'added', '']);
    expect(told('fleet.report.csv')).toEqual(sorted([...added, ...clashes]));
    await runImport(shop.url, [path]);
    const known = outcomes.map(([line, by]): Told => [line, 'known', `known by its ${by}`]);
    expect(told('fleet.report.csv')).toEqual(sorted([...known, ...clashes]));
    expect(await vehiclesOf(shop)).toHaveLength(3);
    const more = list('more.csv', [`2020,Ford,Transit,${THIRD_VIN},`]);
    await shop.sql`update vehicles set license_plate = 'F 9' where vin = ${OTHER_VIN}`;
    await shop.sql`delete from vehicles where vin = ${VIN}`;
    expect((await runImport(shop.url, [more])).out).toStartWith('1 line: 1 added');
    await shop.sql`delete from vehicles where vin = ${THIRD_VIN}`;
    await runImport(shop.url, [list('plate.csv', ['2020,Ford,Transit,,F 8'])]);
    expect(told('plate.report.csv')).toEqual([[2, 'added', '']]);
  });

  test('is not guessed about when a line could be two vehicles', async () => {
    const { shop, owner, ana } = await aShop();
    const one = await aVehicle(owner, { customer_id: ana.id, vin: VIN });
    const other = await aVehicle(owner, { customer_id: ana.id, license_plate: 'A 1' });
    const path = list('two.csv', [`2019,Toyota,Corolla,${VIN},A 1`]);
    expect((await runImport(shop.url, [path])).code).toBe(1);
    expect(told('two.report.csv')).toEqual([
      [2, 'refused', `could be two: its VIN is that of ${one.id}, its plate that of ${other.id}`],
    ]);
  });
});

type Told = readonly [line: number, outcome: string, message: string];

const sorted = (rows: readonly Told[]): Told[] => rows.toSorted(([one], [other]) => one - other);
