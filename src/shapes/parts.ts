import * as v from 'valibot';

/** The forms that fields have in answers: what the API shows is written by SQL, so nothing is transformed here. */
export const id = () => v.pipe(v.string(), v.uuid());
export const text = () => v.string();
export const instant = () => v.pipe(v.string(), v.isoTimestamp());
export const flag = () => v.boolean();
export const count = () => v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Cents of the shop's currency; a balance may be negative. */
export const cents = () => v.pipe(v.number(), v.safeInteger());
export const degrees = () => v.number();
export const texts = () => v.array(v.string());
export const maybe = <Schema extends v.GenericSchema>(schema: Schema) => v.nullable(schema);

/** Who wrote it; null when that was nobody of the staff. */
export const author = () => maybe(v.strictObject({ id: id(), name: text() }));

/** What every mutable resource ends with. */
export const edited = () => ({
  created_at: instant(),
  updated_at: instant(),
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

export const listOf = <Schema extends v.GenericSchema>(item: Schema) =>
  v.strictObject({ items: v.array(item), next_cursor: maybe(text()) });
