import { checkDigitOf } from '../../../src/values/vin.ts';

let made = 0;

/** A VIN with a right check digit, another one at every call. */
export const aVin = (): string => {
  made += 1;
  const serial = String(made).padStart(6, '0');
  return `1HGCM826${checkDigitOf(`1HGCM82603A${serial}`)}3A${serial}`;
};

/** The same VIN with a check digit that is wrong. */
export const wrongVin = (): string => {
  const vin = aVin();
  return `${vin.slice(0, 8)}${vin[8] === '5' ? '6' : '5'}${vin.slice(9)}`;
};
