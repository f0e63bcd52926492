import * as v from 'valibot';

/** What a schema makes of an input: its output, or `refused` with the messages. */
export const read = (schema: v.GenericSchema, input: unknown): unknown => {
  const result = v.safeParse(schema, input);
  return result.success ? result.output : { refused: result.issues.map((issue) => issue.message) };
};

export const accepts = (schema: v.GenericSchema, input: unknown): boolean =>
  v.safeParse(schema, input).success;
