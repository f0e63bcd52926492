import type { Role } from '../../access.ts';
import type { Late, Sql } from '../../database/sql.ts';
import type { Actor, Shop } from '../../http/context.ts';

export type Account = { id: string; email: string; name: string; role: Role; password_hash: string };
export type RefreshRow = {
  session_id: string;
  is_alive: boolean;
  used_ms_ago: number | null;
  id: string;
  email: string;
  name: string;
  role: Role;
};

type Asked = Actor & { shop_name: string; timezone: string; phone_region: Shop['region'] };

export type Known = { actor: Actor; shop: Shop };

/** The accounts behind living sessions, by session, and how the shop reads. */
export const findActors = async (sql: Sql, sessionIds: Late): Promise<Map<string, Known>> => {
  const rows = await sql<Asked>`
    select p.id, p.email, p.name, p.role, s.id as "sessionId", o.shop_name, o.timezone, o.phone_region
    from sessions s join staff p on p.id = s.staff_id cross join settings o
    where s.id = any(${sessionIds}::uuid[]) and s.ended_at is null and s.expires_at > now() and p.is_active`;
  return new Map(
    rows.map(({ shop_name: name, timezone: zone, phone_region: region, ...actor }) => [
      actor.sessionId,
      { actor, shop: { name, zone, region } },
    ]),
  );
};

export const findAccount = async (sql: Sql, email: string): Promise<Account | undefined> => {
  const [row] = await sql<Account>`
    select id, email, name, role, password_hash from staff where lower(email) = lower(${email}) and is_active`;
  return row;
};

/** Locks the account against a change of password or role; undefined when the hash is no longer the one checked. */
export const lockUnchangedAccount = async (
  tx: Sql,
  account: Account,
): Promise<{ id: string } | undefined> => {
  const [row] = await tx<{ id: string }>`
    select id from staff
    where id = ${account.id} and password_hash = ${account.password_hash} and is_active
    for no key update`;
  return row;
};

export const insertSession = async (tx: Sql, id: string, staffId: string): Promise<void> => {
  await tx`insert into sessions (id, staff_id, expires_at) values (${id}, ${staffId}, now() + interval '30 days')`;
};

/** A session in use lives 30 days from its last refresh. */
export const extendSession = async (tx: Sql, id: string): Promise<void> => {
  await tx`update sessions set expires_at = now() + interval '30 days' where id = ${id}`;
};

export const insertRefreshToken = async (
  tx: Sql,
  tokenHash: Uint8Array,
  sessionId: string,
): Promise<void> => {
  await tx`insert into refresh_tokens (token_hash, session_id) values (${tokenHash}, ${sessionId})`;
};

/** The session behind a refresh token, the token's row locked: of two refreshes one waits. */
export const lockRefreshToken = async (tx: Sql, tokenHash: Uint8Array): Promise<RefreshRow | undefined> => {
  const [row] = await tx<RefreshRow>`
    select t.session_id, p.id, p.email, p.name, p.role,
      s.ended_at is null and s.expires_at > now() and p.is_active as is_alive,
      (extract(epoch from clock_timestamp() - t.used_at) * 1000)::float8 as used_ms_ago
    from refresh_tokens t join sessions s on s.id = t.session_id join staff p on p.id = s.staff_id
    where t.token_hash = ${tokenHash} for update of t`;
  return row;
};

export const setRefreshTokenUsed = async (tx: Sql, tokenHash: Uint8Array): Promise<void> => {
  await tx`update refresh_tokens set used_at = clock_timestamp() where token_hash = ${tokenHash}`;
};

export const endSession = async (tx: Sql, id: string): Promise<void> => {
  await tx`update sessions set ended_at = now() where id = ${id} and ended_at is null`;
};

export const endSessionOfToken = async (tx: Sql, tokenHash: Uint8Array): Promise<void> => {
  await tx`
    update sessions set ended_at = now()
    where ended_at is null and id = (select session_id from refresh_tokens where token_hash = ${tokenHash})`;
};

export const endSessionsOf = async (tx: Sql, staffId: string): Promise<void> => {
  await tx`update sessions set ended_at = now() where staff_id = ${staffId} and ended_at is null`;
};

export const setPasswordHash = async (tx: Sql, staffId: string, passwordHash: string): Promise<void> => {
  await tx`
    update staff set password_hash = ${passwordHash}, updated_at = now(), version = version + 1
    where id = ${staffId}`;
};

export const endResetsOf = async (tx: Sql, staffId: string): Promise<void> => {
  await tx`update password_resets set used_at = now() where staff_id = ${staffId} and used_at is null`;
};

/** Takes one attempt back from each subject, and all of them from the account. */
export const forgiveAttempts = async (
  sql: Sql,
  subjects: readonly string[],
  account: string,
): Promise<void> => {
  await sql`
    update attempts set failures = case when subject = ${account} then 0 else greatest(failures - 1, 0) end
    where subject = any(${subjects}::text[])`;
};
