import { describe, expect, test } from 'bun:test';
import { customerFrom, ownerFrom, vehicleFrom } from '../../../src/cli/import/cells.ts';
import { type Columns, readColumns } from '../../../src/cli/import/columns.ts';

const columns = (header: string): Columns => {
  const read = readColumns(header.split('|'), { as: undefined, maps: [] });
  if (typeof read === 'string') throw new Error(read);
  return read;
};
const customer = (header: string, line: string) => customerFrom(columns(header), line.split('|'));
const vehicle = (header: string, line: string) =>
  vehicleFrom(columns(`Email|${header}`), `|${line}`.split('|'));

describe('a customer', () => {
  test('has the name in one column or in two', () => {
    expect(customer('Name|Email', ' Ana Ruiz |a@b.co')).toEqual({ name: 'Ana Ruiz', email: 'a@b.co' });
    expect(customer('First name|Last name|Email', 'Ana|Ruiz|')).toEqual({ name: 'Ana Ruiz' });
    expect(customer('First name|Last name|Email', '|Ruiz|')).toEqual({ name: 'Ruiz' });
    expect(customer('First name|Last name|Email', '||')).toEqual({});
  });

  test('has the first phone that is filled in', () => {
    expect(customer('Name|Phone|Mobile', '||310')).toEqual({ phone: '310' });
    expect(customer('Name|Phone|Mobile', '|213|310')).toEqual({ phone: '213' });
  });

  test.each([
    ['1 Main St|Apt 2|Reno|NV|89501', '1 Main St, Apt 2, Reno, NV 89501'],
    ['1 Main St||Reno||89501', '1 Main St, Reno, 89501'],
    ['||Reno|NV|', 'Reno, NV'],
    ['1 Main St\r\nReno, NV||||', '1 Main St, Reno, NV'],
    ['1 Main St,\nReno||||', '1 Main St, Reno'],
    ['||||', undefined],
  ])('of %j lives at %j', (cells, address) => {
    const { address: found } = customer('Street|Address 2|City|State|ZIP|Name|Email', `${cells}||`);
    expect(found).toBe(address);
  });

  test('has all notes, and each tag once', () => {
    expect(customer('Name|Email|Notes|Comments', '||likes tea|calls late')).toEqual({
      notes: 'likes tea\ncalls late',
    });
    expect(customer('Name|Email|Tags', '||fleet, Gold;FLEET ; ')).toEqual({ tags: ['FLEET', 'Gold'] });
  });

  test.each([
    ['Yes', true],
    ['x', true],
    ['1', true],
    ['Opted in', true],
    ['NO', false],
    ['0', false],
    ['unsubscribed', false],
    ['', undefined],
    // For the schema to refuse: nobody's consent is guessed.
    ['perhaps', 'perhaps'],
  ])('with %j in a column of yes and no: %j', (cell, meant) => {
    expect(customer('Name|Email|SMS consent', `||${cell}`).sms_consent).toBe(meant);
    expect(customer('Name|Email|VIP', `||${cell}`).is_vip).toBe(meant);
  });
});

describe('a vehicle', () => {
  const HEADER = 'Year|Make|Model|Odometer';

  test.each([
    ['61250', 61_250],
    ['61,250', 61_250],
    ['1,061 250 miles', 1_061_250],
    ['61250 mi', 61_250],
    ['61250.0', 61_250],
    ['', undefined],
    ['61.5', '61.5'],
    ['61,25', '61,25'],
    ['-1', '-1'],
    ['100000 km', '100000 km'],
  ])('with %j on the odometer has %j', (cell, mileage) => {
    expect(vehicle(HEADER, `2019|Kia|Rio|${cell}`).mileage).toBe(mileage);
  });

  test('has a year that is a number', () => {
    expect(vehicle(HEADER, '2019|Kia|Rio|')).toEqual({ year: 2019, make: 'Kia', model: 'Rio' });
    expect(vehicle(HEADER, '2019.0|Kia|Rio|').year).toBe(2019);
    expect(vehicle(HEADER, "'19|Kia|Rio|").year).toBe("'19");
  });

  test('has an owner who is told by id, e-mail or phone', () => {
    const owner = (line: string) =>
      ownerFrom(columns('Customer ID|Owner email|Owner phone|Year|Make|Model'), line.split('|'));
    expect(owner('7|a@b.co|213|||')).toEqual({ id: '7', email: 'a@b.co', phone: '213' });
    expect(owner('||213|||')).toEqual({ phone: '213' });
  });
});
