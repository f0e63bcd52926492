/** Changes of the clocks in so many years show whether they follow a yearly rule. */
const YEARS = 12;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** One change of the clocks: `at` is what they show just before it; offsets are as "+1030". */
type Change = { at: Temporal.PlainDateTime; from: string; to: string; isForward: boolean };

/**
 * The VTIMEZONE of a zone from the year before `from` (milliseconds since 1970) on, by the same data as all else here:
 * yearly rules where the zone has some, else each change by itself.
 */
export const zoneLines = (zone: string, from: number): string[] => {
  const begin = Temporal.Instant.fromEpochMilliseconds(from)
    .toZonedDateTimeISO(zone)
    .with({ month: 1, day: 1 })
    .startOfDay()
    .subtract({ years: 1 });
  const changes = changesFrom(begin);
  const rules = yearlyRulesOf(changes);
  const observances =
    rules === undefined
      ? [asIt(begin), ...changes.map((change) => observance(change))]
      : rules.map(({ change, rule }) => observance(change, `RRULE:FREQ=YEARLY;${rule}`));
  return ['BEGIN:VTIMEZONE', `TZID:${zone}`, ...observances.flat(), 'END:VTIMEZONE'];
};

const changesFrom = (begin: Temporal.ZonedDateTime): Change[] => {
  const end = begin.add({ years: YEARS });
  const changes: Change[] = [];
  for (let last = begin; ; ) {
    const next = last.getTimeZoneTransition('next');
    if (next === null || Temporal.ZonedDateTime.compare(next, end) >= 0) return changes;
    const before = next.subtract({ nanoseconds: 1 });
    changes.push({
      at: before.toPlainDateTime().add({ nanoseconds: 1 }),
      from: offsetOf(before),
      to: offsetOf(next),
      isForward: next.offsetNanoseconds > before.offsetNanoseconds,
    });
    last = next;
  }
};

/** Undefined when the changes are not two a year, each on the same weekday of its month at the same time. */
const yearlyRulesOf = (changes: readonly Change[]): { change: Change; rule: string }[] | undefined => {
  if (changes.length !== 2 * YEARS) return undefined;
  const rules = [0, 1].map((which) => {
    const same = changes.filter((_, at) => at % 2 === which);
    const [first] = same;
    const rule = first === undefined ? undefined : ruleOf(first, same);
    return first === undefined || rule === undefined ? undefined : { change: first, rule };
  });
  return rules.every((one) => one !== undefined) ? rules : undefined;
};

const ruleOf = (first: Change, all: readonly Change[]): string | undefined => {
  const isSame = ({ at, from, to }: Change): boolean =>
    at.month === first.at.month &&
    at.dayOfWeek === first.at.dayOfWeek &&
    at.toPlainTime().equals(first.at.toPlainTime()) &&
    from === first.from &&
    to === first.to;
  if (!all.every(isSame)) return undefined;
  const week = weekOf(first.at);
  const ordinal = all.every(({ at }) => weekOf(at) === week) ? week : all.every(isLast) ? -1 : undefined;
  return ordinal === undefined
    ? undefined
    : `BYMONTH=${first.at.month};BYDAY=${ordinal}${WEEKDAYS[first.at.dayOfWeek - 1]}`;
};

const weekOf = (at: Temporal.PlainDateTime): number => Math.ceil(at.day / 7);

const isLast = ({ at }: Change): boolean => at.day + 7 > at.daysInMonth;

const observance = ({ at, from, to, isForward }: Change, ...rule: string[]): string[] =>
  observanceLines(isForward ? 'DAYLIGHT' : 'STANDARD', { at, from, to }, rule);

/** What counts before the first change. */
const asIt = (begin: Temporal.ZonedDateTime): string[] =>
  observanceLines('STANDARD', {
    ...{ at: begin.toPlainDateTime(), from: offsetOf(begin), to: offsetOf(begin) },
  });

const observanceLines = (
  kind: 'DAYLIGHT' | 'STANDARD',
  { at, from, to }: Omit<Change, 'isForward'>,
  rule: readonly string[] = [],
): string[] => [
  `BEGIN:${kind}`,
  `DTSTART:${localText(at)}`,
  ...rule,
  `TZOFFSETFROM:${from}`,
  `TZOFFSETTO:${to}`,
  `END:${kind}`,
];

export const localText = (at: Temporal.PlainDateTime): string =>
  at.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '');

const offsetOf = ({ offset }: Temporal.ZonedDateTime): string => offset.replaceAll(':', '');
