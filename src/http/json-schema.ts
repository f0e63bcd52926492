import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';

export type Named = Readonly<Record<string, v.GenericSchema>>;
export type Json = Record<string, unknown>;

/** Where the OpenAPI document keeps the schemas that have a name. */
export const refOf = (name: string): string => `#/components/schemas/${name}`;

/** The schema that a client must meet (the input's side), with references to the `named` ones inside it. */
export const jsonSchemaOf = (schema: v.GenericSchema, named: Named = {}): Json => {
  // The converter wants its schemas' own types; each of ours is one of them.
  const {
    $schema: _,
    $defs: __,
    ...rest
  } = toJsonSchema(schema as Convertible, configOf(namedWithin(schema, named)));
  return settled(rest, named) as Json;
};

/** A named schema in full: what it refers to is named too, but not itself. */
export const definitionOf = (name: string, named: Named): Json => {
  const { [name]: own, ...others } = named;
  if (own === undefined) throw new Error(`no schema named ${name}`);
  return jsonSchemaOf(own, others);
};

/** The converter makes each definition that it is told of anew with every schema: so it is told of what stands in it. */
const namedWithin = (schema: object, named: Named): Named => {
  const names = new Map<unknown, string>(Object.entries(named).map(([name, one]) => [one, name]));
  const found = new Set<string>();
  const look = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    const name = names.get(one);
    if (name === undefined) Object.values(one).forEach(look);
    else found.add(name);
  };
  look(schema);
  return Object.fromEntries(Object.entries(named).filter(([name]) => found.has(name)));
};

type Convertible = Parameters<typeof toJsonSchema>[0];

const configOf = (named: Named): ConversionConfig => ({
  target: 'draft-2020-12',
  typeMode: 'input',
  // What only code can check (a phone's number plan, a VIN's check digit) stands in the error's issues.
  errorMode: 'ignore',
  definitions: named as Record<string, Convertible>,
  overrideRef: ({ referenceId }) => refOf(referenceId),
});

/** The converter writes the metadata of `documented` beside what it found itself: there it takes its place. */
const settled = (value: unknown, named: Named): unknown => {
  if (Array.isArray(value)) return value.map((one) => settled(one, named));
  if (typeof value !== 'object' || value === null) return value;
  const { jsonSchema, itemSchema, ...rest } = value as Json;
  if (typeof jsonSchema !== 'object') {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, one]) => !isLimitOfNumbers(one))
        .map(([name, one]) => [name, settled(one, named)]),
    );
  }
  return {
    ...jsonSchema,
    ...(itemSchema === undefined ? {} : { items: jsonSchemaOf(itemSchema as v.GenericSchema, named) }),
    ...(rest.default === undefined ? {} : { default: typed(rest.default, (jsonSchema as Json).type) }),
  };
};

/** A safe integer's own limits say nothing to a client. */
const isLimitOfNumbers = (value: unknown): boolean =>
  value === Number.MAX_SAFE_INTEGER || value === Number.MIN_SAFE_INTEGER;

/** The default of a query parameter is the text that stands for it. */
const typed = (value: unknown, type: unknown): unknown => {
  if (type === 'integer') return Number(value);
  return type === 'boolean' ? value === 'true' : value;
};
