import type { Json, Transaction } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import {
  type AreaShape,
  deleteArea,
  findArea,
  insertArea,
  type LockedArea,
  lockArea,
  updateArea,
} from './queries.ts';
import { assertWhole } from './rules.ts';
import type { AreaFields, AreaPatch, NewArea } from './schema.ts';

const EMPTY = { radius_km: null, postal_codes: [], trip_fee_cents: 0, is_active: true };

export const addArea = async (tx: Transaction, input: NewArea): Promise<AreaShape> => {
  const area: AreaFields = { ...EMPTY, ...input };
  assertWhole(area);
  const id = newId();
  await insertArea(tx, id, area);
  return shapeNow(tx, id);
};

type OnArea = { id: string; expected: Expected };

export const changeArea = async (
  tx: Transaction,
  { id, patch, expected }: OnArea & { patch: AreaPatch },
): Promise<AreaShape> => {
  const next: AreaFields = { ...(await lockFresh(tx, { id, expected })), ...patch };
  assertWhole(next);
  await updateArea(tx, id, next);
  return shapeNow(tx, id);
};

/** For good: no job names its area, it keeps the trip fee itself. Returns what it was. */
export const removeArea = async (tx: Transaction, on: OnArea): Promise<Json> => {
  await lockFresh(tx, on);
  const { shape } = await shapeNow(tx, on.id);
  await deleteArea(tx, on.id);
  return shape;
};

const lockFresh = async (tx: Transaction, { id, expected }: OnArea): Promise<LockedArea> => {
  const current = await lockArea(tx, id);
  if (current === undefined) throw notFound('service_area');
  assertFresh('service_area', expected, current.version);
  return current;
};

const shapeNow = async (tx: Transaction, id: string): Promise<AreaShape> => {
  const found = await findArea(tx, id);
  if (found === undefined) throw notFound('service_area');
  return found;
};
