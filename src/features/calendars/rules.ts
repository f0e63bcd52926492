import { localText, zoneLines } from './zone.ts';

/** A job as a calendar shows it; times are instants. */
export type Job = {
  id: string;
  version: number;
  isCalledOff: boolean;
  starts_at: string;
  ends_at: string;
  created_at: string;
  updated_at: string;
  address: string | null;
  lat: number | null;
  lng: number | null;
  customer: string;
  phone: string | null;
  vehicle: string | null;
  license_plate: string | null;
  services: readonly string[];
  notes: string | null;
};

export type Calendar = { name: string; zone: string; jobs: readonly Job[] };

const MAX_OCTETS = 75;
const PRODUCT = "-//Edgar's Mobile Auto Shop//Jobs//EN";

/** An iCalendar object (RFC 5545). `from` (milliseconds since 1970) is before every job. */
export const calendarText = ({ name, zone, jobs }: Calendar, from: number): string =>
  [
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', `PRODID:${PRODUCT}`, 'CALSCALE:GREGORIAN'],
    ...[`X-WR-CALNAME:${escaped(name)}`, 'REFRESH-INTERVAL;VALUE=DURATION:PT15M', 'X-PUBLISHED-TTL:PT15M'],
    ...zoneLines(zone, from),
    ...jobs.flatMap((job) => eventLines(job, zone)),
    'END:VCALENDAR',
  ]
    .map((line) => `${folded(line)}\r\n`)
    .join('');

const eventLines = (job: Job, zone: string): string[] => [
  'BEGIN:VEVENT',
  `UID:${job.id}`,
  `SEQUENCE:${job.version}`,
  `DTSTAMP:${utcText(job.updated_at)}`,
  `CREATED:${utcText(job.created_at)}`,
  `LAST-MODIFIED:${utcText(job.updated_at)}`,
  ...whenLines(job, zone),
  `STATUS:${job.isCalledOff ? 'CANCELLED' : 'CONFIRMED'}`,
  `SUMMARY:${escaped(`${job.services.join(', ') || 'Job'}: ${job.customer}`)}`,
  ...(job.address === null ? [] : [`LOCATION:${escaped(job.address)}`]),
  ...(job.lat === null || job.lng === null ? [] : [`GEO:${job.lat};${job.lng}`]),
  `DESCRIPTION:${escaped(descriptionOf(job))}`,
  'END:VEVENT',
];

const descriptionOf = ({ phone, vehicle, license_plate, notes }: Job): string =>
  [phone, vehicle, license_plate, notes].filter((one) => one !== null).join('\n');

/** Readers disagree about an hour that the clocks show twice (ical.js takes the second one, RFC 5545 the first): UTC. */
const whenLines = ({ starts_at, ends_at }: Job, zone: string): string[] => {
  const [start, end] = [localOf(starts_at, zone), localOf(ends_at, zone)];
  return start === undefined || end === undefined
    ? [`DTSTART:${utcText(starts_at)}`, `DTEND:${utcText(ends_at)}`]
    : [`DTSTART;TZID=${zone}:${localText(start)}`, `DTEND;TZID=${zone}:${localText(end)}`];
};

const localOf = (instant: string, zone: string): Temporal.PlainDateTime | undefined => {
  const at = Temporal.Instant.from(instant).toZonedDateTimeISO(zone);
  const local = at.toPlainDateTime();
  const [first, second] = (['earlier', 'later'] as const).map((disambiguation) =>
    local.toZonedDateTime(zone, { disambiguation }),
  );
  return first !== undefined && second?.equals(first) ? local : undefined;
};

const utcText = (instant: string): string =>
  `${localText(Temporal.Instant.from(instant).toZonedDateTimeISO('UTC').toPlainDateTime())}Z`;

const escaped = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a TEXT must not hold them
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll('\n', '\\n');

/** Lines of at most 75 octets, cut between characters; each that goes on begins with a space. */
const folded = (line: string): string => {
  const lines: string[] = [];
  let [current, octets] = ['', 0];
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > MAX_OCTETS) {
      lines.push(current);
      [current, octets] = [' ', 1];
    }
    current += character;
    octets += size;
  }
  return [...lines, current].join('\r\n');
};
