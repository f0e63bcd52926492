import { whole } from './number.ts';

// The first motor car was patented in 1886; the end is wide, so that the answer does not change with the clock.
const FIRST_MODEL_YEAR = 1886;
const LAST_MODEL_YEAR = 2100;

export const modelYear = () => whole(FIRST_MODEL_YEAR, LAST_MODEL_YEAR);
