import * as v from 'valibot';
import type { Columns } from './columns.ts';

/** A line as the schema of POST /v1/customers wants it; an empty cell is left out. */
export const customerFrom = ({ of }: Columns, cells: readonly string[]): Record<string, unknown> => {
  const read = reader(of, cells);
  const parts = ['first_name', 'last_name'].flatMap((field) => read.first(field) ?? []);
  return given({
    name: read.first('name') ?? (parts.join(' ') || undefined),
    email: read.first('email'),
    phone: read.first('phone'),
    address: addressFrom(read),
    notes: read.all('notes').join('\n') || undefined,
    tags: tagsFrom(read.all('tags')),
    is_vip: yesOrNo(read.first('is_vip')),
    sms_consent: yesOrNo(read.first('sms_consent')),
  });
};

/** The same for POST /v1/vehicles, but for the owner, who stands there by other names. */
export const vehicleFrom = ({ of }: Columns, cells: readonly string[]): Record<string, unknown> => {
  const read = reader(of, cells);
  return given({
    year: wholeFrom(read.first('year')),
    make: read.first('make'),
    model: read.first('model'),
    trim: read.first('trim'),
    color: read.first('color'),
    vin: read.first('vin'),
    license_plate: read.first('license_plate'),
    mileage: wholeFrom(read.first('mileage')?.replace(/\s*(?:mi|miles)\.?$/i, '')),
    notes: read.all('notes').join('\n') || undefined,
  });
};

export type OwnerCells = { id?: string; email?: string; phone?: string };

export const ownerFrom = ({ of }: Columns, cells: readonly string[]): OwnerCells => {
  const { first } = reader(of, cells);
  return given({
    id: first('customer_id'),
    email: first('customer_email'),
    phone: first('customer_phone'),
  });
};

type Reader = {
  all: (field: string) => string[];
  first: (field: string) => string | undefined;
};

const reader = (of: Columns['of'], cells: readonly string[]): Reader => {
  const all = (field: string): string[] =>
    (of.get(field) ?? []).map((at) => cells[at]?.trim() ?? '').filter((text) => text !== '');
  return { all, first: (field) => all(field)[0] };
};

type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

const given = <Fields extends Record<string, unknown>>(fields: Fields): Given<Fields> =>
  // The entries that are left are those of Fields that are not undefined.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>;

/** As it stands on an envelope: street, city, state and ZIP code. */
const addressFrom = ({ all }: Reader): string | undefined => {
  const place = [...all('state'), ...all('zip')].join(' ');
  const parts = [...all('address'), ...all('city'), ...(place === '' ? [] : [place])];
  return parts.map((part) => part.replace(/[\s,]*[\r\n]+\s*/g, ', ')).join(', ') || undefined;
};

const tagsFrom = (cells: readonly string[]): string[] | undefined => {
  const tags = cells.flatMap((cell) => cell.split(/[,;|]/)).map((tag) => tag.trim());
  const distinct = new Map(tags.map((tag) => [tag.toLowerCase(), tag]));
  distinct.delete('');
  return distinct.size === 0 ? undefined : [...distinct.values()];
};

const YES = ['yes', 'y', 'true', 't', '1', 'x', '✓', 'vip', 'opted in', 'opt in', 'opt-in', 'subscribed'];
const NO = ['no', 'n', 'false', 'f', '0', 'opted out', 'opt out', 'opt-out', 'unsubscribed', 'never'];

/** What is neither is left as it stands, for the schema to refuse. */
const yesOrNo = (text: string | undefined): boolean | string | undefined => {
  if (text === undefined) return undefined;
  if (YES.includes(text.toLowerCase())) return true;
  return NO.includes(text.toLowerCase()) ? false : text;
};

/** 61,250 and the 2019.0 of a spreadsheet are whole numbers too; what is none is left for the schema to refuse. */
const wholeFrom = (text: string | undefined): number | string | undefined =>
  text !== undefined && /^(?:\d{1,9}|\d{1,3}(?:[, ]\d{3})+)(?:\.0+)?$/.test(text)
    ? Number(text.replace(/[, ]/g, ''))
    : text;

const MAX_ISSUES = 3;

/** At most three of the schema's complaints; valibot's own sentences repeat the input, so they are not told. */
export const complaint = (issues: readonly v.BaseIssue<unknown>[]): string =>
  issues
    .slice(0, MAX_ISSUES)
    .map((issue) => {
      const isOwn = issue.message.startsWith('Invalid ');
      return `${v.getDotPath(issue) ?? 'the line'} ${isOwn ? 'is required' : issue.message}`;
    })
    .join('; ');
