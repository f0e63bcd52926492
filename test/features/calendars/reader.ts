import ICAL from 'ical.js';

export type Read = {
  text(name: string): string | undefined;
  /** Milliseconds since 1970, by the rules of the VTIMEZONE in the text itself. */
  startsAt: number;
  endsAt: number;
  zone: string;
};

/** Another's reading of the text, by event. */
export const readCalendarText = (text: string): Read[] => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents('vevent').map((event) => {
    const at = (name: string): ICAL.Time => {
      const value = event.getFirstPropertyValue(name);
      if (!(value instanceof ICAL.Time)) throw new Error(`no time: ${name}`);
      return value;
    };
    return {
      text: (name) => event.getFirstPropertyValue(name)?.toString(),
      startsAt: at('dtstart').toUnixTime() * 1000,
      endsAt: at('dtend').toUnixTime() * 1000,
      zone: at('dtstart').zone?.tzid ?? '',
    };
  });
};
