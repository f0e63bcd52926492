import { whole } from './number.ts';

/** Ten million in the shop's currency: small enough for int4, and for exact sums of millions of rows. */
const MAX_CENTS = 10_000_000_00;

export const cents = () => whole(0, MAX_CENTS);

/** Rounded half up to the cent; quantities count to the thousandth, prices are not negative. */
export const lineTotalCents = (quantity: number, unitPriceCents: number): number => {
  // Integers only: as a double, 1.005 × 100 is below 100.5 and would lose the cent.
  const thousandths = BigInt(Math.round(quantity * 1000)) * BigInt(unitPriceCents);
  return Number((thousandths + 500n) / 1000n);
};

/** 1205 → "12.05": for people and spreadsheets. */
export const decimalOf = (cents: number): string => {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
