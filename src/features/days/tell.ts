import type { Sql } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { startOfDay } from '../../values/time.ts';
import { readCalendars } from '../availability/calendars.ts';
import { reckoned } from '../availability/measuring.ts';
import { instantOf } from '../availability/outcome.ts';
import type { Travel } from '../availability/types.ts';
import { findDay } from './queries.ts';
import { courseOf, type Expected, type Leg } from './rules.ts';

type Asked = {
  technicianId: string;
  ownStaffId: string | null;
  /** In the shop's zone; without it the day that it is there. */
  date: string | undefined;
  zone: string;
  now: number;
  travel: Travel | undefined;
};

/** A technician's day as JSON text: the stops in order, with drives, and when they will be there. */
export const tellDay = async (sql: Sql, { technicianId, ownStaffId, zone, now, travel, ...asked }: Asked) => {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
  const date = asked.date === undefined ? today : Temporal.PlainDate.from(asked.date);
  const from = startOfDay(date.toString(), zone);
  const to = startOfDay(date.add({ days: 1 }).toString(), zone);
  const found = await findDay(sql, { technicianId, ownStaffId, from, to, now: instantOf(now) });
  if (found === undefined) throw notFound('technician');
  const { start, stops, ...technician } = found;
  const dayStart = Date.parse(from);
  const span = { from: dayStart, to: Date.parse(to) };
  const { shop } = await readCalendars(sql, { span, now, whose: { technicianId: null } });
  const given = { start, stops, now, dayStart };
  const course = await reckoned(sql, { shop, travel }, (rules) => courseOf(rules, given));
  return JSON.stringify({
    date: date.toString(),
    timezone: zone,
    technician,
    start,
    stops: stops.map(({ shown }, position) => ({ ...shown, position, ...told(course.stops[position]) })),
    finish:
      course.finish === null
        ? null
        : {
            ...legTold(course.finish),
            leave_at: instantOf(course.finish.leaveAt),
            arrive_at: instantOf(course.finish.arriveAt),
          },
  });
};

const told = (expected: Expected | undefined) => {
  if (expected === undefined) throw new Error('a stop has no place in the course of the day');
  const { leg, leaveAt, arriveAt, lateMinutes, endsAt } = expected;
  return {
    leg: leg === null ? null : legTold(leg),
    leave_at: leaveAt === null ? null : instantOf(leaveAt),
    arrive_at: instantOf(arriveAt),
    late_minutes: lateMinutes,
    expected_ends_at: instantOf(endsAt),
  };
};

const legTold = ({ from, minutes, kilometres, source, is_area_centre }: Leg) => ({
  ...{ from, minutes, kilometres, source, is_area_centre },
});
