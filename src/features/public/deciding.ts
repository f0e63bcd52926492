import type { Transaction } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import type { Expected } from '../../http/validate.ts';
import { authorizeLines } from '../estimates/authorizing.ts';
import type { Decided } from '../estimates/schema.ts';
import { type PublicShape, shapeEstimateForCustomer } from './queries.ts';

type OnEstimate = Decided & { id: string; expected: Expected };

export const decideByLink = async (
  tx: Transaction,
  { name, ...decided }: OnEstimate,
): Promise<PublicShape> => {
  const said = { name, method: 'link', contact: null, recordedBy: null } as const;
  await authorizeLines(tx, { ...decided, said });
  const found = await shapeEstimateForCustomer(tx, decided.id);
  if (found === undefined) throw notFound('estimate');
  return found;
};
