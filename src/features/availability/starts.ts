import { refusal } from './rules.ts';
import type { Book, ShopRules, Span, Wish } from './types.ts';

/** Starts are offered on the quarter hours. Every zone's clock agrees on them. */
export const STEP_MS = 15 * 60_000;

export type Start = { book: Book; at: number };
export type Search = {
  shop: ShopRules;
  wish: Omit<Wish, 'from' | 'to'>;
  lengthMs: number;
  /** Another step than that of what is offered. */
  stepMs?: number;
};

/** The starts in a span at which a technician can be booked, by the same rules as the booking itself. */
export const startsOf = function* (search: Search, book: Book, { from, to }: Span): Generator<Start> {
  const { stepMs = STEP_MS } = search;
  let at = onGrid(from, stepMs);
  while (at < to) {
    const refused = refusal(search.shop, book, wishAt(search, at));
    if (refused === undefined) yield { book, at };
    const next = refused === undefined ? at : refused.retryAt;
    if (next === undefined) return;
    at = Math.max(at + stepMs, onGrid(next, stepMs));
  }
};

/** Of all technicians, the earliest start first; `books` are in the order in which equal starts are told. */
export const earliestStarts = function* (
  search: Search,
  books: readonly Book[],
  span: Span,
): Generator<Start> {
  const sources = books.map((book) => startsOf(search, book, span));
  const heads = sources.map((source) => source.next());
  for (;;) {
    const best = heads.reduce<number | undefined>((one, head, at) => {
      if (head.done === true) return one;
      const leader = one === undefined ? undefined : heads[one];
      return leader === undefined || leader.done === true || head.value.at < leader.value.at ? at : one;
    }, undefined);
    const head = best === undefined ? undefined : heads[best];
    if (best === undefined || head === undefined || head.done === true) return;
    yield head.value;
    heads[best] = sources[best]?.next() ?? { done: true, value: undefined };
  }
};

export const wishAt = ({ wish, lengthMs }: Search, at: number): Wish => ({
  ...{ ...wish, from: at, to: at + lengthMs },
});

const onGrid = (at: number, stepMs: number): number => Math.ceil(at / stepMs) * stepMs;
