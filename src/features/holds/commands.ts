import type { Transaction } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { addMinutes } from '../../values/time.ts';
import { type Booked, type By, bookHeld, planHold } from '../appointments/held.ts';
import { deleteHold, findHeldTechnician, findHold, type HoldShape, insertHold } from './queries.ts';
import type { Confirmation, NewHold } from './schema.ts';

/** Keeps a start free for a few minutes. Refused as a booking would be; nothing is left of it once it is over. */
export const holdStart = async (tx: Transaction, by: By, input: NewHold): Promise<HoldShape> => {
  const made = await findHold(tx, await placeHold(tx, by, input), by.now);
  if (made === undefined) throw notFound('hold');
  return made;
};

/** Gives the id of the new hold. `stranger` says whose it is when it is not the staff's. */
export const placeHold = async (
  tx: Transaction,
  by: By,
  { minutes, stranger = null, ...asked }: NewHold & { stranger?: Uint8Array | null },
): Promise<string> => {
  const id = newId();
  const plan = await planHold(tx, by, asked);
  await insertHold(tx, { id, ...plan, expires_at: addMinutes(by.now, minutes), stranger });
  return id;
};

type On = { id: string; expected: Expected };

/** A living hold becomes an appointment: nothing but the customer and the vehicle is asked any more. */
export const confirmHold = async (
  tx: Transaction,
  by: By,
  { id, expected, ...confirmation }: Confirmation & On,
): Promise<Booked> => {
  const technicianId = await findHeldTechnician(tx, id);
  if (technicianId === undefined) throw notFound('hold');
  assertFresh('hold', expected, 1);
  const people = { ...confirmation, technician_id: technicianId };
  return bookHeld(tx, { ...people, now: by.now }, async () => {
    const held = await deleteHold(tx, id, by.now);
    if (held === undefined) throw notFound('hold');
    return held;
  });
};

export const releaseHold = async (tx: Transaction, by: By, { id, expected }: On): Promise<void> => {
  if ((await deleteHold(tx, id, by.now)) === undefined) throw notFound('hold');
  assertFresh('hold', expected, 1);
};
