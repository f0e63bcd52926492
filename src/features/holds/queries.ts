import type { Json, Sql } from '../../database/sql.ts';
import type { Held } from '../appointments/held.ts';

/** A hold never changes: its version is always the first. */
export type HoldShape = { id: string; version: 1; shape: Json };

// A hold is a row of appointments: so it stands under the same exclusion constraint.

export const findHold = async (sql: Sql, id: string, now: string): Promise<HoldShape | undefined> => {
  const [row] = await sql<HoldShape>`
    select id, 1 as version, shape from hold_shapes where id = ${id} and hold_expires_at > ${now}`;
  return row;
};

export const findHeldTechnician = async (tx: Sql, id: string): Promise<string | undefined> => {
  const [row] = await tx<{ technician_id: string }>`
    select technician_id from appointments where id = ${id} and status = 'held'`;
  return row?.technician_id;
};

type NewRow = Held & { id: string; expires_at: string; stranger: Uint8Array | null };

export const insertHold = async (tx: Sql, hold: NewRow): Promise<void> => {
  await tx`
    insert into appointments (id, status, technician_id, starts_at, ends_at, location_address, location_lat,
      location_lng, buffer_before_minutes, buffer_after_minutes, trip_fee_cents, needs_review, hold_services,
      hold_expires_at, hold_stranger)
    values (${hold.id}, 'held', ${hold.technician_id}, ${hold.starts_at}, ${hold.ends_at}, ${hold.location_address},
      ${hold.location_lat}, ${hold.location_lng}, ${hold.buffer_before_minutes}, ${hold.buffer_after_minutes},
      ${hold.trip_fee_cents}, ${hold.needs_review}, ${tx.json(hold.hold_services)}, ${hold.expires_at},
      ${hold.stranger})`;
};

/** Gives what was held, if it still is. */
export const deleteHold = async (tx: Sql, id: string, now: string): Promise<Held | undefined> => {
  const [row] = await tx<Held>`
    delete from appointments where id = ${id} and status = 'held' and hold_expires_at > ${now}
    returning technician_id, starts_at, ends_at, location_address, location_lat, location_lng,
      buffer_before_minutes, buffer_after_minutes, trip_fee_cents, needs_review, hold_services`;
  return row;
};
