import type { Transaction } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import type { Expected } from '../../http/validate.ts';
import { authorizeLines } from '../estimates/authorizing.ts';
import { type PublicShape, shapeEstimateForCustomer } from './queries.ts';
import type { EstimateDecisions } from './schema.ts';

type Decided = EstimateDecisions & { id: string; expected: Expected };

/**
 * Only what the customer has seen is agreed to: estimate.stale (412) for another version than the one that they name. A
 * link that was ended or sent anew meanwhile has made another version too.
 */
export const decideByLink = async (
  tx: Transaction,
  { id, expected, version, lines, name }: Decided,
): Promise<PublicShape> => {
  const seen = expected === undefined || expected.includes(version) ? [version] : [];
  const said = { name, method: 'link', contact: null, recordedBy: null } as const;
  await authorizeLines(tx, { id, expected: seen, lines, said });
  const found = await shapeEstimateForCustomer(tx, id);
  if (found === undefined) throw notFound('estimate');
  return found;
};
