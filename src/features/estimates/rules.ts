import { fail, invalid } from '../../errors.ts';
import { decimalOf } from '../../values/money.ts';
import { MAX_NOTES_LENGTH } from '../../values/text.ts';
import { isBefore } from '../../values/time.ts';
import type { Share } from './lines.ts';
import type { Decision, EstimateStatus } from './schema.ts';

type Decided = { decision: Decision | null };

/**
 * What the decisions on its lines make of an estimate that was sent. One that was booked, or whose invoice is issued,
 * stays converted: what comes on top is authorized line by line.
 */
export const standingOf = (status: EstimateStatus, lines: readonly Decided[]): EstimateStatus => {
  if (status === 'draft' || status === 'converted') return status;
  const approved = lines.filter(({ decision }) => decision === 'approved').length;
  const declined = lines.filter(({ decision }) => decision === 'declined').length;
  if (approved > 0) return approved === lines.length ? 'approved' : 'partly_approved';
  return declined > 0 && declined === lines.length ? 'declined' : 'sent';
};

type Said = readonly { line_id: string; decision: Decision }[];

/** The lines with what is said now. Throws 422 for one that is none of them, or is there twice. */
export const decidedOf = <Line extends Decided & { id: string }>(
  lines: readonly Line[],
  said: Said,
): Line[] => {
  const open = new Set(lines.map(({ id }) => id));
  for (const [at, { line_id }] of said.entries()) {
    if (!open.delete(line_id))
      throw invalid(`lines.${at}.line_id`, 'is not a line of this estimate, or is twice here');
  }
  const words = new Map(said.map(({ line_id, decision }) => [line_id, decision]));
  return lines.map((line) => ({ ...line, decision: words.get(line.id) ?? line.decision }));
};

export const authorizedCents = (lines: readonly (Decided & { total_cents: number })[]): number =>
  lines.reduce((sum, line) => sum + (line.decision === 'approved' ? line.total_cents : 0), 0);

type Standing = { status: EstimateStatus; is_billed: boolean; appointment_id: string | null };

export const assertDraft = ({ status }: Pick<Standing, 'status'>): void => {
  if (status === 'draft') return;
  throw fail(
    'estimate.not_draft',
    `This estimate is ${status}: its customer has it, so it stays. Change its lines instead.`,
    { details: { status } },
  );
};

/** What is billed is not changed behind its invoice. */
export const assertOpen = ({ status, is_billed }: Standing): void => {
  if (status === 'draft' || !is_billed) return;
  throw closed();
};

const closed = (): Error =>
  fail(
    'estimate.closed',
    'The job of this estimate is billed: it stays as it is. Make the invoice void first.',
  );

/** What is authorized for one vehicle is not done to another. Throws 422; neither has to be known yet. */
export const assertVehicleOfJob = (vehicleId: string | null, jobVehicleId: string | null): void => {
  if (vehicleId === null || jobVehicleId === null || vehicleId === jobVehicleId) return;
  throw invalid(
    'vehicle_id',
    'is not the vehicle of the job: name that one, or estimate this work by itself',
  );
};

const BEGUN = ['in_progress', 'ready', 'completed'];

/** Throws estimate.closed (409): by a link nobody takes back what the shop has begun to do, or agrees to what is over. */
export const assertTimely = (
  { job_status }: { job_status: string | null },
  lines: readonly (Decided & { id: string })[],
  said: Said,
): void => {
  const approved = new Set(lines.flatMap(({ id, decision }) => (decision === 'approved' ? [id] : [])));
  const takesBack = said.some(({ line_id, decision }) => decision === 'declined' && approved.has(line_id));
  const isLate = job_status === 'completed' || (takesBack && BEGUN.includes(job_status ?? ''));
  if (!isLate) return;
  throw fail(
    'estimate.closed',
    'The work on this has begun. Call the shop: what is agreed now is theirs to note.',
  );
};

type Sendable = Standing & { line_count: number; valid_until: string | null };

export const assertSendable = (one: Sendable, now: string): void => {
  if (one.is_billed) throw closed();
  if (one.line_count === 0) {
    throw fail(
      'estimate.empty',
      'This estimate has no lines: there is nothing to authorize. Add some first.',
    );
  }
  if (one.valid_until === null || isBefore(now, one.valid_until)) return;
  throw fail(
    'estimate.expired',
    'The time of this estimate is over: its link would open nothing. Give it more first.',
    {
      details: { valid_until: one.valid_until },
    },
  );
};

/** 16 CCR § 3353: an estimate is given to the customer first, and authorized then. */
export const assertSent = ({ status }: Pick<Standing, 'status'>): void => {
  if (status !== 'draft') return;
  throw fail('estimate.not_sent', 'This estimate is a draft. Give it to its customer first, with …/send.');
};

