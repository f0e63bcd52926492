import { DAY_MS, MINUTE_MS } from './days.ts';
import type { Random } from './random.ts';

/** What is paid and given back, whether it has happened yet or not. */
export type Ledger = {
  payments: { at: number; amount_cents: number; method: string; note: string | null }[];
  /** `of` is the payment's place. */
  refunds: { of: number; at: number; amount_cents: number; reason: string }[];
  voidedAt?: number;
};

type Debt = { issuedAt: number; totalCents: number; isFleet: boolean };

/** Below this it is not worth paying in parts. */
const LEAST_SPLIT_CENTS = 5_000;

export const tellPayments = (random: Random, debt: Debt): Ledger => {
  const way = debt.totalCents < LEAST_SPLIT_CENTS ? 'at once' : random.pickWeighted(WAYS);
  return WAYS_TOLD[way](random, debt);
};

type Way =
  | 'at once'
  | 'later'
  | 'halves'
  | 'thirds'
  | 'in part'
  | 'never'
  | 'paid again'
  | 'undone'
  | 'goodwill';

const WAYS: readonly (readonly [Way, number])[] = [
  ['at once', 738],
  ['later', 160],
  ['halves', 45],
  ['thirds', 15],
  ['in part', 12],
  ['never', 18],
  ['paid again', 6],
  ['undone', 3],
  ['goodwill', 3],
];

type Telling = (random: Random, debt: Debt) => Ledger;

const at = (random: Random, { issuedAt }: Debt, days: number): number =>
  issuedAt + days * DAY_MS + random.whole(2, 25) * MINUTE_MS;

const payment = (random: Random, debt: Debt, { days, cents }: { days: number; cents: number }) => {
  const method = random.pickWeighted(debt.isFleet ? FLEET_METHODS : METHODS);
  const note = method === 'check' ? `Check ${random.whole(1001, 4999)}` : null;
  return { at: at(random, debt, days), amount_cents: cents, method, note };
};

const inFull = (random: Random, debt: Debt, days: number): Ledger => ({
  payments: [payment(random, debt, { days, cents: debt.totalCents })],
  refunds: [],
});

/** Equal parts on these days after the issue, the last one with the remainder. */
const inParts = (random: Random, debt: Debt, dues: readonly number[]): Ledger => {
  const part = Math.floor(debt.totalCents / dues.length);
  const last = debt.totalCents - part * (dues.length - 1);
  return {
    payments: dues.map((days, index) =>
      payment(random, debt, { days, cents: index === dues.length - 1 ? last : part }),
    ),
    refunds: [],
  };
};

const refund = (
  ledger: Ledger,
  { at, cents, reason }: { at: number; cents: number; reason: string },
): Ledger => ({
  ...ledger,
  refunds: [{ of: 0, at, amount_cents: cents, reason }],
});

const WAYS_TOLD: Readonly<Record<Way, Telling>> = {
  'at once': (random, debt) => inFull(random, debt, 0),
  later: (random, debt) => inFull(random, debt, random.whole(1, debt.isFleet ? 30 : 14)),
  halves: (random, debt) => inParts(random, debt, [0, random.whole(5, 30)]),
  thirds: (random, debt) => inParts(random, debt, [0, random.whole(10, 20), random.whole(30, 45)]),
  'in part': (random, debt) => {
    const { payments, refunds } = inParts(random, debt, [0, 14, 28]);
    return { payments: payments.slice(0, random.whole(1, 2)), refunds };
  },
  never: () => ({ payments: [], refunds: [] }),
  'paid again': (random, debt) => {
    const ledger = inFull(random, debt, 0);
    const backAt = debt.issuedAt + 40 * MINUTE_MS;
    const [again] = inFull(random, debt, 1).payments;
    const undone = refund(ledger, {
      at: backAt,
      cents: debt.totalCents,
      reason: 'Charged to the wrong card',
    });
    return again === undefined ? undone : { ...undone, payments: [...ledger.payments, again] };
  },
  undone: (random, debt) => {
    const backAt = debt.issuedAt + random.whole(2, 9) * DAY_MS;
    const reason = 'The part failed within the week';
    const ledger = refund(inFull(random, debt, 0), { at: backAt, cents: debt.totalCents, reason });
    return { ...ledger, voidedAt: backAt + 2 * MINUTE_MS };
  },
  goodwill: (random, debt) => {
    const backAt = debt.issuedAt + random.whole(1, 12) * DAY_MS;
    const cents = Math.floor(debt.totalCents / random.whole(4, 10));
    return refund(inFull(random, debt, 0), {
      at: backAt,
      cents,
      reason: 'Disputed: the work took two visits',
    });
  },
};

const METHODS = [
  ['card', 70],
  ['cash', 14],
  ['check', 8],
  ['ach', 5],
  ['other', 3],
] as const;

const FLEET_METHODS = [
  ['ach', 60],
  ['check', 30],
  ['card', 10],
] as const;
