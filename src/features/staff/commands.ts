import { namingHolder } from '../../database/holders.ts';
import type { Transaction } from '../../database/sql.ts';
import { fail, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { endSessions, replacePassword } from '../auth/commands.ts';
import { assertStrongPassword, hashPassword } from '../auth/passwords.ts';
import {
  findStaff,
  findStaffByEmail,
  hasStaff,
  insertStaff,
  lockActiveOwners,
  lockStaff,
  lockStaffTable,
  type StaffFields,
  type StaffShape,
  updateStaff,
} from './queries.ts';
import type { NewStaff, StaffPatch } from './schema.ts';

/** Judges and hashes the password; before the transaction, for it takes 30 ms that no lock should wait for. */
export const preparePassword = async (
  input: Pick<NewStaff, 'email' | 'name' | 'password'>,
  shopName: string,
): Promise<string> => {
  await assertStrongPassword(input.password, { email: input.email, name: input.name, shopName }, 'password');
  return hashPassword(input.password);
};

type Hired = { input: NewStaff; passwordHash: string };

export const addStaff = async (tx: Transaction, { input, passwordHash }: Hired): Promise<StaffShape> => {
  const { email, name, role } = input;
  const id = newId();
  await namingHolder(tx, holders(tx, email), () =>
    insertStaff(tx, { id, email, name, role, is_active: true, password_hash: passwordHash }),
  );
  return shapeNow(tx, id);
};

type Change = { id: string; patch: StaffPatch; expected: Expected };

/** A change of role, or an end of the account, ends its sessions. The shop keeps at least one active owner. */
export const changeStaff = async (tx: Transaction, { id, patch, expected }: Change): Promise<StaffShape> => {
  const owners = await lockActiveOwners(tx);
  const current = await lockStaff(tx, id);
  if (current === undefined) throw notFound('staff');
  assertFresh('staff', expected, current.version);
  const next: StaffFields = { ...current, ...patch };
  const staysOwner = next.role === 'owner' && next.is_active;
  if (!staysOwner && owners.length === 1 && owners[0]?.id === id) {
    throw fail('staff.last_owner', 'This is the only active owner. Make somebody else an owner first.');
  }
  await namingHolder(tx, holders(tx, next.email), () => updateStaff(tx, id, next));
  if (next.role !== current.role || !next.is_active) await endSessions(tx, id);
  return shapeNow(tx, id);
};

/** For whoever keeps the box: without the old password. */
export const setStaffPassword = (tx: Transaction, id: string, passwordHash: string): Promise<void> =>
  replacePassword(tx, id, passwordHash);

type FirstOwner = { email: string; password: string; name: string; shopName: string };

/** Makes the first account when there is none; false when there is one already. Throws password.too_weak. */
export const ensureFirstOwner = async (tx: Transaction, owner: FirstOwner): Promise<boolean> => {
  await lockStaffTable(tx);
  if (await hasStaff(tx)) return false;
  const passwordHash = await preparePassword(owner, owner.shopName);
  await addStaff(tx, { input: { ...owner, role: 'owner' }, passwordHash });
  return true;
};

const shapeNow = async (tx: Transaction, id: string): Promise<StaffShape> => {
  const found = await findStaff(tx, id);
  if (found === undefined) throw notFound('staff');
  return found;
};

const holders = (tx: Transaction, email: string) => ({
  staff_email_taken: () => findStaffByEmail(tx, email),
});
