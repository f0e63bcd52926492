import type { Transaction } from '../../database/sql.ts';
import type { Place } from '../../values/place.ts';
import { type Permit, type Planned, passGuard } from '../availability/commands.ts';
import { RULE_NAMES, type RuleName } from '../availability/rules.ts';
import type { By } from './people.ts';
import type { AppointmentFields, Job } from './queries.ts';
import type { AppointmentPatch } from './schema.ts';

/** A job that comes back where it was: its hours and its start are not judged again, its neighbours are. */
export const COMING_BACK: readonly RuleName[] = ['overlap', 'vehicle', 'travel_before', 'travel_after'];

type Wanted = {
  planned: Planned;
  rules: readonly RuleName[];
  force?: { reason: string } | undefined;
  /** Only to be refused early: see lockCalendar. */
  isLook?: boolean;
};
type Permission = Omit<Permit, 'isForced'> & Pick<AppointmentFields, 'force_reason' | 'forced_by'>;

/** Passes the guard; a force that was needed is stored with its reason and who said it. */
export const permitted = async (
  tx: Transaction,
  { actor, now, isPublic = false, travel }: By,
  { planned, rules, force, isLook = false }: Wanted,
): Promise<Permission> => {
  const { isForced, ...permit } = await passGuard(tx, planned, {
    ...{ rules, isForced: force !== undefined, isPublic, isLook, now, travel },
  });
  const isUsed = isForced && force !== undefined;
  return { ...permit, force_reason: isUsed ? force.reason : null, forced_by: isUsed ? actor.id : null };
};

type Replan = { job: Job; patch: AppointmentPatch; skills: () => Promise<string[]>; isLook?: boolean };

/** The job at its new place. A new start without a new end keeps its length. */
export const replanned = async (
  tx: Transaction,
  by: By,
  { job, patch, skills, isLook = false }: Replan,
): Promise<AppointmentFields> => {
  const { services: _services, location, force, ...fields } = patch;
  const starts_at = patch.starts_at ?? job.starts_at;
  const ends_at = patch.ends_at ?? (patch.starts_at === undefined ? job.ends_at : endAfter(starts_at, job));
  const columns = location === undefined ? {} : columnsOf(location);
  const next = { ...job, ...fields, starts_at, ends_at, ...columns };
  const planned = { ...plannedOf(next), skills: await skills() };
  if (force !== undefined || !keepsPlace(job, next)) {
    return { ...next, ...(await permitted(tx, by, { planned, rules: rulesFor(patch), force, isLook })) };
  }
  // The permission to overlap was given for a technician and a time: with both it stays, for either job.
  const rules: RuleName[] =
    location === undefined ? ['vehicle'] : ['service_area', 'vehicle', 'travel_before', 'travel_after'];
  const { trip_fee_cents, needs_review } = await permitted(tx, by, {
    planned: { ...planned, ...buffersOf(job) },
    rules,
    isLook,
  });
  return { ...next, ...(location === undefined ? {} : { trip_fee_cents, needs_review }) };
};

/** A job that runs late can still be given another end, van or technician: only a new start is held against the clock. */
const rulesFor = (patch: AppointmentPatch): readonly RuleName[] =>
  patch.starts_at === undefined ? RULE_NAMES.filter((rule) => rule !== 'past') : RULE_NAMES;

/** As long after the start as the job lasts, to the millisecond. */
const endAfter = (startsAt: string, job: Job): string => {
  const length = Temporal.Instant.from(job.starts_at).until(Temporal.Instant.from(job.ends_at));
  return Temporal.Instant.from(startsAt).add(length).toString();
};

const keepsPlace = (job: Job, next: AppointmentFields): boolean =>
  next.technician_id === job.technician_id &&
  next.starts_at === job.starts_at &&
  next.ends_at === job.ends_at;

/** A job as the guard sees it where it stands. */
export const plannedOf = (job: Omit<AppointmentFields, 'notes'> & { id: string | null }): Planned => ({
  id: job.id,
  technician_id: job.technician_id,
  vehicle_id: job.vehicle_id,
  starts_at: job.starts_at,
  ends_at: job.ends_at,
  place: placeOf(job),
  skills: [],
});

/** What it keeps while it keeps its place. */
export const buffersOf = (job: AppointmentFields): Pick<Planned, 'buffers'> => ({
  buffers: {
    buffer_before_minutes: job.buffer_before_minutes,
    buffer_after_minutes: job.buffer_after_minutes,
  },
});

export const columnsOf = (location: Place | null) => ({
  location_address: location?.address ?? null,
  location_lat: location?.lat ?? null,
  location_lng: location?.lng ?? null,
});

const placeOf = (job: Omit<AppointmentFields, 'notes'>): Place | null =>
  job.location_address === null && job.location_lat === null
    ? null
    : { address: job.location_address, lat: job.location_lat, lng: job.location_lng };
