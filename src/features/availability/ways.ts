import type { Way } from './types.ts';

export const keyOf = ({ from, to }: Way): string => `${from.lat},${from.lng};${to.lat},${to.lng}`;
