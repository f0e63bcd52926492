import fc from 'fast-check';
import { type Document, resolved } from '../helpers/openapi.ts';

/** Ids of things that exist, by the noun of their kind. */
export type Ids = Readonly<Record<string, readonly string[]>>;
type Value = fc.Arbitrary<unknown>;

const NOUNS: Readonly<Record<string, string>> = { actor: 'staff', entity: 'customer' };
const MAX_LENGTH = 400;

const ODD_TEXTS = [
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff!',
    '\u200b',
    '\u202eabc',
    '\ufeff',
    '\ufffe',
    'ﷺ',
    '𝕏',
    '👩‍🔧',
  ],
  ...[
    "' or 1=1 --",
    '%',
    '_',
    '\\',
    '"',
    '{}',
    '[]',
    'null',
    'undefined',
    'NaN',
    '1e400',
    '-0',
    '0x10',
    '१२३',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '../..',
    '<script>',
    'İ',
    'ß',
    'ſ',
    'true',
    'a,b,,c',
    ',',
    '\n',
    '\t',
  ],
  ...[
    'x'.repeat(301),
    'x'.repeat(5_001),
    'é'.repeat(10_001),
    '9'.repeat(40),
    '-'.repeat(100),
    '(('.repeat(50),
  ],
  ...[
    '2026-02-30',
    '0000-00-00T00:00:00Z',
    '9999-12-31T23:59:60Z',
    '2026-01-01T00:00:00+24:00',
    'infinity',
    'now',
  ],
  ...[
    '2199-12-31T23:59:59.999-23:59',
    '1970-01-01T00:00:00+14:00',
    '2026-03-08T02:30:00-08:00',
    '2026-01-01t00:00:00z',
  ],
];
const ODD_NUMBERS = [
  ...[
    0,
    -0,
    -1,
    1,
    0.5,
    1e-7,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 53 - 1,
    2 ** 53,
    1e21,
    1e308,
    -1e308,
  ],
  ...[1e9, 1e9 + 1, 90, 90.000001, -180, 180.1, 2880, 2881, 1_000, 1_001],
];

export const wildText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 20 }),
);

export const wildValue: Value = fc.oneof(
  wildText,
  fc.constantFrom<unknown>(...ODD_NUMBERS, null, true, false, [], {}, [null], [[]], { id: null }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Of the kind mostly; else of another kind, of nothing, or no id at all. */
export const anId = (ids: Ids, noun: string): fc.Arbitrary<string> => {
  const every = Object.values(ids).flat();
  const own = ids[noun] ?? every;
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...own) },
    { weight: 1, arbitrary: fc.constantFrom(...every) },
    { weight: 1, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: fc.constantFrom(...own).map((id) => id.toUpperCase()) },
  );
};

/** Values that a schema allows; what only code can check may still refuse them. */
export const fromSchema = (document: Document, ids: Ids, schema: Document, name = ''): Value => {
  const inner = (one: Document, its = name): Value => fromSchema(document, ids, one, its);
  if (schema.$ref !== undefined) return inner(resolved(document, schema));
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined && schema.type === undefined) {
    return fc.oneof(...schema.anyOf.map((one: Document) => inner(one)));
  }
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer': {
      const { minimum: min = -1_000, maximum: max = 1_000_000 } = schema;
      const small = fc.integer({ min, max: Math.min(max, min + 100) });
      return fc.oneof(small, fc.integer({ min, max }), fc.constantFrom(min, max));
    }
    case 'number': {
      const { minimum: min = -1e6, maximum: max = 1e6 } = schema;
      return fc.double({ min, max, noNaN: true });
    }
    case 'array':
      return fc.array(inner(schema.items, name.replace(/s$/, '')), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? 4, 4)),
      });
    case 'object': {
      const entries = Object.entries<Document>(schema.properties ?? {});
      const model = Object.fromEntries(entries.map(([its, one]) => [its, inner(one, its)]));
      return aRecord(model, schema.required ?? []);
    }
    default:
      return textFor(ids, schema, name);
  }
};

/** Its required fields alone, with one more, or with any: the fewer there are, the fewer can be wrong together. */
const aRecord = (model: Record<string, Value>, required: readonly string[]): Value => {
  const optional = Object.keys(model).filter((name) => !required.includes(name));
  const slim = Object.fromEntries(Object.entries(model).filter(([name]) => required.includes(name)));
  const any = fc.record(model, { requiredKeys: [...required] });
  if (optional.length === 0) return any;
  const oneMore = fc
    .constantFrom(...optional)
    .chain((name) => fc.record({ ...slim, [name]: model[name] ?? fc.constant(null) }));
  return fc.oneof(fc.record(slim), oneMore, oneMore, any);
};

const textFor = (ids: Ids, schema: Document, name: string): fc.Arbitrary<string> => {
  const { format, pattern, examples, minLength = 0, maxLength = MAX_LENGTH } = schema;
  const noun = name.replace(/_?id$/i, '');
  if (format === 'uuid') return anId(ids, NOUNS[noun] ?? noun);
  const max = Math.min(maxLength, MAX_LENGTH);
  const own = fc.oneof(fc.string({ minLength, maxLength: max }), fc.string({ minLength, maxLength: 12 }));
  if (name === 'password')
    return fc.oneof(own, fc.constantFrom('seven wet dogs on a bench', 'x'.repeat(257)));
  const matching = pattern === undefined ? [] : [fc.stringMatching(new RegExp(pattern), { maxLength: max })];
  const given = examples === undefined ? [] : [fc.constantFrom<string>(...examples)];
  if (format === 'date-time') return fc.oneof(anInstant, ...given);
  if (format === 'email') return fc.oneof(fc.emailAddress(), ...given);
  if (matching.length + given.length > 0) return fc.oneof(...matching, ...given);
  return own;
};

/** Mostly in the years in which the shop books, so that jobs meet each other. */
const anInstant: fc.Arbitrary<string> = fc.oneof(
  fc
    .integer({ min: 0, max: 24 * 14 })
    .map((hours) => new Date(Date.UTC(2101, 2, 1) + hours * 3_600_000).toISOString()),
  fc
    .date({ min: new Date('1970-01-02'), max: new Date('2199-12-30'), noInvalidDate: true })
    .map((date) => date.toISOString()),
);

/** The value with one thing wrong at one place of it. */
export const nearly = (value: Value): Value =>
  fc
    .tuple(value, fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }), fc.nat(3), wildValue, wildText)
    .map(([whole, path, how, other, name]) => spoilt(whole, path, { how, other, name }));

type Spoil = { how: number; other: unknown; name: string };

const spoilt = (value: unknown, [step = 0, ...rest]: readonly number[], spoil: Spoil): unknown => {
  if (typeof value !== 'object' || value === null) return spoil.other;
  const entries = Object.entries(value);
  const at = entries.length === 0 ? 0 : step % entries.length;
  const changed = entries.flatMap(([name, one], index): [string, unknown][] => {
    if (index !== at) return [[name, one]];
    if (rest.length > 0 && typeof one === 'object' && one !== null) return [[name, spoilt(one, rest, spoil)]];
    return spoil.how === 0 ? [] : [[name, spoil.how === 1 ? one : spoil.other]];
  });
  if (Array.isArray(value)) return changed.map(([, one]) => one);
  if (spoil.how === 1) changed.push([spoil.name, spoil.other]);
  return Object.fromEntries(changed);
};
