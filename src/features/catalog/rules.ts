import { invalid } from '../../errors.ts';
import type { Item, Kind } from './schema.ts';

type Candidate = { id: string; kind: Kind; deleted_at: string | null };

/** A package consists of items, nothing else does. `items` are those that the service will have. */
export const assertItemsFit = (kind: Kind, items: readonly Item[]): void => {
  if (kind === 'package' && items.length === 0)
    throw invalid('items', 'must name at least one item of the package');
  if (kind !== 'package' && items.length > 0)
    throw invalid('items', 'must be left out, for only a package has items');
};

/** Each item is a living service of the catalog, not the package itself and no package either. */
export const assertItemsStand = (
  packageId: string,
  items: readonly Item[],
  candidates: readonly Candidate[],
): void => {
  for (const [position, { service_id: serviceId }] of items.entries()) {
    const path = `items.${position}.service_id`;
    if (serviceId === packageId) throw invalid(path, 'names the package itself');
    const found = candidates.find(({ id }) => id === serviceId);
    if (found === undefined || found.deleted_at !== null)
      throw invalid(path, 'does not name a service of the catalog');
    if (found.kind === 'package')
      throw invalid(path, 'names a package; a package cannot be inside a package');
  }
};
