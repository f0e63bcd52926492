import type { TestApp } from '../../helpers/app.ts';

/** What the rules promise of a calendar, reckoned a second time and in another way: minute by minute. */
type Job = {
  id: string;
  technician_id: string;
  vehicle_id: string | null;
  from: number;
  to: number;
  before: number;
  after: number;
  lat: number | null;
  lng: number | null;
};

const EARTH_KM = 6_371;

/** The angle between two unit vectors: no haversine. */
const kilometres = (one: Job, other: Job): number => {
  const vector = ({ lat, lng }: Job): [number, number, number] => {
    const [phi, lambda] = [(Number(lat) * Math.PI) / 180, (Number(lng) * Math.PI) / 180];
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
  };
  const [a, b] = [vector(one), vector(other)];
  return EARTH_KM * Math.acos(Math.min(1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]));
};

/** Minutes that the drive takes, a minute at a time at that minute's speed. */
const driveMinutes = (
  km: number,
  leaving: number,
  { zone, road, speeds }: { zone: string; road: number; speeds: number[] },
): number => {
  const hours = new Intl.DateTimeFormat('en-US', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' });
  let left = (km * road) / 100;
  let minutes = 0;
  // Two metres are within the rounding of either reckoning.
  while (left > 0.002 && minutes < 24 * 60) {
    left -= (speeds[Number(hours.format(leaving + minutes * 60_000))] ?? 1) / 60;
    minutes += 1;
  }
  return minutes;
};

/** Pairs that should not be: overlapping jobs of a technician or a vehicle, and too little time to drive. */
export const wrongPairs = async (app: TestApp): Promise<string[]> => {
  const [shop] = await app.sql<{ zone: string; road: number; speeds: number[] }>`
    select timezone as zone, travel_road_percent as road, to_jsonb(travel_speeds_kmh) as speeds from settings`;
  if (shop === undefined) throw new Error('no settings');
  const jobs = await app.sql<Job>`
    select id, technician_id, vehicle_id, extract(epoch from starts_at)::float8 * 1000 as "from",
      extract(epoch from ends_at)::float8 * 1000 as "to", buffer_before_minutes * 60000 as before,
      buffer_after_minutes * 60000 as after, location_lat as lat, location_lng as lng
    from appointments
    where deleted_at is null and status in ('held', 'scheduled', 'en_route', 'in_progress', 'ready') and lane = 0
      and (hold_expires_at is null or hold_expires_at > now())
    order by starts_at`;
  const wrong: string[] = [];
  for (const one of jobs) {
    for (const other of jobs) {
      if (one.id >= other.id) continue;
      const isSameVan =
        one.technician_id === other.technician_id &&
        one.from - one.before < other.to + other.after &&
        other.from - other.before < one.to + one.after;
      const isSameVehicle =
        one.vehicle_id !== null &&
        one.vehicle_id === other.vehicle_id &&
        one.from < other.to &&
        other.from < one.to;
      if (isSameVan || isSameVehicle) wrong.push(`overlap ${one.id} ${other.id}`);
    }
  }
  const placed = jobs.filter(({ lat, technician_id }) => lat !== null && technician_id !== null);
  for (const group of Map.groupBy(placed, (job) => job.technician_id).values()) {
    for (const [at, next] of group.entries()) {
      const previous = group[at - 1];
      if (previous === undefined) continue;
      const gap = (next.from - next.before - previous.to - previous.after) / 60_000;
      const needed = driveMinutes(kilometres(previous, next), previous.to + previous.after, shop);
      if (needed > gap) wrong.push(`drive ${previous.id} ${next.id}: ${needed} min in ${gap}`);
    }
  }
  return wrong;
};
