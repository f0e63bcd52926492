import * as v from 'valibot';

/** What JSON Schema says of a form that valibot checks by code; `itemSchema` is behind a list written in one text. */
export type Documented = {
  jsonSchema: Readonly<Record<string, unknown>>;
  itemSchema?: v.GenericSchema;
};

/** For the OpenAPI document: stands in a schema's pipe and checks nothing. */
export const documented = <Input>(jsonSchema: Documented['jsonSchema'], itemSchema?: v.GenericSchema) =>
  v.metadata<Input, Documented>({ jsonSchema, ...(itemSchema === undefined ? {} : { itemSchema }) });
