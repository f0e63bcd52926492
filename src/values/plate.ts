import * as v from 'valibot';
import { documented } from './documented.ts';

/** A licence plate as it is compared: upper case, single spaces, composed letters (NFC) of any alphabet. */
export const plate = () =>
  v.pipe(
    v.string(NOT_A_PLATE),
    documented({ type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9 -]{0,11}$', examples: ['8ABC123'] }),
    v.maxLength(MAX_INPUT_LENGTH, NOT_A_PLATE),
    v.transform((text) => text.normalize('NFC').toUpperCase().replace(/ +/g, ' ').trim()),
    v.regex(FORM, NOT_A_PLATE),
  );

const MAX_INPUT_LENGTH = 60;
const NOT_A_PLATE = 'must be 1 to 12 letters, digits, spaces and dashes, with at least one letter or digit';
const FORM = /^(?=.*[\p{L}\p{Nd}])[\p{L}\p{Nd} -]{1,12}$/u;
