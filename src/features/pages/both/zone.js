/** The clocks of the shop, wherever the reader is. Days are "2026-03-10". */
export const clocksOf = (zone) => {
  const format = (options) => new Intl.DateTimeFormat('en-US', { timeZone: zone, ...options });
  const long = format({ weekday: 'long', month: 'long', day: 'numeric' });
  const hour = format({ hour: 'numeric', minute: '2-digit' });
  const hourNamed = format({ hour: 'numeric', minute: '2-digit', timeZoneName: 'short' });
  const name = format({ timeZoneName: 'long' });
  const numbers = format({
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const part = (formatter, at, type) =>
    formatter.formatToParts(at).find((one) => one.type === type)?.value ?? '';
  const dayOf = (at) => {
    const parts = Object.fromEntries(numbers.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${parts.year}-${parts.month}-${parts.day}`;
  };
  return {
    zone,
    dayOf: (iso) => dayOf(new Date(iso)),
    hourOf: (iso) => Number(part(numbers, new Date(iso), 'hour')),
    /** "Tuesday, March 10" */
    dateOf: (iso) => long.format(new Date(iso)),
    /** "10:30 AM" */
    timeOf: (iso) => hour.format(new Date(iso)),
    /** "10:30 – 11:15 AM" */
    rangeOf: (from, to) => hour.formatRange(new Date(from), new Date(to)),
    /** "10:30 AM PST": on days whose clocks are set, for one time can come twice. */
    timeNamedOf: (iso) => hourNamed.format(new Date(iso)),
    /** "Pacific Standard Time" */
    nameAt: (iso) => part(name, new Date(iso), 'timeZoneName'),
  };
};

// Days are counted at noon in UTC: no clock is set there.
const noonOf = (day) => new Date(`${day}T12:00:00Z`);

export const addDays = (day, count) => {
  const at = noonOf(day);
  at.setUTCDate(at.getUTCDate() + count);
  return at.toISOString().slice(0, 10);
};

const ofDay = (options) => {
  const formatter = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...options });
  return (day) => formatter.format(noonOf(day));
};

export const weekdayOf = ofDay({ weekday: 'short' });
export const monthDayOf = ofDay({ month: 'short', day: 'numeric' });
export const longDayOf = ofDay({ weekday: 'long', month: 'long', day: 'numeric' });
