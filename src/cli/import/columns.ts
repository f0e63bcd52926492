import { nearest } from '../../values/nearest.ts';

export const KINDS = ['customers', 'vehicles'] as const;
export type Kind = (typeof KINDS)[number];
export const isKind = (text: string): text is Kind => KINDS.some((kind) => kind === text);

/** What `--map "Column=field"` says. */
export type Mapped = { column: string; field: string };

export type Columns = {
  kind: Kind;
  isGuessed: boolean;
  header: readonly string[];
  /** Field → the places of its columns, those that `--map` names first. */
  of: ReadonlyMap<string, readonly number[]>;
};

/** What people call the columns of their lists, without signs and case; the keys are our fields. */
const NAMES: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  customers: {
    name: 'name, full name, customer, customer name, client, client name, contact name, display name',
    first_name: 'first name, first, given name, forename, customer first name',
    last_name: 'last name, last, surname, family name, customer last name',
    email: 'email, email address, mail, primary email, email 1, customer email',
    phone:
      'mobile, mobile phone, mobile number, mobile no, cell, cell phone, cell number, phone, phone number, phone no, telephone, telephone number, tel, primary phone, main phone, home phone, work phone, phone 1, phone 2, customer phone',
    address:
      'address, street, street address, street 1, street 2, address 1, address 2, address line 1, address line 2, billing address, apt, unit, suite',
    city: 'city, town, billing city',
    state: 'state, province, billing state',
    zip: 'zip, zip code, zipcode, postal code, postcode, billing zip',
    notes: 'notes, note, comments, comment, remarks, memo',
    tags: 'tags, tag, labels, label',
    is_vip: 'vip, is vip, vip customer',
    sms_consent:
      'sms consent, sms, sms opt in, sms opted in, text consent, text opt in, text messages, sms marketing, accepts sms',
  },
  vehicles: {
    customer_id: 'customer id, owner id, client id',
    customer_email: 'email, email address, customer email, owner email, client email, contact email',
    customer_phone:
      'mobile, cell, cell phone, phone, phone number, customer phone, customer mobile, owner phone, owner mobile, owner cell, client phone, contact phone',
    year: 'year, model year, vehicle year, car year, yr',
    make: 'make, manufacturer, brand, vehicle make, car make',
    model: 'model, vehicle model, car model',
    trim: 'trim, trim level, submodel, sub model',
    color: 'color, colour, vehicle color, exterior color',
    vin: 'vin, vin number, vin no, vehicle identification number',
    license_plate:
      'plate, license, license plate, licence plate, license plate number, plate number, plate no, license number, license no, licence, registration',
    mileage: 'mileage, odometer, miles, odometer reading, current mileage, last mileage',
    notes: 'notes, note, comments, comment, remarks, memo, vehicle notes',
  },
};

export const fieldsOf = (kind: Kind): string[] => Object.keys(NAMES[kind]);

/** Several columns of one of these are put together; of every other field the first that is filled in counts. */
const JOINED = ['address', 'notes', 'tags'];
const ADDRESS_PARTS = ['address', 'city', 'state', 'zip'];
const SIGNS_OF_A_VEHICLE = ['year', 'make', 'model', 'vin', 'license_plate', 'mileage'];
const IGNORE = 'ignore';

/** The columns and what they mean; a text is the sentence about what is wrong. */
export const readColumns = (
  header: readonly string[],
  { as, maps }: { as: Kind | undefined; maps: readonly Mapped[] },
): Columns | string => {
  const kind = as ?? guessKind(header, maps);
  if (kind === undefined) {
    return `The columns tell neither customers nor vehicles: ${shownHeader(header)}. Say which with --as, and what they mean with --map "Column=field".`;
  }
  const wrong = maps.flatMap((map) => faultOf(map, kind, header))[0];
  if (wrong !== undefined) return wrong;
  const columns = { kind, isGuessed: as === undefined, header, of: columnsOf(header, kind, maps) };
  return lackOf(columns) ?? columns;
};

