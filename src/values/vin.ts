import * as v from 'valibot';
import { documented } from './documented.ts';

/** The form of a VIN only; its check digit is the shop's to judge, for not every country sets one. */
export const vin = () =>
  v.pipe(
    v.string(NOT_A_VIN),
    documented({
      type: 'string',
      pattern: '^[A-HJ-NPR-Za-hj-npr-z0-9]{17}$',
      examples: ['1HGCM82633A004352'],
    }),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const read = readVin(dataset.value);
      if (read !== undefined) return read;
      addIssue({ message: NOT_A_VIN });
      return NEVER;
    }),
  );

/** Upper case, without the spaces and dashes that people write; undefined when it is not 17 of the VIN's characters. */
export const readVin = (text: string): string | undefined => {
  const plain = withoutSeparators(text);
  // Tested before upper-casing: ß would become SS, ſ would become S.
  return FORM.test(plain) ? plain.toUpperCase() : undefined;
};

/** As people write it, but in upper case and without its separators; it may be no VIN at all. */
export const vinCharacters = (text: string): string => withoutSeparators(text).toUpperCase();

export const hasValidCheckDigit = (vin: string): boolean => vin[CHECK_POSITION] === checkDigitOf(vin);

/** 49 CFR 565.15(c): weighted sum of the transliterated characters modulo 11, ten is X. */
export const checkDigitOf = (vin: string): string => {
  const sum = WEIGHTS.reduce(
    (total, weight, position) => total + weight * transliterate(vin.charAt(position)),
    0,
  );
  const remainder = sum % 11;
  return remainder === 10 ? 'X' : String(remainder);
};

/** What was probably meant: at most five VINs with a right check digit, the likeliest first; none for a right VIN. */
export const suggestVins = (text: string): string[] => {
  const given = vinCharacters(text);
  const read = readVin(given.replace(/[OQ]/g, '0').replace(/I/g, '1'));
  if (read === undefined) return [];
  if (hasValidCheckDigit(read)) return read === given ? [] : [read];
  const misread = MISREADS.flatMap(([seen, meant]) => replaceOnce(read, seen, meant));
  return misread.filter(hasValidCheckDigit).slice(0, MAX_SUGGESTIONS);
};

const NOT_A_VIN = 'must be 17 letters and digits, without I, O and Q';
const FORM = /^[A-HJ-NPR-Z\d]{17}$/i;
const CHECK_POSITION = 8;
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
const MAX_SUGGESTIONS = 5;

/** The letters whose value is their place in the row; the empty places belong to letters that no VIN has. */
const VALUE_ROWS = ['_ABCDEFGH', '_JKLMN_P_R', '__STUVWXYZ'];

// Pairs that look alike, the likeliest first; the order decides which suggestions are kept.
const LOOK_ALIKES = '0D 8B 5S 2Z 6G 1L 1T 17 UV VY MN CG EF PR 38 56 4A'.split(' ');
const MISREADS = LOOK_ALIKES.flatMap((pair) => [
  [pair.charAt(0), pair.charAt(1)] as const,
  [pair.charAt(1), pair.charAt(0)] as const,
]);

const withoutSeparators = (text: string): string => text.replace(/[ -]/g, '');

const transliterate = (character: string): number => {
  if (character >= '0' && character <= '9') return Number(character);
  return Math.max(...VALUE_ROWS.map((row) => row.indexOf(character)));
};

const replaceOnce = (vin: string, seen: string, meant: string): string[] =>
  [...vin].flatMap((character, position) =>
    character === seen ? [vin.slice(0, position) + meant + vin.slice(position + 1)] : [],
  );
