import type { Sql } from '../../database/sql.ts';
import { invalid } from '../../errors.ts';
import { newId } from '../../values/id.ts';
import type { NewJobService } from './schema.ts';

/** A line of work on a job: a snapshot of the catalog's service, so that later prices do not change it. */
export type JobService = {
  id: string;
  service_id: string;
  name: string;
  kind: string;
  quantity: number;
  duration_minutes: number;
  price_cents: number;
};

export type CatalogService = Omit<JobService, 'id' | 'quantity'> & { skills: string[] };
export type SoldServices = { lines: JobService[]; catalog: CatalogService[] };

/** What the job has so far, and where in the body a service is named. */
type Sale = { before?: readonly JobService[]; pathOf?: (at: number) => string };

/**
 * The lines of a job for what is asked of the catalog. Without a price the one stays that the job has for this
 * service, else the catalog's counts. Throws 422 for a service that the shop does not sell.
 */
export const sellServices = async (
  tx: Sql,
  asked: readonly NewJobService[],
  { before = [], pathOf = (at) => `services.${at}.service_id` }: Sale = {},
): Promise<SoldServices> => {
  if (asked.length === 0) return { lines: [], catalog: [] };
  const catalog = await findSellable(tx, [...new Set(asked.map((one) => one.service_id))]);
  const known = new Map(catalog.map((one) => [one.service_id, one]));
  const lines = asked.map((one, at) => {
    const service = known.get(one.service_id);
    if (service === undefined) throw invalid(pathOf(at), 'is not a service that the shop sells');
    const { skills: _skills, ...snapshot } = service;
    const agreed = before.find((line) => line.service_id === one.service_id)?.price_cents;
    const price_cents = one.price_cents ?? agreed ?? service.price_cents;
    return { ...snapshot, id: newId(), quantity: one.quantity ?? 1, price_cents };
  });
  return { lines, catalog };
};

/** The services of the catalog that can be sold now, of those asked for. */
const findSellable = (tx: Sql, ids: readonly string[]): Promise<CatalogService[]> =>
  tx<CatalogService>`
    select id as service_id, name, kind, duration_minutes, price_cents, to_jsonb(skills) as skills
    from services where id = any(${ids}::uuid[]) and is_active and deleted_at is null`;

export const listJobServices = (
  tx: Sql,
  appointmentId: string,
): Promise<(JobService & { skills: string[] })[]> =>
  tx<JobService & { skills: string[] }>`
    select l.id, l.service_id, l.name, l.kind, l.quantity, l.duration_minutes, l.price_cents,
      to_jsonb(s.skills) as skills
    from appointment_services l join services s on s.id = l.service_id
    where l.appointment_id = ${appointmentId} order by l.position`;

/** Adds the lines behind those that are there. */
export const insertJobServices = async (
  tx: Sql,
  appointmentId: string,
  lines: readonly JobService[],
): Promise<void> => {
  if (lines.length === 0) return;
  await tx`
    insert into appointment_services
      (id, appointment_id, position, service_id, name, kind, quantity, duration_minutes, price_cents)
    select line.id, ${appointmentId}, last.position + line.place, line.service_id, line.name, line.kind,
      line.quantity, line.duration_minutes, line.price_cents
    from (select coalesce(max(position), 0) as position from appointment_services
        where appointment_id = ${appointmentId}) last,
      jsonb_to_recordset(${tx.json(lines.map((line, at) => ({ ...line, place: at + 1 })))}) as line(
        id uuid, place integer, service_id uuid, name text, kind text, quantity integer, duration_minutes integer,
        price_cents integer)`;
};

export const deleteJobServices = async (tx: Sql, appointmentId: string): Promise<void> => {
  await tx`delete from appointment_services where appointment_id = ${appointmentId}`;
};

export const updateJobService = async (
  tx: Sql,
  id: string,
  next: { quantity: number; price_cents: number },
): Promise<void> => {
  await tx`
    update appointment_services set quantity = ${next.quantity}, price_cents = ${next.price_cents} where id = ${id}`;
};

export const deleteJobService = async (tx: Sql, id: string): Promise<void> => {
  await tx`delete from appointment_services where id = ${id}`;
};
