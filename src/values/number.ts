import * as v from 'valibot';
import { documented } from './documented.ts';

export const whole = (min: number, max: number) => {
  const message = rangeMessage(min, max);
  return v.config(
    v.pipe(
      v.number(message),
      v.safeInteger(message),
      v.check((number) => !Object.is(number, -0), message),
      v.minValue(min, message),
      v.maxValue(max, message),
    ),
    ONE_ISSUE,
  );
};

/** A whole number in a query string or environment variable, in plain decimal digits only. */
export const wholeText = (min: number, max: number) => {
  const message = rangeMessage(min, max);
  return v.pipe(
    v.string(message),
    documented({ type: 'integer', minimum: min, maximum: max }),
    v.regex(PLAIN_DECIMAL, message),
    v.transform(Number),
    whole(min, max),
  );
};

/** A yes or no in a query string. */
export const flag = () =>
  v.pipe(
    v.picklist(['true', 'false'], 'must be true or false'),
    documented({ type: 'boolean' }),
    v.transform((text) => text === 'true'),
  );

/** Several values in one query parameter: `status=ready,completed`; a value that is given twice counts once. */
export const commaList = <Item extends v.GenericSchema<string, string | number>>(item: Item, max: number) =>
  v.config(
    v.pipe(
      v.string('must be a list of values with commas between them'),
      documented({ type: 'array', minItems: 1, maxItems: max }, item),
      v.transform((text) => text.split(',')),
      v.check((texts) => !texts.includes(''), 'must not contain an empty value'),
      v.maxLength(max, `must be at most ${max} values`),
      v.array(item),
      v.transform((items) => [...new Set(items)]),
    ),
    ONE_ISSUE,
  );

const PLAIN_DECIMAL = /^(?:0|-?[1-9]\d{0,15})$/;
const ONE_ISSUE = { abortPipeEarly: true } as const;

const rangeMessage = (min: number, max: number): string => `must be a whole number from ${min} to ${max}`;
