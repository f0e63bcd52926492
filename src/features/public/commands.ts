import { DatabaseError } from '../../database/failures.ts';
import { actAs } from '../../database/journal.ts';
import type { Json, Transaction } from '../../database/sql.ts';
import { Failure, fail, invalid, notFound } from '../../errors.ts';
import { hashed, newToken } from '../../values/token.ts';
import type { By } from '../appointments/people.ts';
import { lockCalendar } from '../availability/commands.ts';
import { meetCustomer } from '../customers/commands.ts';
import { confirmHold, placeHold } from '../holds/commands.ts';
import { meetVehicle } from '../vehicles/commands.ts';
import {
  countLivingHolds,
  findPublicHold,
  insertLink,
  lockStranger,
  type PublicShape,
  shapeForCustomer,
} from './queries.ts';
import { bookingNotes, busyVehicleNotes } from './rules.ts';
import type { NewPublicBooking, NewPublicHold } from './schema.ts';

/** So that nobody blocks the calendar. */
const MAX_LIVING_HOLDS = 3;

type Asked = { stranger: Uint8Array } & Pick<By, 'now' | 'travel'>;

/** Throws hold.too_many (429) while three of the same network are alive; else as a hold of the staff would. */
export const holdForStranger = async (
  tx: Transaction,
  { stranger, now, travel }: Asked,
  input: NewPublicHold,
): Promise<{ id: string; shape: Json }> => {
  await lockStranger(tx, stranger);
  const living = await countLivingHolds(tx, stranger, now);
  if (living.count >= MAX_LIVING_HOLDS) {
    throw fail(
      'hold.too_many',
      `You hold ${MAX_LIVING_HOLDS} starts already. Book one of them, or wait until one ends.`,
      { retryAfterS: living.ends_in_s ?? 1 },
    );
  }
  const by = { actor: { id: null, role: 'customer' as const }, now, isPublic: true, travel };
  const id = await placeHold(tx, by, { ...input, stranger });
  const made = await findPublicHold(tx, id, now);
  if (made === undefined) throw notFound('hold');
  return { id, shape: made.shape };
};

type Booked = PublicShape & { token: string };

/**
 * Books what is held for whoever has this e-mail address or phone. Whether the shop knew them shows nowhere: not in the
 * answer, not in a refusal, nor in the number of statements. `newCustomerId` is for one who is new.
 */
export const bookForCustomer = async (
  tx: Transaction,
  { newCustomerId, now }: { newCustomerId: string; now: string },
  input: NewPublicBooking,
): Promise<Booked> => {
  const held = await findPublicHold(tx, input.hold_id, now);
  if (held === undefined) throw holdIsOver();
  // Before customer and vehicle: one order everywhere.
  await lockCalendar(tx, held.technician_id);
  const { name, email = null, phone = null, vehicle } = input;
  const customer = await meetCustomer(tx, { id: newCustomerId, name, email, phone });
  const actor = { id: customer.id, role: 'customer' } as const;
  await actAs(tx, actor);
  const vehicleId = await meetVehicle(tx, { ...vehicle, customer_id: customer.id });
  const notes = bookingNotes(input, customer);
  const confirm = (its: { vehicle_id: string | null; notes: string | null }) =>
    confirmHold(
      tx,
      { actor, now, isPublic: true },
      { id: input.hold_id, expected: undefined, customer_id: customer.id, ...its },
    ).catch(namingTheHold);
  const { id } = await unlessVehicleIsBusy(
    tx,
    () => confirm({ vehicle_id: vehicleId, notes }),
    () => {
      const meant = `${vehicle.year} ${vehicle.make} ${vehicle.model}`;
      return confirm({ vehicle_id: null, notes: busyVehicleNotes(notes, meant) });
    },
  );
  const token = newToken();
  await insertLink(tx, hashed(token), id);
  const made = await shapeForCustomer(tx, id);
  if (made === undefined) throw notFound('appointment');
  return { ...made, token };
};

/** When somebody's vehicle is elsewhere is not for a stranger to learn: their job stands without it, and a note says so. */
export const unlessVehicleIsBusy = async <T>(
  tx: Transaction,
  attempt: () => Promise<T>,
  otherwise: () => Promise<T>,
): Promise<T> => {
  try {
    return await tx.savepoint(attempt);
  } catch (error) {
    if (!saysVehicleIsBusy(error)) throw error;
    return otherwise();
  }
};

/** The guard says it, or the constraint. */
const saysVehicleIsBusy = (error: unknown): boolean =>
  error instanceof Failure
    ? error.reason === 'appointment.vehicle_busy'
    : error instanceof DatabaseError && error.constraint === 'appointments_vehicle_free';

const namingTheHold = (error: unknown): never => {
  throw error instanceof Failure && error.reason === 'hold.not_found' ? holdIsOver() : error;
};

const holdIsOver = (): Error => invalid('hold_id', 'does not name a hold that lasts: hold a start first');
