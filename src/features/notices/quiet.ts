const QUIET_FROM_HOUR = 21;
const QUIET_TO_HOUR = 8;

/** Eight in the morning of the shop's zone, when it is night there; undefined by day. */
export const quietUntil = (now: string, zone: string): string | undefined => {
  const local = Temporal.Instant.from(now).toZonedDateTimeISO(zone);
  if (local.hour >= QUIET_TO_HOUR && local.hour < QUIET_FROM_HOUR) return undefined;
  const day = local.hour < QUIET_TO_HOUR ? local.toPlainDate() : local.toPlainDate().add({ days: 1 });
  return day.toPlainDateTime({ hour: QUIET_TO_HOUR }).toZonedDateTime(zone).toInstant().toString();
};
