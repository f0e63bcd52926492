import { invalid } from '../../errors.ts';
import type { AREA_KINDS } from '../../shapes/service-area.ts';

export type AreaKind = (typeof AREA_KINDS)[number];
type Bounds = { kind: AreaKind; radius_km: number | null; postal_codes: readonly string[] };

/** Throws 422 for an area without the bounds of its kind, or with those of the other one. */
export const assertWhole = ({ kind, radius_km, postal_codes }: Bounds): void => {
  if (kind === 'radius') {
    if (radius_km === null) throw invalid('radius_km', 'is required for an area of the kind radius');
    if (postal_codes.length > 0)
      throw invalid('postal_codes', 'must be empty for an area of the kind radius');
    return;
  }
  if (radius_km !== null) throw invalid('radius_km', 'must be null for an area of the kind postal_codes');
  if (postal_codes.length === 0)
    throw invalid('postal_codes', 'must have a code for an area of the kind postal_codes');
};
