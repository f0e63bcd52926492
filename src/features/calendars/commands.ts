import type { Sql, Transaction } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { hashed, newToken } from '../../values/token.ts';
import { deleteCalendar, findCalendar, lockTechnician, setCalendar } from './queries.ts';
import { calendarText } from './rules.ts';

const DAY_MS = 86_400_000;
const DAYS_BACK = 30;
const DAYS_AHEAD = 180;

type Change = { id: string; ownStaffId: string | null; expected: Expected };

/** Makes the secret address of a technician's calendar, which is told once and kept as a hash alone. */
export const publishCalendar = async (tx: Transaction, change: Change): Promise<{ url: string }> => {
  await lockAsAsked(tx, change);
  const token = newToken();
  await setCalendar(tx, change.id, hashed(token));
  return { url: `/v1/technicians/${change.id}/calendar.ics?token=${token}` };
};

/** Where there is no address, nothing changes. */
export const revokeCalendar = async (tx: Transaction, change: Change): Promise<void> => {
  await lockAsAsked(tx, change);
  await deleteCalendar(tx, change.id);
};

const lockAsAsked = async (tx: Transaction, { expected, ...technician }: Change): Promise<void> => {
  const found = await lockTechnician(tx, technician);
  if (found === undefined) throw notFound('technician');
  assertFresh('technician', expected, found.version);
};

/** The calendar as text: the same text for as long as the same jobs are in it. */
export const readCalendar = async (
  sql: Sql,
  { id, token, now }: { id: string; token: string; now: number },
): Promise<string> => {
  const from = now - DAYS_BACK * DAY_MS;
  const calendar = await findCalendar(sql, {
    ...{ technicianId: id, tokenHash: hashed(token), from: new Date(from).toISOString() },
    to: new Date(now + DAYS_AHEAD * DAY_MS).toISOString(),
  });
  if (calendar === undefined) throw notFound('technician');
  return calendarText(calendar, from);
};
