import * as v from 'valibot';
import { documented } from './documented.ts';
import { line } from './text.ts';

export type Place = { address: string | null; lat: number | null; lng: number | null };
export type Point = { lat: number; lng: number };

/** Where a job is done: an address, a point, or both; what is left out comes out as null. */
export const place = () =>
  v.pipe(
    v.strictObject({
      address: v.nullish(line(MAX_ADDRESS_LENGTH), null),
      lat: v.nullish(latitude(), null),
      lng: v.nullish(longitude(), null),
    }),
    v.check(hasWholePoint, 'must have lat and lng together'),
    v.check(isSomewhere, 'must have an address, or lat and lng'),
  );

export const point = () => v.strictObject({ lat: latitude(), lng: longitude() });

export const latitude = () => degrees(90);

export const longitude = () => degrees(180);

/** Degrees in a query string. */
export const latitudeText = () => degreesText(90);

export const longitudeText = () => degreesText(180);

const MAX_ADDRESS_LENGTH = 300;

const degrees = (limit: number) => {
  const message = `must be degrees from -${limit} to ${limit}`;
  return v.pipe(
    v.number(message),
    v.minValue(-limit, message),
    v.maxValue(limit, message),
    // -0 is the equator too, and is stored as 0.
    v.transform((number) => number + 0),
  );
};

const degreesText = (limit: number) => {
  const message = `must be degrees from -${limit} to ${limit}`;
  return v.pipe(
    v.string(message),
    documented({ type: 'number', minimum: -limit, maximum: limit }),
    v.regex(/^-?\d{1,3}(?:\.\d{1,15})?$/, message),
    v.transform(Number),
    degrees(limit),
  );
};

const hasWholePoint = (place: Place): boolean => (place.lat === null) === (place.lng === null);

const isSomewhere = (place: Place): boolean =>
  place.address !== null || place.lat !== null || place.lng !== null;
