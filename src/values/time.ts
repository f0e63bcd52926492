import * as v from 'valibot';
import { documented } from './documented.ts';

// An instant is a text in ONE form: UTC, "2026-01-01T18:00:00Z", a fraction without trailing zeros only when there is
// one, which is PostgreSQL's own form of a timestamptz. Never compare two by < : "…00.5Z" sorts before "…00Z".

/** RFC 3339 with an offset in, the one form out; a fraction finer than a millisecond is cut off. */
export const instant = () => readBy(readInstant, NOT_AN_INSTANT, AN_INSTANT);

/** A day without a zone: "2026-01-31". */
export const calendarDate = () => readBy(readDate, NOT_A_DATE, { type: 'string', format: 'date' });

/** For `from` and `to` in query strings: an instant, or a date that stands for its start in `zone`. */
export const instantOrDate = (zone: string) =>
  readBy((text) => readInstantOrDate(text, zone), NOT_AN_INSTANT_OR_DATE, AN_INSTANT_OR_DATE);

/** The first instant of a day; where the clocks skip midnight that is the first one that exists. */
export const startOfDay = (date: string, zone: string): string =>
  Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: zone }).toInstant().toString();

/** As a clock in `zone` shows it, to the second and with its offset: "2026-01-01T10:00:00-08:00". */
export const inZone = (instant: string, zone: string): string =>
  Temporal.Instant.from(instant)
    .toZonedDateTimeISO(zone)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' });

/** The day that a calendar in `zone` shows, for people: "Jan 31, 2026". */
export const dayInWords = (instant: string, zone: string): string =>
  Temporal.Instant.from(instant)
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toLocaleString('en-US', { dateStyle: 'medium' });

/** Whole minutes, backwards when negative. */
export const addMinutes = (instant: string, minutes: number): string =>
  Temporal.Instant.from(instant).add({ minutes }).toString();

/** Minutes with their fraction, negative when `to` is the earlier one. */
export const minutesBetween = (from: string, to: string): number =>
  (Date.parse(to) - Date.parse(from)) / 60_000;

export const isBefore = (one: string, other: string): boolean => Date.parse(one) < Date.parse(other);

/** An IANA zone; a bare offset is none, for PostgreSQL reads its sign the other way round. */
export const isZone = (name: string): boolean => readZone(name) !== undefined;

/** An IANA zone in any case, out in the case of the IANA list. */
export const zone = () => readBy(readZone, NOT_A_ZONE, { type: 'string', examples: ['America/Los_Angeles'] });

const AN_INSTANT = { type: 'string', format: 'date-time', examples: ['2026-01-31T10:00:00-08:00'] };
const AN_INSTANT_OR_DATE = {
  type: 'string',
  anyOf: [{ format: 'date-time' }, { format: 'date' }],
  examples: ['2026-01-31', '2026-01-31T10:00:00-08:00'],
};
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;
const NOT_AN_INSTANT = `must be an RFC 3339 time with an offset, for example 2026-01-31T10:00:00-08:00, from ${FIRST_YEAR} to ${LAST_YEAR}`;
const NOT_A_DATE = `must be a date, for example 2026-01-31, from ${FIRST_YEAR} to ${LAST_YEAR}`;
const NOT_AN_INSTANT_OR_DATE = `must be a date such as 2026-01-31 or an RFC 3339 time with an offset such as 2026-01-31T10:00:00-08:00 (in an address a + is written %2B), from ${FIRST_YEAR} to ${LAST_YEAR}`;
const NOT_A_ZONE = 'must be a time zone of the IANA list, for example America/Los_Angeles';

// Temporal alone is too kind: it takes a space for the T, basic forms, annotations and second 60.
const RFC_3339 =
  /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const ZONE_NAME = /^[a-z][a-z\d_+/-]{1,59}$/i;

const readBy = (
  read: (text: string) => string | undefined,
  message: string,
  jsonSchema: Record<string, unknown>,
) =>
  v.pipe(
    v.string(message),
    documented(jsonSchema),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const value = read(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message });
      return NEVER;
    }),
  );

const readInstantOrDate = (text: string, zone: string): string | undefined => {
  if (!DATE.test(text)) return readInstant(text);
  const date = readDate(text);
  return date === undefined ? undefined : startOfDay(date, zone);
};

const readInstant = (text: string): string | undefined => {
  const upper = text.toUpperCase();
  if (!RFC_3339.test(upper)) return undefined;
  const instant = unlessRangeError(() => Temporal.Instant.from(upper));
  if (instant === undefined) return undefined;
  const cut = instant.round({ smallestUnit: 'millisecond', roundingMode: 'floor' });
  return isYearInRange(cut.toZonedDateTimeISO('UTC').year) ? cut.toString() : undefined;
};

const readDate = (text: string): string | undefined => {
  if (!DATE.test(text)) return undefined;
  const date = unlessRangeError(() => Temporal.PlainDate.from(text, { overflow: 'reject' }));
  return date !== undefined && isYearInRange(date.year) ? date.toString() : undefined;
};

const readZone = (name: string): string | undefined =>
  ZONE_NAME.test(name)
    ? unlessRangeError(() => Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId)
    : undefined;

const isYearInRange = (year: number): boolean => year >= FIRST_YEAR && year <= LAST_YEAR;

/** Temporal says by a RangeError that a day or a zone does not exist. */
const unlessRangeError = <Value>(read: () => Value): Value | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};
