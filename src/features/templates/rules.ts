import { fail, type Issue, invalid } from '../../errors.ts';
import { TEMPLATE_VARIABLES as VARIABLES } from '../../shapes/message.ts';
import { nearest } from '../../values/nearest.ts';
import type { TemplateFields, Values, Variable } from './schema.ts';

/** Ten parts of a text message. */
const MAX_SMS_LENGTH = 1_600;

type Text = Pick<TemplateFields, 'subject' | 'body'>;

/** Throws 422 for a template that could not be sent: an unknown variable, an e-mail without a subject … */
export const assertTemplate = ({ channel, subject, body }: Text & Pick<TemplateFields, 'channel'>): void => {
  if (channel === 'email' && subject === null) throw invalid('subject', 'is required for an e-mail');
  if (channel === 'sms' && subject !== null) throw invalid('subject', 'is for e-mails alone');
  if (channel === 'sms' && body.length > MAX_SMS_LENGTH)
    throw invalid('body', `must be at most ${MAX_SMS_LENGTH} characters long for a text message`);
  assertVariables({ subject, body });
};

/** Throws 422 that names each variable which is none, and the nearest one that is. */
export const assertVariables = ({ subject, body }: Text): void => {
  const issues = [...issuesIn('subject', subject ?? ''), ...issuesIn('body', body)];
  if (issues.length === 0) return;
  const sentence = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw fail('request.body_invalid', `The request body is invalid: ${sentence}`, { issues });
};

/** The text with its variables filled in, or the names of those that have no value: none is ever left blank. */
export const filledIn = <T extends Text>(text: T, values: Values): T | { missing: Variable[] } => {
  const names = [...namesIn(text.subject ?? ''), ...namesIn(text.body)];
  const missing = VARIABLES.filter((name) => names.includes(name) && values[name] === undefined);
  if (missing.length > 0) return { missing };
  const fill = (one: string): string => one.replace(PLACE, (_, name: Variable) => values[name] ?? '');
  return { ...text, subject: text.subject === null ? null : fill(text.subject), body: fill(text.body) };
};

/** Throws message.variables_missing (422) that names them. */
export const rendered = <T extends Text>(text: T, values: Values): T => {
  const outcome = filledIn(text, values);
  if (!('missing' in outcome)) return outcome;
  const { missing } = outcome;
  throw fail(
    'message.variables_missing',
    `There is no value for ${missing.join(', ')}. Give them in variables, or take another template.`,
    {
      issues: missing.map((name) => ({ path: `variables.${name}`, message: 'has no value for this job' })),
      details: { missing },
    },
  );
};

/** What a job holds of them, as a template shows it. */
export type JobFacts = {
  id: string;
  customer_name: string;
  vehicle: string | null;
  starts_at: string;
  technician_name: string | null;
  shop_name: string;
  services: string | null;
  address: string | null;
  zone: string;
};

export const valuesOf = (job: JobFacts): Values => {
  const given = {
    ...timesOf(job.starts_at, job.zone),
    customer_name: job.customer_name,
    vehicle: job.vehicle,
    technician_name: job.technician_name,
    shop_name: job.shop_name,
    services: job.services,
    address: job.address,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== ''));
};

/** As people in the shop's zone say it. */
const timesOf = (instant: string, zone: string) => {
  const at = Temporal.Instant.from(instant).toZonedDateTimeISO(zone);
  // The narrow space before AM would make two parts of a text message, in another alphabet.
  const told = (how: Intl.DateTimeFormatOptions): string =>
    at.toLocaleString('en-US', how).replaceAll('\u202f', ' ');
  const date = told({ weekday: 'short', month: 'short', day: 'numeric' });
  const time = told({ hour: 'numeric', minute: '2-digit' });
  return { starts_at: `${date} at ${time}`, starts_date: date, starts_time: time };
};

const PLACE = /\{\{\s*([a-z_]+)\s*\}\}/g;
const ANY_PLACE = /\{\{([^{}]*)\}\}/g;

const namesIn = (text: string): string[] => [...text.matchAll(PLACE)].map(([, name = '']) => name);

const issuesIn = (path: string, text: string): Issue[] => {
  const names = [...text.matchAll(ANY_PLACE)].map(([, name = '']) => name.trim());
  const unknown = [...new Set(names)].filter((name) => !VARIABLES.some((known) => known === name));
  const issues = unknown.map((name) => ({ path, message: unknownVariable(name) }));
  return /\{\{|\}\}/.test(text.replace(ANY_PLACE, ''))
    ? [...issues, { path, message: 'has {{ without }}, or the other way round' }]
    : issues;
};

const unknownVariable = (name: string): string => {
  const meant = nearest(name, VARIABLES);
  const advice = meant === undefined ? `use ${VARIABLES.join(', ')}` : `did you mean {{${meant}}}?`;
  return `names {{${name.slice(0, 60)}}}, which is no variable; ${advice}`;
};
