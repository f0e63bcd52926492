import * as v from 'valibot';
import { cents, degrees, edited, flag, id, maybe, text, texts } from './parts.ts';

export const AREA_KINDS = ['radius', 'postal_codes'] as const;

export const ServiceArea = v.strictObject({
  id: id(),
  name: text(),
  kind: v.picklist(AREA_KINDS),
  lat: degrees(),
  lng: degrees(),
  /** Null, but for an area of the kind radius. */
  radius_km: maybe(v.number()),
  postal_codes: texts(),
  trip_fee_cents: cents(),
  is_active: flag(),
  ...edited(),
});
