import type { Context } from 'hono';
import type { Role } from '../access.ts';
import type { Database } from '../database/sql.ts';
import type { Trace } from '../database/timing.ts';
import type { Region } from '../values/phone.ts';

/** Who asks, as the database knew it when this request began. */
export type Actor = { id: string; email: string; name: string; role: Role; sessionId: string };

/** How the shop reads what people write: a bare date in its zone, a local phone number in its region. */
export type Shop = { name: string; zone: string; region: Region };

/** Who does it: one of the staff, or the customer whom a booking or a link names; without an id a stranger. */
export type Doer = { id: string | null; role: Role | 'customer' };

/** Who writes, and under which correlation id. */
export type Act = { actor: Actor; correlationId: string };

export type Env = {
  Bindings: { server?: { requestIP(request: Request): { address: string } | null } };
  Variables: {
    correlationId: string;
    trace: Trace;
    sql: Database;
    /** Unset where a route is open to strangers. */
    actor: Actor;
    /** Where a stranger who writes comes from: nobody else's Idempotency-Key is theirs. */
    stranger: string;
    /** As its settings stood when this request began; where a route is open to strangers only if it reads by them. */
    shop: Shop;
    /** How this write is to be done; only set where a route writes. */
    writing: { key: string | undefined; isKeyDemanded: boolean; given: string; isDryRun: boolean };
    /** The pattern of the route that answers, such as /v1/customers/:id; '' while none is known. */
    route: string;
  };
};

export type Ctx = Context<Env>;

/** A technician sees what belongs to their own jobs: their staff id, or null for whoever sees all. */
export const onlyOwnJobsOf = (actor: Actor): string | null => (actor.role === 'technician' ? actor.id : null);