const guessKind = (header: readonly string[], maps: readonly Mapped[]): Kind | undefined => {
  const vehicle = columnsOf(header, 'vehicles', maps);
  if (vehicle.has('vin') || SIGNS_OF_A_VEHICLE.filter((field) => vehicle.has(field)).length > 1) {
    return 'vehicles';
  }
  return columnsOf(header, 'customers', maps).size > 0 ? 'customers' : undefined;
};

const columnsOf = (header: readonly string[], kind: Kind, maps: readonly Mapped[]): Map<string, number[]> => {
  const found = new Map<string, number[]>();
  const said = header.map((name) => maps.findLast(({ column }) => plain(column) === plain(name))?.field);
  for (const field of fieldsOf(kind)) {
    const mapped = placesWhere(header, (_, at) => said[at] === field);
    const names = (NAMES[kind][field] ?? '').split(', ').map(plain);
    const guessed = placesWhere(header, (name, at) => said[at] === undefined && names.includes(plain(name)));
    const places = mapped.length > 0 && !JOINED.includes(field) ? mapped : [...mapped, ...guessed];
    if (places.length > 0) found.set(field, places);
  }
  return found;
};

const placesWhere = (header: readonly string[], wanted: (name: string, at: number) => boolean): number[] =>
  header.flatMap((name, at) => (wanted(name, at) ? [at] : []));

const plain = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

const faultOf = ({ column, field }: Mapped, kind: Kind, header: readonly string[]): string[] => {
  if (!header.some((name) => plain(name) === plain(column))) {
    return [`The file has no column ${column}: its columns are ${shownHeader(header)}.`];
  }
  const fields = [...fieldsOf(kind), IGNORE];
  if (fields.includes(field)) return [];
  const meant = nearest(field, fields);
  return [
    `--map knows no field ${field} of ${kind}${meant === undefined ? '' : ` (was ${meant} meant?)`}: the fields are ${fields.join(', ')}.`,
  ];
};

const MAX_SHOWN = 30;
const shownHeader = (header: readonly string[]): string =>
  [...header.slice(0, MAX_SHOWN), ...(header.length > MAX_SHOWN ? ['…'] : [])].join(', ');

/** Without these no line could be added at all. */
const NEEDED: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  customers: [
    ['name', 'first_name', 'last_name'],
    ['email', 'phone'],
  ],
  vehicles: [['year'], ['make'], ['model'], ['customer_id', 'customer_email', 'customer_phone']],
};

const lackOf = ({ kind, header, of }: Columns): string | undefined => {
  const lacking = NEEDED[kind].find((fields) => !fields.some((field) => of.has(field)));
  if (lacking === undefined) return undefined;
  return `No column gives the ${lacking.join(' or ')} of the ${kind}. The columns are ${shownHeader(header)}; say which one it is with --map "Column=${lacking[0]}".`;
};

/** One line for each field, and one for the columns that nothing is read from. */
export const shownColumns = (columns: Columns): string[] => {
  const address = ADDRESS_PARTS.flatMap((field) => columns.of.get(field) ?? []);
  const lines = [...columns.of].flatMap(([field, places]): [string, string][] => {
    if (columns.kind === 'vehicles' || !ADDRESS_PARTS.includes(field)) {
      return [[namesAt(columns, places), `${field}${manyOf(field, places)}`]];
    }
    const isFirst = ADDRESS_PARTS.find((part) => columns.of.has(part)) === field;
    return isFirst ? [[namesAt(columns, address), `address${manyOf('address', address)}`]] : [];
  });
  const width = Math.max(...lines.map(([names]) => names.length));
  const used = new Set([...columns.of.values()].flat());
  const ignored = placesWhere(columns.header, (_, at) => !used.has(at));
  return [
    ...lines.map(([names, field]) => `  ${names.padEnd(width)}  ->  ${field}`),
    `  ignored: ${ignored.length === 0 ? 'none' : namesAt(columns, ignored)}`,
  ];
};

const namesAt = ({ header }: Columns, places: readonly number[]): string =>
  places.map((at) => header[at] || `(column ${at + 1} without a name)`).join(', ');

const manyOf = (field: string, places: readonly number[]): string => {
  if (places.length < 2) return '';
  return JOINED.includes(field) ? ' (put together)' : ' (the first that is filled in)';
};
