import type { Place, Point } from '../../values/place.ts';
import type { ZoneClock } from '../../values/zone-clock.ts';

/** Half-open, in milliseconds since 1970: the rules compare tens of thousands of times. */
export type Span = { from: number; to: number };

/** A job or a live hold as the rules see it. `before` and `after` are its buffers, in milliseconds. */
export type Visit = Span & {
  id: string;
  before: number;
  after: number;
  place: Place | null;
  lane: number;
  /** A completed job counts for the day, and stands in nobody's way. */
  isActive: boolean;
};

export type Area = {
  id: string;
  name: string;
  kind: 'radius' | 'postal_codes';
  lat: number;
  lng: number;
  radius_km: number | null;
  /** Its postal codes as they stand in the words of an address. */
  codes: readonly string[];
  trip_fee_cents: number;
};

/** What is known of a place. `isAssumed`: its area is a guess, for the address has neither coordinates nor a code. */
export type Whereabouts = {
  point: Point | undefined;
  isCentre: boolean;
  area: Area | undefined;
  isAssumed: boolean;
};

/** How the shop reckons, as its settings stood at one instant. Times are milliseconds. */
export type ShopRules = {
  zone: string;
  clock: ZoneClock;
  bufferBefore: number;
  bufferAfter: number;
  lead: number;
  horizon: number;
  jobsPerDay: number | null;
  roadFactor: number;
  /** Kilometres per hour, for each hour of the day. */
  speeds: readonly number[];
  areas: readonly Area[];
  outsideArea: 'block' | 'review';
  /** What was looked up so far: see places.ts. */
  whereabouts: WeakMap<Place, Whereabouts>;
  /** Minutes of a drive that somebody else has measured; undefined: the estimate counts. */
  measured(from: Point, to: Point): number | undefined;
};

/** Both ends rounded as they are kept. */
export type Way = { from: Point; to: Point };
/** Whole minutes, rounded up; null: there is no road. */
export type Measured = Way & { minutes: number | null };

/** A routing service, and when to leave it alone. */
export type Travel = {
  timeoutMs: number;
  /** It has failed a moment ago: nothing is asked. */
  isPaused(): boolean;
  /** It did not answer this way in time a moment ago. */
  isSkipped(way: Way): boolean;
  /** Takes `withinMs` at most and never throws: a way that is not answered is left out. Not inside a transaction. */
  ask(ways: readonly Way[], withinMs: number): Promise<Measured[]>;
};

/** A technician's calendar in a range. */
export type Book = {
  technician: { id: string; name: string; isActive: boolean; skills: readonly string[]; start: Point | null };
  /** When they work: hours and extra hours without time off and closures, in order, not touching each other. */
  open: readonly Span[];
  /** In order of their start. */
  visits: readonly Visit[];
};

/** What is asked of the rules: a new job, or a job at its new place in the calendar. */
export type Wish = Span & {
  /** The job itself, which is never in its own way; null for a new one. */
  id: string | null;
  before: number;
  after: number;
  place: Place | null;
  /** Skills that its services need. */
  skills: readonly string[];
  /** What the vehicle has at that time. */
  vehicleVisits: readonly (Span & { id: string })[];
  /** Who books for themselves keeps the lead time and the horizon. */
  isPublic: boolean;
  now: number;
};
