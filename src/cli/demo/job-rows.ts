import { iso, isoOnce } from './days.ts';
import type { Job } from './jobs.ts';
import { idOf } from './random.ts';
import { movesUntil, statusAt } from './stories.ts';

/** The job as it stands now. */
export const appointmentRow = (job: Job, now: number) => {
  const { story } = job;
  const moves = movesUntil(story, now);
  return {
    id: job.id,
    status: statusAt(story, now),
    customer_id: job.car.owner.row.id,
    vehicle_id: job.car.row.id,
    technician_id: job.technician.id,
    starts_at: iso(job.startsAt),
    ends_at: iso(job.endsAt),
    location_address: job.place.text,
    location_lat: job.place.lat,
    location_lng: job.place.lng,
    notes: job.notes,
    en_route_at: isoOnce(story.enRouteAt, now),
    started_at: isoOnce(story.startedAt, now),
    ready_at: isoOnce(story.readyAt, now),
    completed_at: isoOnce(story.completedAt, now),
    no_show_at: isoOnce(story.noShowAt, now),
    canceled_at: isoOnce(story.canceledAt, now),
    created_at: iso(job.bookedAt),
    updated_at: iso(Math.max(job.bookedAt, ...moves)),
    version: 1 + moves.length,
  };
};

export const serviceRows = ({ id, label, work, bookedAt }: Job) =>
  work.map(({ service, quantity }, index) => ({
    id: idOf(`service ${index} of ${label}`, bookedAt),
    appointment_id: id,
    position: index + 1,
    service_id: service.id,
    name: service.name,
    kind: service.kind,
    quantity,
    duration_minutes: service.duration_minutes,
    price_cents: service.price_cents,
  }));
