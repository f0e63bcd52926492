import type { Sql, Transaction } from '../../database/sql.ts';
import { newId } from '../../values/id.ts';
import { readJobs } from '../templates/facts.ts';
import {
  type Claimed,
  cancelMessages,
  claimMails,
  insertTexts,
  listNoticeTemplates,
  lockDue,
  readErrands,
  type Settled,
  settle,
} from './queries.ts';
import { type Decision, decide, type Errand, isSameText, MAX_ATTEMPTS, type Text } from './rules.ts';

/** Above the longest that a provider may take: until then nobody else sends it. */
export const LEASE_S = 60;
const MOST_AT_ONCE = 20;

/** `now` is null but in tests: PostgreSQL's clock is the one that all boxes share. `isFound`: there may be more. */
export const claim = async (
  tx: Transaction,
  now: string | null,
): Promise<{ letters: Claimed[]; isFound: boolean }> => {
  const mails = await claimMails(tx, {
    ...{ now, most: MOST_AT_ONCE, leaseS: LEASE_S, maxAttempts: MAX_ATTEMPTS },
  });
  const ids = await lockDue(tx, now, MOST_AT_ONCE);
  const { letters, settled } =
    ids.length === 0 ? { letters: [], settled: 0 } : await claimErrands(tx, ids, now);
  return { letters: [...mails, ...letters], isFound: mails.length + settled > 0 };
};

type Decided = { errand: Errand; decision: Decision };
type Sending = { errand: Errand; text: Text; id: string; isNew: boolean };

/** Job and customer stay locked until what was decided is committed: so it is true at that moment. */
const claimErrands = async (
  tx: Sql,
  ids: readonly string[],
  now: string | null,
): Promise<{ letters: Claimed[]; settled: number }> => {
  const errands = firstOfEach(await readErrands(tx, ids, now));
  const templates = await listNoticeTemplates(tx);
  const jobs = new Map(
    (
      await readJobs(
        tx,
        errands.map((one) => one.appointment_id),
      )
    ).map((job) => [job.id, job]),
  );
  const decided = errands.flatMap((errand): Decided[] => {
    const job = jobs.get(errand.appointment_id);
    return job === undefined ? [] : [{ errand, decision: decide(errand, templates, job) }];
  });
  const sending = decided.flatMap(({ errand, decision }): Sending[] => {
    if (decision.outcome !== 'send') return [];
    const { text } = decision;
    const isNew = !isSameText(errand, text);
    return [{ errand, text, isNew, id: isNew ? newId() : (errand.message?.id ?? newId()) }];
  });
  const settled = await keep(tx, { decided, sending, now });
  const letters = sending.map(({ errand, text, id }) => ({
    ...{ delivery_id: errand.id, attempt: errand.attempts + 1, id },
    ...{ channel: text.channel, recipient: text.recipient, subject: text.subject, body: text.body },
  }));
  return { letters, settled };
};

/** What one customer is told is told one after the other: each counts in the limit, and none overtakes another. */
const firstOfEach = (errands: readonly Errand[]): Errand[] => [
  ...new Map(errands.toReversed().map((errand) => [errand.customer_id, errand])).values(),
];

type Outcome = { decided: readonly Decided[]; sending: readonly Sending[]; now: string | null };

const keep = async (tx: Sql, { decided, sending, now }: Outcome): Promise<number> => {
  const outdated = decided.flatMap(({ errand, decision }) => outdatedBy(errand, decision));
  if (outdated.length > 0) await cancelMessages(tx, outdated);
  const texts = sending.filter(({ isNew }) => isNew);
  if (texts.length > 0) {
    const rows = texts.map(({ errand, text, id }) => ({
      ...text,
      id,
      appointment_id: errand.appointment_id,
    }));
    await insertTexts(tx, rows, now);
  }
  const ids = new Map(sending.map(({ errand, id }) => [errand.id, id]));
  const settled = decided.flatMap(({ errand, decision }) =>
    decision.outcome === 'wait' ? [] : [settledAs(errand, decision, ids.get(errand.id) ?? null)],
  );
  if (settled.length > 0) await settle(tx, settled, { now, leaseS: LEASE_S });
  return settled.length;
};

/** The text of an attempt before that is not true any more, or that nobody will get. */
const outdatedBy = (errand: Errand, decision: Decision): string[] => {
  if (errand.message === null) return [];
  const isKept =
    decision.outcome === 'wait' ||
    decision.outcome === 'hold' ||
    (decision.outcome === 'send' && isSameText(errand, decision.text));
  return isKept ? [] : [errand.message.id];
};

const settledAs = (errand: Errand, decision: Decision, messageId: string | null): Settled => {
  const before = {
    ...{ id: errand.id, message_id: errand.message?.id ?? null, channel: errand.message?.channel ?? null },
    ...{ recipient: errand.recipient, subject: errand.subject },
  };
  switch (decision.outcome) {
    case 'send': {
      const { channel, recipient, subject } = decision.text;
      const addressed = { message_id: messageId, channel, recipient, subject };
      return { ...before, ...addressed, status: 'sending', error: null, due_at: null };
    }
    case 'hold':
      return { ...before, status: 'queued', error: decision.why, due_at: decision.until };
    case 'fail':
      return { ...before, status: 'failed', error: decision.why, due_at: null };
    default:
      return { ...before, status: 'canceled', error: 'why' in decision ? decision.why : null, due_at: null };
  }
};
