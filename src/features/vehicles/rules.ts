import { fail } from '../../errors.ts';
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
