import type { Book, ShopRules, Wish } from './types.ts';

/** `retryAt`: the first later start at which the rule could pass; without it none can. */
export type Outcome = Pass | Refusal;
type Pass = { pass: true; message: string; details: Record<string, unknown> };
export type Refusal = Omit<Pass, 'pass'> & { pass: false; retryAt?: number };

/** `book` is undefined for a job without a technician. */
export type Judge = (shop: ShopRules, book: Book | undefined, wish: Wish) => Outcome;

export const passes = (message: string, details: Record<string, unknown> = {}): Outcome => ({
  pass: true,
  message,
  details,
});

export const fails = (
  message: string,
  details: Record<string, unknown>,
  retryAt: number | undefined = undefined,
): Outcome => ({ pass: false, message, details, ...(retryAt === undefined ? {} : { retryAt }) });

/** A rule about the technician: it has nothing against a job that has none yet. */
export const withBook =
  (judgeBook: (shop: ShopRules, book: Book, wish: Wish) => Outcome): Judge =>
  (shop, book, wish) =>
    book === undefined ? passes('The job has no technician yet.') : judgeBook(shop, book, wish);

export const instantOf = (at: number): string => Temporal.Instant.fromEpochMilliseconds(at).toString();

export const minutesOf = (span: number): number => Math.round(span / 60_000);
