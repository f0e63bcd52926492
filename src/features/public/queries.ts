import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { Place } from '../../values/place.ts';
import type { PublicServiceList } from './schema.ts';

export type PublicShape = { id: string; version: number; shape: Json };
/** The job that a link opens, and whose it is. */
export type Linked = PublicShape & { customer_id: string; is_confirmed: boolean };

/** Of a job after its end, and of an estimate without a time of its own after the link was made. */
const LINKED_FOR = '30 days';

export const listPublicServices = (sql: Sql, query: PublicServiceList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { name: sql.part`name_key` });
  const { category, kind } = query;
  return sql<ListRow>`
    select id, shape, ${page.key} from public_service_shapes
    where true
      ${category === undefined ? sql.part`` : sql.part`and category = any(${category}::text[])`}
      ${kind === undefined ? sql.part`` : sql.part`and kind = any(${kind}::text[])`}
      ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** Holds of one stranger are made one after the other. */
export const lockStranger = async (tx: Sql, stranger: Uint8Array): Promise<void> => {
  const id = Buffer.from(stranger).readBigInt64BE(0).toString();
  await tx`select pg_advisory_xact_lock(${id}::bigint)`;
};

/** How many of theirs are alive, and in how many seconds the first one ends. */
export const countLivingHolds = async (
  tx: Sql,
  stranger: Uint8Array,
  now: string,
): Promise<{ count: number; ends_in_s: number | null }> => {
  const [row] = await tx<{ count: number; ends_in_s: number | null }>`
    select count(*)::integer as count,
      ceil(extract(epoch from min(hold_expires_at) - ${now}::timestamptz))::integer as ends_in_s
    from appointments where hold_stranger = ${stranger} and hold_expires_at > ${now}`;
  return row ?? { count: 0, ends_in_s: null };
};

/** A living hold of a stranger: one of the staff is not theirs to take. */
export const findPublicHold = async (
  tx: Sql,
  id: string,
  now: string,
): Promise<{ technician_id: string; shape: Json } | undefined> => {
  const [row] = await tx<{ technician_id: string; shape: Json }>`
    select technician_id, shape from public_hold_shapes where id = ${id} and hold_expires_at > ${now}`;
  return row;
};

/** What another start of the job is judged by. */
export type Stay = {
  id: string;
  technician_id: string | null;
  status: string;
  starts_at: string;
  length_ms: number;
  place: Place | null;
  skills: string[];
};

export const findStay = async (sql: Sql, id: string): Promise<Stay | undefined> => {
  const [row] = await sql<Stay>`
    select a.id, a.technician_id, a.status, iso(a.starts_at) as starts_at,
      (extract(epoch from a.ends_at - a.starts_at) * 1000)::float8 as length_ms,
      case when a.location_address is not null or a.location_lat is not null then
        jsonb_build_object('address', a.location_address, 'lat', a.location_lat, 'lng', a.location_lng)
      end as place,
      to_jsonb(array(select distinct unnest(s.skills)
        from appointment_services l join services s on s.id = l.service_id where l.appointment_id = a.id)) as skills
    from appointments a where a.id = ${id}`;
  return row;
};

/** What the shop tells everybody about itself. */
export const readPublicShop = async (sql: Sql): Promise<Json> => {
  const [row] = await sql<{ shape: Json }>`
    select to_json(x) as shape from (
      select shop_name as name, licence_number, timezone, phone_region from settings
    ) x`;
  if (row === undefined) throw new Error('the settings have lost their row');
  return row.shape;
};

export const insertLink = async (tx: Sql, tokenHash: Uint8Array, appointmentId: string): Promise<void> => {
  await tx`insert into appointment_links (token_hash, appointment_id) values (${tokenHash}, ${appointmentId})`;
};

/** Undefined too when the job or its customer is deleted, the links were ended, or the job ended too long ago. */
export const findLinked = async (
  sql: Sql,
  tokenHash: Uint8Array,
  now: string,
): Promise<Linked | undefined> => {
  const [row] = await sql<Linked>`
    select p.id, p.version, p.shape, a.customer_id, a.confirmed_at is not null as is_confirmed
    from appointment_links l
    join appointments a on a.id = l.appointment_id
    join customers c on c.id = a.customer_id and c.deleted_at is null
    join public_appointment_shapes p on p.id = a.id
    where l.token_hash = ${tokenHash} and (a.links_ended_at is null or l.created_at > a.links_ended_at)
      and a.ends_at > ${now}::timestamptz - ${LINKED_FOR}::interval`;
  return row;
};

export const setLinksEnded = async (tx: Sql, appointmentId: string): Promise<void> => {
  await tx`
    update appointments set links_ended_at = clock_timestamp(), updated_at = now(), version = version + 1
    where id = ${appointmentId}`;
};

/** Once: a second time changes nothing. */
export const setConfirmed = async (tx: Sql, id: string, now: string): Promise<void> => {
  await tx`
    update appointments set confirmed_at = ${now}, updated_at = now(), version = version + 1
    where id = ${id} and confirmed_at is null`;
};

/** The vehicle of a job as the staff know it. */
export const findVehicleName = async (tx: Sql, id: string): Promise<string | undefined> => {
  const [row] = await tx<{ name: string }>`
    select concat_ws(' ', year, make, model) as name from vehicles where id = ${id}`;
  return row?.name;
};

export const shapeForCustomer = async (tx: Sql, id: string): Promise<PublicShape | undefined> => {
  const [row] =
    await tx<PublicShape>`select id, version, shape from public_appointment_shapes where id = ${id}`;
  return row;
};

/** The estimate that a link opens, and whose it is. */
export type LinkedEstimate = PublicShape & { customer_id: string };

/** Undefined too when its time is over, the link was ended, or the customer is deleted. */
export const findLinkedEstimate = async (
  sql: Sql,
  tokenHash: Uint8Array,
  now: string,
): Promise<LinkedEstimate | undefined> => {
  const [row] = await sql<LinkedEstimate>`
    select p.id, p.version, p.shape, e.customer_id
    from estimate_links l
    join estimates e on e.id = l.estimate_id
    join customers c on c.id = e.customer_id and c.deleted_at is null
    join public_estimate_shapes p on p.id = e.id
    where l.token_hash = ${tokenHash}
      and coalesce(e.valid_until, l.created_at + ${LINKED_FOR}::interval) > ${now}::timestamptz`;
  return row;
};

export const shapeEstimateForCustomer = async (tx: Sql, id: string): Promise<PublicShape | undefined> => {
  const [row] = await tx<PublicShape>`select id, version, shape from public_estimate_shapes where id = ${id}`;
  return row;
};
