/** How PostgreSQL's types are read and written: `parse` text from the server, `serialize` to text for it. */
type Type = {
  to: number;
  from: number[];
  parse: ((text: string) => unknown) | undefined;
  serialize: (value: unknown) => unknown;
};

const asGiven = (value: unknown): unknown => value;
const asJson = (value: unknown): unknown => (typeof value === 'string' ? value : JSON.stringify(value));

/** "2026-11-24 04:22:00.123+00", as a session in UTC says it, in the form of the API: "2026-11-24T04:22:00.123Z". */
const instant = (text: string): string =>
  text.endsWith('+00') ? `${text.slice(0, 10)}T${text.slice(11, -3)}Z` : text;

const bigint = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError('A bigint of the database does not fit into a number.');
  return value;
};

const WORDS_THAT_MEAN_NULL = 'NULL';

/** Reads a one-dimensional array: `{a,"b,c",NULL}`. */
const list =
  <Element>(element: (text: string) => Element) =>
  (text: string): (Element | null)[] => {
    const elements: (Element | null)[] = [];
    const inside = text.slice(text.indexOf('{') + 1, -1);
    for (const [, quoted, bare] of inside.matchAll(/(?:"((?:[^"\\]|\\.)*)"|([^,]+))(?:,|$)/gs)) {
      if (quoted !== undefined) elements.push(element(quoted.replace(/\\(.)/gs, '$1')));
      else elements.push(bare === WORDS_THAT_MEAN_NULL ? null : element(bare ?? ''));
    }
    return elements;
  };

const arrayText = (value: unknown): unknown =>
  Array.isArray(value)
    ? `{${value.map((element) => (element === null ? 'NULL' : quoted(element))).join(',')}}`
    : value;

const quoted = (element: unknown): string => `"${String(element).replace(/["\\]/g, '\\$&')}"`;

const text = (value: string): string => value;
const OID = { int8: 20, json: 114, jsonb: 3802, date: 1082, timestamp: 1114, timestamptz: 1184 };
const TEXT_ARRAYS = { text: 1009, name: 1003, varchar: 1015, uuid: 2951, date: 1182, numeric: 1231 };
const NUMBER_ARRAYS = { int4: 1007, int2: 1005, float8: 1022 };

/** Overrides the driver's own: never a Date, no microsecond lost, JSON of `json` columns untouched. */
export const TYPES = {
  int8: { to: OID.int8, from: [OID.int8], parse: bigint, serialize: String },
  day: { to: OID.date, from: [OID.date, OID.timestamp], parse: undefined, serialize: asGiven },
  date: { to: OID.timestamptz, from: [OID.timestamptz], parse: instant, serialize: asGiven },
  json: { to: OID.json, from: [OID.json], parse: undefined, serialize: asJson },
  jsonb: { to: OID.jsonb, from: [OID.jsonb], parse: JSON.parse, serialize: asJson },
  textArray: {
    to: TEXT_ARRAYS.text,
    from: Object.values(TEXT_ARRAYS),
    parse: list(text),
    serialize: arrayText,
  },
  instantArray: { to: 1185, from: [1185], parse: list(instant), serialize: arrayText },
  numberArray: {
    to: NUMBER_ARRAYS.int4,
    from: Object.values(NUMBER_ARRAYS),
    parse: list(Number),
    serialize: arrayText,
  },
  int8Array: { to: 1016, from: [1016], parse: list(bigint), serialize: arrayText },
} satisfies Record<string, Type>;

export const JSONB = OID.jsonb;
