import { type Extra, type Failure, fail, invalid, type Reason } from '../../errors.ts';
import type { Finding, RuleName } from './rules.ts';

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

/** 409: and what to do about it. */
const NOT_THEN: Partial<Record<RuleName, { reason: Reason; advice: string }>> = {
  service_area: { reason: 'appointment.outside_area', advice: 'Check the address, or ask the shop.' },
  overlap: { reason: 'appointment.slot_taken', advice: 'Take another time or technician.' },
  vehicle: { reason: 'appointment.vehicle_busy', advice: 'Take another time.' },
  hours: { reason: 'appointment.outside_hours', advice: 'Take another time or technician.' },
  travel_before: { reason: 'appointment.travel_infeasible', advice: 'Take another time or technician.' },
  travel_after: { reason: 'appointment.travel_infeasible', advice: 'Take another time or technician.' },
  jobs_per_day: { reason: 'appointment.day_full', advice: 'Take another day or technician.' },
};

export const failureOf = (finding: Finding, details: NonNullable<Extra['details']> = {}): Failure => {
  const never = NEVER[finding.rule]?.(finding);
  if (never !== undefined) return never;
  const refusal = NOT_THEN[finding.rule];
  if (refusal === undefined) throw new Error(`no refusal for the rule ${finding.rule}`);
  const { appointment_id: neighbour, ...found } = finding.details;
  const conflict = neighbour === undefined ? {} : { conflicts_with: neighbour };
  return fail(refusal.reason, `${sentence(finding.message)} ${refusal.advice}`, {
    details: { rule: finding.rule, ...found, ...conflict, ...details },
  });
};

/** Is it about the time, so that others would do? */
export const hasOtherTimes = ({ rule }: Finding): boolean =>
  NEVER[rule] === undefined && rule !== 'service_area' && rule !== 'horizon';

const sentence = (message: string): string => {
  const text = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}`;
  return text.endsWith('.') ? text : `${text}.`;
};
