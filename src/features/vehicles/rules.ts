import { fail, invalid } from '../../errors.ts';
import { hasValidCheckDigit, suggestVins } from '../../values/vin.ts';

/** Throws request.body_invalid with the VINs that were probably meant, unless somebody vouches for this one. */
export const assertVinChecks = (vin: string | null, isUnchecked: boolean): void => {
  if (vin === null || isUnchecked || hasValidCheckDigit(vin)) return;
  const message = 'has a wrong check digit. Correct it, or send vin_unchecked: true beside it';
  throw fail('request.body_invalid', `The request body is invalid: vin ${message}.`, {
    issues: [{ path: 'vin', message }],
    details: { suggestions: suggestVins(vin) },
  });
};

type Room = { least: number | null; most: number | null; correction: boolean };

/** Throws 422 for a reading below the one before it or above the one after it, unless it corrects them. */
export const assertReadingFits = (mileage: number, { least, most, correction }: Room): void => {
  if (correction) return;
  const remedy = 'Read it again, or send correction: true beside it';
  if (least !== null && mileage < least) {
    throw invalid('mileage', `is below the reading before it, ${least}. ${remedy}`);
  }
  if (most !== null && mileage > most) {
    throw invalid('mileage', `is above the reading after it, ${most}. ${remedy}`);
  }
};
