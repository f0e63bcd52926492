import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { AREA_KINDS } from '../../shapes/service-area.ts';
import { documented } from '../../values/documented.ts';
import { cents } from '../../values/money.ts';
import { flag } from '../../values/number.ts';
import { latitude, longitude } from '../../values/place.ts';
import { line } from '../../values/text.ts';
import type { AreaKind } from './rules.ts';

const MAX_RADIUS_KM = 1_000;
const MAX_CODES = 500;
const NOT_A_RADIUS = `must be kilometres above 0 and up to ${MAX_RADIUS_KM}`;
const NOT_A_CODE =
  'must be 2 to 12 letters, digits, spaces or dashes, the first and the last a letter or a digit';
const CODE = '^[A-Za-z0-9][A-Za-z0-9 -]{0,10}[A-Za-z0-9]$';

const radius = v.pipe(
  v.number(NOT_A_RADIUS),
  v.gtValue(0, NOT_A_RADIUS),
  v.maxValue(MAX_RADIUS_KM, NOT_A_RADIUS),
);

const code = v.config(
  v.pipe(
    v.string(NOT_A_CODE),
    documented({ type: 'string', pattern: CODE, examples: ['90012', 'SW1A 1AA'] }),
    v.trim(),
    v.regex(new RegExp(CODE), NOT_A_CODE),
    v.toUpperCase(),
  ),
  { abortPipeEarly: true },
);

/** A code that is given twice counts once. */
const codes = v.pipe(
  v.array(code, 'must be a list of postal codes'),
  v.maxLength(MAX_CODES, `must be at most ${MAX_CODES} codes`),
  v.transform((all) => [...new Set(all)]),
);

const kind = v.picklist(AREA_KINDS, `must be one of ${AREA_KINDS.join(', ')}`);

const optionalFields = {
  radius_km: v.exactOptional(v.nullable(radius)),
  postal_codes: v.exactOptional(codes),
  trip_fee_cents: v.exactOptional(cents()),
  is_active: v.exactOptional(v.boolean('must be true or false')),
};

export const NewArea = v.strictObject({
  name: line(100),
  kind,
  lat: latitude(),
  lng: longitude(),
  ...optionalFields,
});

export const AreaPatch = v.strictObject({
  name: v.exactOptional(line(100)),
  kind: v.exactOptional(kind),
  lat: v.exactOptional(latitude()),
  lng: v.exactOptional(longitude()),
  ...optionalFields,
});

export const AreaList = v.strictObject({ ...pageParameters(['name']), is_active: v.optional(flag()) });

export type NewArea = v.InferOutput<typeof NewArea>;
export type AreaPatch = v.InferOutput<typeof AreaPatch>;
export type AreaList = v.InferOutput<typeof AreaList>;

/** What a service area consists of, beside id, version and times. The point stands for addresses without coordinates. */
export type AreaFields = {
  name: string;
  kind: AreaKind;
  lat: number;
  lng: number;
  radius_km: number | null;
  postal_codes: string[];
  trip_fee_cents: number;
  is_active: boolean;
};
