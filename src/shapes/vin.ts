import * as v from 'valibot';
import { count, flag, maybe, text, texts } from './parts.ts';

export const Vin = v.strictObject({
  vin: v.pipe(text(), v.description('As it was read: upper case, without spaces and dashes')),
  is_valid: v.pipe(flag(), v.description('Its form and its check digit are right')),
  has_valid_form: flag(),
  /** Null where the form is wrong. */
  check_digit: maybe(v.strictObject({ given: text(), expected: text() })),
  model_year: maybe(count()),
  maker: maybe(text()),
  suggestions: v.pipe(texts(), v.description('What was probably meant, the likeliest first')),
});