export const assertUnbooked = ({ appointment_id }: Pick<Standing, 'appointment_id'>): void => {
  if (appointment_id === null) return;
  throw fail('estimate.converted', 'This estimate has a job already. Change that one.', {
    details: { appointment_id },
  });
};

export const assertApproved = (lines: readonly Decided[], status: EstimateStatus): void => {
  if (status !== 'draft' && lines.some(({ decision }) => decision === 'approved')) return;
  throw fail('estimate.not_approved', 'No line of this estimate is approved: there is nothing to do yet.', {
    details: { status },
  });
};

type Agreed = Decided &
  Share & {
    service_id: string | null;
    is_sold: boolean;
    is_whole_sold: boolean;
    name: string;
    quantity: number;
    unit_price_cents: number;
  };
type Sale = { service_id: string; quantity: number; price_cents: number };

type Booked = { number: number; notes: string | null; maxServices: number; maxQuantity: number };

/**
 * What a job is booked with: the approved lines that are services which the shop sells, so that it gets their time and
 * skills; the others as words for whoever does it. A package all of whose lines are approved as they were written is
 * booked as the package itself, which may take less time than its pieces. What is billed comes from the estimate.
 */
export const bookedOf = (
  lines: readonly Agreed[],
  { number, notes, maxServices, maxQuantity }: Booked,
): { services: Sale[]; notes: string | null } => {
  const approved = lines.filter(({ decision }) => decision === 'approved');
  const services: Sale[] = [];
  const others: string[] = [];
  const wholes = new Set<string>();
  for (const line of approved) {
    const { part_of: whole } = line;
    if (whole !== null && wholes.has(whole.id)) continue;
    const isWhole = whole !== null && isApprovedWhole(line, approved);
    const sales = isWhole ? [saleOf(whole)] : salesOf(line, maxQuantity);
    if (sales.length > 0 && services.length + sales.length <= maxServices) {
      services.push(...sales);
      if (isWhole) wholes.add(whole.id);
    } else others.push(`${line.quantity} × ${line.name}`);
  }
  const words = others.length === 0 ? null : `Approved in estimate ${number}: ${others.join('; ')}`;
  const all = [notes, words].filter((one) => one !== null).join('\n');
  return { services, notes: all.slice(0, MAX_NOTES_LENGTH) || null };
};

/** None of its lines was declined, taken out or priced anew. */
const isApprovedWhole = ({ part_of, is_whole_sold }: Agreed, approved: readonly Agreed[]): boolean => {
  if (part_of === null || !is_whole_sold) return false;
  const parts = approved.filter((line) => line.part_of?.id === part_of.id);
  const cents = parts.reduce((sum, line) => sum + line.quantity * line.unit_price_cents, 0);
  return parts.length === part_of.lines && cents === part_of.quantity * part_of.price_cents;
};

const saleOf = ({ service_id, quantity, price_cents }: Sale): Sale => ({ service_id, quantity, price_cents });

/** A price that cannot be divided among the pieces is a cent more for some of them: the sum stays. */
const salesOf = (
  { service_id, is_sold, quantity, pieces, unit_price_cents }: Agreed,
  maxQuantity: number,
): Sale[] => {
  const count = quantity * pieces;
  if (service_id === null || !is_sold || count > maxQuantity) return [];
  const price_cents = Math.floor((quantity * unit_price_cents) / count);
  const dearer = quantity * unit_price_cents - count * price_cents;
  return [
    { service_id, quantity: count - dearer, price_cents },
    { service_id, quantity: dearer, price_cents: price_cents + 1 },
  ].filter((sale) => sale.quantity > 0);
};

type Document = { number: number; version: number; currency: string };

/** What a customer agrees to who decides by the link. */
export const linkText = (
  { number, version, currency }: Document,
  lines: readonly (Decided & { total_cents: number })[],
): string =>
  `Decided by the link, on version ${version} of estimate ${number}: the approved lines may be done, for ${currency} ${decimalOf(
    authorizedCents(lines),
  )} in all, and nothing else without asking again.`;

type Told = {
  name: string;
  number: number;
  currency: string;
  total_cents: number;
  shop_name: string;
  url: string | null;
};

export const letterOf = (told: Told): { subject: string; body: string } => ({
  subject: `Estimate ${told.number} of ${told.shop_name}`,
  body: [
    `Dear ${told.name},`,
    `estimate ${told.number} comes to ${told.currency} ${decimalOf(told.total_cents)}. Nothing is done before you approve it.`,
    told.url === null
      ? 'Please tell us what of it you approve.'
      : `See it, and decide line by line: ${told.url}`,
    told.shop_name,
  ].join('\n\n'),
});
