import { fail } from '../../errors.ts';
import { MAKERS } from '../../values/makers.ts';
import { checkDigitOf, hasValidCheckDigit, readVin, suggestVins, vinCharacters } from '../../values/vin.ts';

// 49 CFR 565.15(d)(1): thirty years, then they begin anew; I, O, Q, U, Z and 0 stand for none.
const YEAR_CODES = 'ABCDEFGHJKLMNPRSTVWXY123456789';
const FIRST_YEAR = 1980;
const YEAR_POSITION = 9;
const CYCLE_POSITION = 6;
// With a space or a dash here and there, as people write it; I, O and Q are misread, but may be meant.
const WRITTEN = /^[a-z\d](?:[ -]?[a-z\d]){16}$/i;

/** Everything that a VIN tells by itself. Throws vin.not_found for what nobody can have meant for one. `thisYear` bounds its model year: a car of next year may be sold already. */
export const describeVin = (text: string, thisYear: number) => {
  if (!WRITTEN.test(text)) {
    throw fail('vin.not_found', 'A VIN has 17 letters and digits. Check what was typed.');
  }
  const vin = readVin(text);
  if (vin === undefined) {
    return {
      ...{ vin: vinCharacters(text), is_valid: false, has_valid_form: false },
      ...{ check_digit: null, model_year: null, maker: null, suggestions: suggestVins(text) },
    };
  }
  return {
    vin,
    is_valid: hasValidCheckDigit(vin),
    has_valid_form: true,
    check_digit: { given: vin.charAt(8), expected: checkDigitOf(vin) },
    model_year: modelYearOf(vin, thisYear + 1),
    maker: MAKERS.get(vin.slice(0, 3)) ?? null,
    suggestions: suggestVins(vin),
  };
};

/** 49 CFR 565.15(b): a letter in the seventh place says that the year is of the second cycle, from 2010 on. */
export const modelYearOf = (vin: string, latest: number): number | null => {
  const at = YEAR_CODES.indexOf(vin.charAt(YEAR_POSITION));
  if (at === -1) return null;
  const isSecondCycle = /[A-Z]/.test(vin.charAt(CYCLE_POSITION));
  const year = FIRST_YEAR + at + (isSecondCycle ? YEAR_CODES.length : 0);
  return year > latest ? year - YEAR_CODES.length : year;
};
