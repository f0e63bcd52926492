import { namingHolder } from '../../database/holders.ts';
import type { Transaction } from '../../database/sql.ts';
import { invalid, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import {
  deleteItems,
  findHolder,
  insertItems,
  insertService,
  isInPackage,
  type LockedService,
  listItems,
  lockServices,
  type ServiceShape,
  setServiceDeleted,
  shapeService,
  updateService,
} from './queries.ts';
import { assertItemsFit, assertItemsStand } from './rules.ts';
import type { Item, NewService, ServiceFields, ServicePatch } from './schema.ts';

const EMPTY = { description: null, skills: [], is_active: true };

export const addService = async (tx: Transaction, input: NewService): Promise<ServiceShape> => {
  const { items = [], ...given } = input;
  const id = newId();
  const service: ServiceFields = { ...EMPTY, ...given };
  assertItemsFit(service.kind, items);
  if (items.length > 0) assertItemsStand(id, items, await lockServices(tx, idsOf(items)));
  await namingHolder(tx, holders(tx, service.code), () => insertService(tx, id, service));
  if (items.length > 0) await insertItems(tx, id, items);
  return shapeNow(tx, id);
};

type Change = { id: string; patch: ServicePatch; expected: Expected };

/** A package that becomes something else loses its items. */
export const changeService = async (
  tx: Transaction,
  { id, patch, expected }: Change,
): Promise<ServiceShape> => {
  const { items: givenItems, ...given } = patch;
  // All in one order and at once: of two that put each other inside, the second sees what the first did.
  const locked = await lockServices(tx, [id, ...idsOf(givenItems ?? [])]);
  const current = livingOf(locked, id);
  assertFresh('service', expected, current.version);
  const next: ServiceFields = { ...current, ...given };
  const kept = next.kind === 'package' ? await listItems(tx, id) : [];
  assertItemsFit(next.kind, givenItems ?? kept);
  assertItemsStand(id, givenItems ?? [], locked);
  if (next.kind === 'package' && current.kind !== 'package' && (await isInPackage(tx, id))) {
    throw invalid('kind', 'cannot be package, for this service is an item of a package');
  }
  await namingHolder(tx, holders(tx, next.code), () => updateService(tx, id, next));
  if (givenItems !== undefined || next.kind !== current.kind) {
    await deleteItems(tx, id);
    await insertItems(tx, id, givenItems ?? []);
  }
  return shapeNow(tx, id);
};

/** Jobs and invoices keep their own copy of what was sold, and packages their items. */
export const deleteService = async (
  tx: Transaction,
  id: string,
  expected: Expected,
): Promise<ServiceShape> => {
  const current = livingOf(await lockServices(tx, [id]), id);
  assertFresh('service', expected, current.version);
  await setServiceDeleted(tx, id, true);
  return shapeNow(tx, id);
};

/** Restoring a service that is not deleted changes nothing. */
export const restoreService = async (
  tx: Transaction,
  id: string,
  expected: Expected,
): Promise<ServiceShape> => {
  const [current] = await lockServices(tx, [id]);
  if (current === undefined) throw notFound('service');
  assertFresh('service', expected, current.version);
  if (current.deleted_at !== null) {
    await namingHolder(tx, holders(tx, current.code), () => setServiceDeleted(tx, id, false));
  }
  return shapeNow(tx, id);
};

const idsOf = (items: readonly Item[]): string[] => items.map((item) => item.service_id);

const livingOf = (locked: readonly LockedService[], id: string): LockedService => {
  const current = locked.find((service) => service.id === id);
  if (current === undefined || current.deleted_at !== null) throw notFound('service');
  return current;
};

const shapeNow = async (tx: Transaction, id: string): Promise<ServiceShape> => {
  const found = await shapeService(tx, id);
  if (found === undefined) throw notFound('service');
  return found;
};

const holders = (tx: Transaction, code: string) => ({
  services_code_taken: () => findHolder(tx, code),
});
