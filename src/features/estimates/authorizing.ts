import type { Transaction } from '../../database/sql.ts';
import type { Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { insertAuthorizations, type Said, shapeAuthorizations } from './authorizations.ts';
import { lockNamed, type OnEstimate, shapeNow } from './commands.ts';
import { type EstimateShape, listLines, setStatus } from './queries.ts';
import { assertOpen, assertSent, assertTimely, decidedOf, linkText, standingOf } from './rules.ts';
import type { Decision } from './schema.ts';

type Decisions = readonly { line_id: string; decision: Decision }[];
type Words = OnEstimate & {
  /** What the customer was shown or told: only that is agreed to. Without it, what stands. */
  version?: number | undefined;
  lines: Decisions;
  said: Omit<Said, 'text'> & { text?: string };
};
export type Authorized = { id: string; version: number; json: string; estimate: EstimateShape };

/**
 * Writes down what the customer said to some lines: who, when, how, to what, for how much. 16 CCR §§ 3353 and 3354 ask
 * for it before anything is done, and again for whatever comes on top; § 3353.1 and § 3356 for how it is kept. Nothing
 * of it is ever changed: the last word counts. Without a text it is what the link's customer agrees to. Throws
 * estimate.stale (412) for another version than the words are about; a link that was ended or sent anew made one too.
 */
export const authorizeLines = async (
  tx: Transaction,
  { id, expected, version, lines: decisions, said }: Words,
): Promise<Authorized> => {
  const estimate = await lockNamed(tx, { id, expected: bothOf(expected, version) });
  assertSent(estimate);
  assertOpen(estimate);
  const known = await listLines(tx, estimate.id);
  if (said.method === 'link') assertTimely(estimate, known, decisions);
  const lines = decidedOf(known, decisions);
  await setStatus(tx, estimate.id, standingOf(estimate.status, lines));
  const byId = new Map(lines.map((line) => [line.id, line]));
  const rows = decisions.map(({ line_id, decision }) => {
    const line = byId.get(line_id);
    return {
      id: newId(),
      line_id,
      decision,
      line_name: line?.name ?? '',
      amount_cents: line?.total_cents ?? 0,
    };
  });
  const made = { id: estimate.id, version: estimate.version + 1 };
  const text = said.text ?? linkText(estimate, lines);
  await insertAuthorizations(tx, made, { rows, said: { ...said, text } });
  const authorizations = await shapeAuthorizations(tx, made);
  const shape = await shapeNow(tx, estimate.id);
  const json = `{"authorizations":${authorizations},"estimate":${shape.shape}}`;
  return { ...made, json, estimate: shape };
};

/** The version that the words are about, if the client may mean that one; without words about one, what it means. */
const bothOf = (expected: Expected, version: number | undefined): Expected => {
  if (version === undefined) return expected;
  return expected === undefined || expected.includes(version) ? [version] : [];
};
