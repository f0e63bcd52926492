import { isBefore, minutesBetween } from './time.ts';

/** From startsAt up to, but not including, endsAt: jobs that touch do not overlap. */
export type Slot = { startsAt: string; endsAt: string };

export const overlaps = (one: Slot, other: Slot): boolean =>
  isBefore(one.startsAt, other.endsAt) && isBefore(other.startsAt, one.endsAt);

export const lengthMinutes = (slot: Slot): number => minutesBetween(slot.startsAt, slot.endsAt);
