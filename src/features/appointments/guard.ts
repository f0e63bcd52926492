import type { Sql, Transaction } from '../../database/sql.ts';
import { fail, invalid } from '../../errors.ts';
import { minutesBetween } from '../../values/time.ts';

const NEXT_STARTS = 3;

export type Wish = {
  /** The job itself, which is no conflict of its own; null for a new one. */
  id: string | null;
  technician_id: string | null;
  vehicle_id: string | null;
  starts_at: string;
  ends_at: string;
};

/**
 * The booking guard, to be called under the locks of lockPeople: the technician's row is the queue, so nobody else
 * books in between; the exclusion constraints stay the guarantee for writers who take no lock.
 * Returns the lane that the job stands in: above 0 only when it is forced over another one.
 * Throws appointment.slot_taken with the next free starts, appointment.vehicle_busy (409).
 */
export const passGuard = async (
  tx: Transaction,
  wish: Wish,
  isForced: boolean,
): Promise<{ lane: number }> => {
  const conflicts = await findConflicts(tx, wish);
  const vehicle = conflicts.find((one) => one.whose === 'vehicle');
  const technician = conflicts.find((one) => one.whose === 'technician');
  if (technician !== undefined && !isForced) throw await slotTaken(tx, wish, technician.id);
  if (vehicle !== undefined) {
    throw fail('appointment.vehicle_busy', 'This vehicle has another job at that time. Take another time.', {
      details: { conflicts_with: vehicle.id },
    });
  }
  return { lane: technician === undefined ? 0 : technician.top_lane + 1 };
};

const slotTaken = async (tx: Transaction, wish: Wish, conflictsWith: string): Promise<Error> => {
  const nextStarts = await listNextStarts(tx, wish);
  return fail(
    'appointment.slot_taken',
    'The technician has another job at that time. Take another time or technician.',
    {
      details: { conflicts_with: conflictsWith, next_starts: nextStarts.map((one) => one.starts_at) },
    },
  );
};

type Conflict = { whose: 'technician' | 'vehicle'; id: string; top_lane: number };

// The list of active states stands here as the constraints of the appointments table have it: so their indexes serve.
const findConflicts = (tx: Sql, wish: Wish): Promise<Conflict[]> => tx<Conflict>`
  (select 'technician' as whose, a.id, max(a.lane) over () as top_lane from appointments a
   where a.technician_id = ${wish.technician_id} and a.id is distinct from ${wish.id}
     and tstzrange(a.starts_at, a.ends_at) && tstzrange(${wish.starts_at}, ${wish.ends_at})
     and a.deleted_at is null and a.status in ('scheduled', 'en_route', 'in_progress', 'ready')
   order by a.starts_at limit 1)
  union all
  (select 'vehicle', a.id, 0 from appointments a
   where a.vehicle_id = ${wish.vehicle_id} and a.id is distinct from ${wish.id}
     and tstzrange(a.starts_at, a.ends_at) && tstzrange(${wish.starts_at}, ${wish.ends_at})
     and a.deleted_at is null and a.status in ('scheduled', 'en_route', 'in_progress', 'ready')
   order by a.starts_at limit 1)`;

/** Ends of the technician's jobs behind which the wished length is free, within two weeks. */
const listNextStarts = (tx: Sql, wish: Wish): Promise<{ starts_at: string }[]> => tx<{ starts_at: string }>`
  select distinct a.ends_at as starts_at from appointments a
  where a.technician_id = ${wish.technician_id} and a.id is distinct from ${wish.id}
    and tstzrange(a.starts_at, a.ends_at)
      && tstzrange(${wish.starts_at}, ${wish.starts_at}::timestamptz + interval '14 days')
    and a.deleted_at is null and a.status in ('scheduled', 'en_route', 'in_progress', 'ready')
    and not exists (
      select from appointments other
      where other.technician_id = a.technician_id and other.id is distinct from ${wish.id}
        and tstzrange(other.starts_at, other.ends_at) && tstzrange(a.ends_at,
          a.ends_at + make_interval(mins => ${Math.ceil(minutesBetween(wish.starts_at, wish.ends_at))}::integer))
        and other.deleted_at is null and other.status in ('scheduled', 'en_route', 'in_progress', 'ready'))
  order by starts_at limit ${NEXT_STARTS}`;

type People = { technician_id: string | null; customer_id: string; vehicle_id: string | null };

/**
 * Locks technician, customer, vehicle, in the house's order, and judges whether they can have a job together.
 * Throws 422 for whom the shop does not know or no longer serves. Returns the technician's skills.
 */
export const lockPeople = async (tx: Sql, people: People): Promise<{ skills: string[] | null }> => {
  const skills = people.technician_id === null ? null : await lockTechnician(tx, people.technician_id);
  await lockCustomer(tx, people.customer_id);
  if (people.vehicle_id !== null) await lockVehicle(tx, people.vehicle_id, people.customer_id);
  return { skills };
};

const lockTechnician = async (tx: Sql, id: string): Promise<string[]> => {
  const [row] = await tx<{ is_active: boolean; skills: string[] }>`
    select is_active, to_jsonb(skills) as skills from technicians where id = ${id} for no key update`;
  if (row === undefined) throw invalid('technician_id', 'is not a technician of this shop');
  if (!row.is_active) throw invalid('technician_id', 'is a technician who is not active');
  return row.skills;
};

const lockCustomer = async (tx: Sql, id: string): Promise<void> => {
  const [row] = await tx`select id from customers where id = ${id} and deleted_at is null for share`;
  if (row === undefined) throw invalid('customer_id', 'is not a customer of this shop');
};

const lockVehicle = async (tx: Sql, id: string, customerId: string): Promise<void> => {
  const [row] = await tx<{ customer_id: string; is_active: boolean }>`
    select customer_id, is_active from vehicles where id = ${id} and deleted_at is null for no key update`;
  if (row === undefined) throw invalid('vehicle_id', 'is not a vehicle that the shop knows');
  if (row.customer_id !== customerId) throw invalid('vehicle_id', 'is a vehicle of another customer');
  if (!row.is_active) throw invalid('vehicle_id', 'is a vehicle that is not active');
};
