import { type Extra, type Failure, fail, invalid, type Reason } from '../../errors.ts';
import type { Finding, RuleName } from './rules.ts';

const TOLD_TO_STRANGERS = ['lead_minutes', 'latest'];

/** 422: no other start would help. */
const NEVER: Partial<Record<RuleName, (finding: Finding) => Failure>> = {
  past: () => invalid('starts_at', 'must be at most 15 minutes in the past'),
  length: ({ details }) =>
    invalid(
      'ends_at',
      Number(details.minutes) > 0 ? 'must be at most 48 hours after starts_at' : 'must be after starts_at',
    ),
  technician: () => invalid('technician_id', 'is a technician who is not active'),
  skills: ({ details }) =>
    invalid('technician_id', `must be a technician with the skill ${[details.missing].flat().join(', ')}`),
};

const TRAVEL = {
  reason: 'appointment.travel_infeasible',
  advice: 'Take another time or technician.',
  plainly: 'The technician cannot be there in time.',
} as const;

/** 409: and what to do about it. `plainly` where the finding's sentence tells of somebody else's job. */
const NOT_THEN: Partial<Record<RuleName, { reason: Reason; advice: string; plainly?: string }>> = {
  lead_time: { reason: 'appointment.too_soon', advice: 'Take a later time, or call the shop.' },
  horizon: { reason: 'appointment.too_far_ahead', advice: 'Take an earlier time, or call the shop.' },
  service_area: { reason: 'appointment.outside_area', advice: 'Check the address, or ask the shop.' },
  overlap: { reason: 'appointment.slot_taken', advice: 'Take another time or technician.' },
  vehicle: { reason: 'appointment.vehicle_busy', advice: 'Take another time.' },
  hours: { reason: 'appointment.outside_hours', advice: 'Take another time or technician.' },
  travel_before: TRAVEL,
  travel_after: TRAVEL,
  jobs_per_day: { reason: 'appointment.day_full', advice: 'Take another day or technician.' },
};

type Told = { details?: NonNullable<Extra['details']>; isPublic?: boolean };

export const failureOf = (finding: Finding, { details = {}, isPublic = false }: Told = {}): Failure => {
  const never = NEVER[finding.rule]?.(finding);
  if (never !== undefined) return never;
  const refusal = NOT_THEN[finding.rule];
  if (refusal === undefined) throw new Error(`no refusal for the rule ${finding.rule}`);
  const message = (isPublic ? refusal.plainly : undefined) ?? finding.message;
  const found = isPublic ? toldToStrangers(finding.details) : toldToStaff(finding.details);
  return fail(refusal.reason, `${sentence(message)} ${refusal.advice}`, {
    details: { rule: finding.rule, ...found, ...details },
  });
};

const toldToStaff = ({ appointment_id: neighbour, ...found }: Finding['details']) =>
  neighbour === undefined ? found : { ...found, conflicts_with: neighbour };

/** Nothing of other people's jobs: neither their ids nor when or how far away they are. */
const toldToStrangers = (found: Finding['details']) =>
  Object.fromEntries(Object.entries(found).filter(([name]) => TOLD_TO_STRANGERS.includes(name)));

/** Is it about the time, so that others would do? */
export const hasOtherTimes = ({ rule }: Finding): boolean =>
  NEVER[rule] === undefined && rule !== 'service_area' && rule !== 'horizon';

const sentence = (message: string): string => {
  const text = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}`;
  return text.endsWith('.') ? text : `${text}.`;
};
