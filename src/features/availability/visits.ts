import { LONGEST_DRIVE_MS } from './travel.ts';
import type { Book, Visit, Wish } from './types.ts';

export const LONGEST_JOB_MS = 48 * 3_600_000;

/** When the technician is free again. */
export const endOf = (visit: Visit): number => visit.to + visit.after;

/** Active visits near enough to matter: jobs last 48 hours at most, and no longer drive than a day is reckoned. */
export const nearby = (book: Book, wish: Wish): Visit[] => {
  const earliest = wish.from - LONGEST_JOB_MS - LONGEST_DRIVE_MS;
  const latest = wish.to + LONGEST_DRIVE_MS;
  const visits: Visit[] = [];
  for (let at = firstFrom(book.visits, earliest); at < book.visits.length; at += 1) {
    const visit = book.visits[at];
    if (visit === undefined || visit.from - visit.before > latest) break;
    const isNear = endOf(visit) >= wish.from - wish.before - LONGEST_DRIVE_MS;
    if (visit.isActive && visit.id !== wish.id && isNear) visits.push(visit);
  }
  return visits;
};

/** Active visits whose time, buffers included, meets that of the wish. */
export const overlapping = (book: Book, wish: Wish): Visit[] =>
  nearby(book, wish).filter(
    (visit) => visit.from - visit.before < wish.to + wish.after && wish.from - wish.before < endOf(visit),
  );

/** The place of the first visit that does not begin before `from`. */
const firstFrom = (visits: readonly Visit[], from: number): number => {
  let low = 0;
  let high = visits.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((visits[middle]?.from ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return low;
};
