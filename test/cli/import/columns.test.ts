import { describe, expect, test } from 'bun:test';
import {
  type Columns,
  type Kind,
  type Mapped,
  readColumns,
  shownColumns,
} from '../../../src/cli/import/columns.ts';

const read = (header: string, as?: Kind, maps: Mapped[] = []): Columns => {
  const columns = readColumns(header.split(','), { as, maps });
  if (typeof columns === 'string') throw new Error(columns);
  return columns;
};
const fields = (header: string, as?: Kind, maps?: Mapped[]) => Object.fromEntries(read(header, as, maps).of);
const fault = (header: string, as?: Kind, maps: Mapped[] = []): string => {
  const columns = readColumns(header.split(','), { as, maps });
  if (typeof columns !== 'string') throw new Error('was understood');
  return columns;
};

describe('the columns of customers', () => {
  test('are known by the names that people give them', () => {
    expect(fields('FULL NAME,E-Mail,Cell,Street,City,State,ZIP,Notes,Tags,VIP,SMS consent')).toEqual({
      ...{ name: [0], email: [1], phone: [2], address: [3], city: [4], state: [5], zip: [6] },
      ...{ notes: [7], tags: [8], is_vip: [9], sms_consent: [10] },
    });
    expect(fields('first_name,Last Name,E-mail Address,Mobile Phone,zip-code')).toEqual({
      ...{ first_name: [0], last_name: [1], email: [2], phone: [3], zip: [4] },
    });
  });

  test('several of one field are all kept, in their order', () => {
    expect(fields('Name,Phone,Mobile,Notes,Comments')).toEqual({ name: [0], phone: [1, 2], notes: [3, 4] });
  });
});

test('the columns of vehicles are known by the names that people give them', () => {
  expect(
    fields('Customer ID,Owner email,Phone,Year,Make,Model,Trim,Colour,VIN,License,Odometer,Notes'),
  ).toEqual({
    ...{ customer_id: [0], customer_email: [1], customer_phone: [2], year: [3], make: [4], model: [5] },
    ...{ trim: [6], color: [7], vin: [8], license_plate: [9], mileage: [10], notes: [11] },
  });
  expect(fields('Email,Year,Make,Model,Plate,Mileage')).toMatchObject({ license_plate: [4], mileage: [5] });
});

describe('the kind', () => {
  test.each([
    ['Name,Email', 'customers'],
    ['Name,Phone,Year', 'customers'],
    ['Email,VIN,Year,Make,Model', 'vehicles'],
    ['Name,Email,Year,Make,Model', 'vehicles'],
  ] as const)('%s is taken for %s', (header, kind) => {
    expect(read(header)).toMatchObject({ kind, isGuessed: true });
  });

  test('that is said counts more than the guess', () => {
    expect(read('Name,Email,Year,Make,Model', 'customers')).toMatchObject({
      kind: 'customers',
      isGuessed: false,
    });
  });

  test('is asked for when the columns tell nothing', () => {
    expect(fault('Date,Total')).toBe(
      'The columns tell neither customers nor vehicles: Date, Total. Say which with --as, and what they mean with --map "Column=field".',
    );
  });
});

describe('--map', () => {
  test('takes the place of the guess, and adds to what is put together', () => {
    const maps = [
      { column: 'work PHONE', field: 'phone' },
      { column: 'Company', field: 'notes' },
    ];
    expect(fields('Name,Phone,Work phone no.,Company,Notes', undefined, [])).toMatchObject({ phone: [1] });
    expect(fields('Name,Phone,Work phone,Company,Notes', undefined, maps)).toEqual({
      ...{ name: [0], phone: [2], notes: [3, 4] },
    });
  });

  test('passes over a column with ignore', () => {
    const maps = [{ column: 'Mobile', field: 'ignore' }];
    expect(fields('Name,Mobile,Phone', undefined, maps)).toEqual({ name: [0], phone: [2] });
  });

  test('names what it does not know', () => {
    expect(fault('Name,Email', undefined, [{ column: 'Cell', field: 'phone' }])).toBe(
      'The file has no column Cell: its columns are Name, Email.',
    );
    expect(fault('Name,Email', undefined, [{ column: 'Email', field: 'emial' }])).toContain(
      'no field emial of customers (was email meant?): the fields are name,',
    );
  });
});

test('what no line could do without is asked for', () => {
  expect(fault('Name,City')).toStartWith('No column gives the email or phone of the customers.');
  expect(fault('Email,City', 'customers')).toEndWith('say which one it is with --map "Column=name".');
  expect(fault('VIN,Year,Make,Email')).toStartWith('No column gives the model of the vehicles.');
  expect(fault('VIN,Year,Make,Model')).toStartWith('No column gives the customer_id or customer_email');
});

test('what is shown tells every column once, and those that nothing is read from', () => {
  expect(shownColumns(read('City,Name,Mobile,Phone,Birthday,Street,ZIP,Notes,'))).toEqual([
    '  Name               ->  name',
    '  Mobile, Phone      ->  phone (the first that is filled in)',
    '  Street, City, ZIP  ->  address (put together)',
    '  Notes              ->  notes',
    '  ignored: Birthday, (column 9 without a name)',
  ]);
  expect(shownColumns(read('Name,Phone'))).toEqual([
    '  Name   ->  name',
    '  Phone  ->  phone',
    '  ignored: none',
  ]);
});
