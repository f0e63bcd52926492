import { whole } from './number.ts';

/** Ten million in the shop's currency: small enough for int4, and for exact sums of millions of rows. */
const MAX_CENTS = 10_000_000_00;

export const cents = () => whole(0, MAX_CENTS);

/** Money that changes hands: at least a cent. */
export const someCents = () => whole(1, MAX_CENTS);

const WHOLE_BASIS_POINTS = 10_000n;

/** So many hundredths of a percent of an amount, rounded half up to the cent. */
export const shareCents = (cents: number, basisPoints: number): number =>
  Number((BigInt(cents) * BigInt(basisPoints) + WHOLE_BASIS_POINTS / 2n) / WHOLE_BASIS_POINTS);

/**
 * The whole cut in proportion to the weights, each part rounded down; what that leaves over is the second.
 * All weights nothing: they count as equal.
 */
export const cutCents = (
  cents: number,
  weights: readonly number[],
): { parts: number[]; remainder: number } => {
  const isEven = weights.every((weight) => weight === 0);
  const counted = weights.map((weight) => BigInt(isEven ? 1 : weight));
  const whole = counted.reduce((sum, weight) => sum + weight, 0n);
  const parts = counted.map((weight) => Number((BigInt(cents) * weight) / whole));
  return { parts, remainder: parts.reduce((left, part) => left - part, cents) };
};

/** 120512 → "$1,205.12": for people, as they write it in the United States. */
export const moneyOf = (cents: number, currency: string): string =>
  formatFor(currency).format(decimalOf(cents) as Intl.StringNumericLiteral);

const formats = new Map<string, Intl.NumberFormat>();
const formatFor = (currency: string): Intl.NumberFormat => {
  const known = formats.get(currency);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat('en-US', { style: 'currency', currency, minimumFractionDigits: 2 });
  formats.set(currency, made);
  return made;
};

/** 1205 → "12.05": for people and spreadsheets. */
export const decimalOf = (cents: number): string => {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
