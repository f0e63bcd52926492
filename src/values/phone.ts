// The small metadata on purpose: the large one lists area codes, so it refuses those opened after its release.
import {
  type CountryCode,
  getExampleNumber,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';
import examples from 'libphonenumber-js/mobile/examples';
import * as v from 'valibot';
import { documented } from './documented.ts';

/** A country that numbers without a country code are read in: US, GB … */
export type Region = CountryCode;

/** A phone number in any usual form, valid in `region` or with its country code; comes out as E.164. */
export const phone = (region: Region) => {
  const message = notAPhone(region);
  return v.pipe(
    v.string(message),
    documented({ type: 'string', maxLength: MAX_LENGTH, examples: ['(213) 555-0142', '+12135550142'] }),
    v.maxLength(MAX_LENGTH, message),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const number = readPhone(dataset.value, region);
      if (number !== undefined) return number;
      addIssue({ message });
      return NEVER;
    }),
  );
};

/** The number as E.164, undefined when it is none; an extension cannot be kept, so it is refused. */
export const readPhone = (text: string, region: Region): string | undefined => {
  const plain = text.replace(DIRECTION_MARKS, '').trim();
  const number = parsePhoneNumberFromString(plain, { defaultCountry: region, extract: false });
  return number?.isValid() && number.ext === undefined ? number.number : undefined;
};

export const isRegion = (text: string): text is Region => isSupportedCountry(text);

export const region = () => v.pipe(v.string(NOT_A_REGION), v.toUpperCase(), v.guard(isRegion, NOT_A_REGION));

const MAX_LENGTH = 40;
const NOT_A_REGION = 'must be the two letters of a country, for example US';

// Phones put these around a number that is copied from their address book.
const DIRECTION_MARKS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const notAPhone = (region: Region): string => {
  const example = getExampleNumber(region, examples);
  const form = example ? `, for example ${example.formatNational()} or ${example.number}` : '';
  return `must be a phone number valid in ${region} or with its country code${form}`;
};
