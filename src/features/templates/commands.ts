import { namingHolder } from '../../database/holders.ts';
import type { Sql, Transaction } from '../../database/sql.ts';
import { invalid, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { readJobs } from './facts.ts';
import {
  findHolder,
  insertTemplate,
  type LockedTemplate,
  lockTemplate,
  setTemplateDeleted,
  shapeTemplate,
  type TemplateShape,
  updateTemplate,
} from './queries.ts';
import { assertTemplate, rendered, valuesOf } from './rules.ts';
import type { NewTemplate, Rendering, TemplateFields, TemplatePatch } from './schema.ts';

export const addTemplate = async (tx: Transaction, input: NewTemplate): Promise<TemplateShape> => {
  const template: TemplateFields = { kind: null, subject: null, is_active: true, ...input };
  assertTemplate(template);
  const id = newId();
  await namingHolder(tx, holders(tx, template), () => insertTemplate(tx, id, template));
  return shapeNow(tx, id);
};

type On = { id: string; expected: Expected };

/** What was sent with it stays as it was sent. */
export const changeTemplate = async (
  tx: Transaction,
  { id, patch, expected }: On & { patch: TemplatePatch },
): Promise<TemplateShape> => {
  const next: TemplateFields = { ...(await lockLiving(tx, { id, expected })), ...patch };
  assertTemplate(next);
  await namingHolder(tx, holders(tx, next), () => updateTemplate(tx, id, next));
  return shapeNow(tx, id);
};

export const deleteTemplate = async (tx: Transaction, on: On): Promise<TemplateShape> => {
  await lockLiving(tx, on);
  await setTemplateDeleted(tx, on.id, true);
  return shapeNow(tx, on.id);
};

/** Restoring a template that is not deleted changes nothing. */
export const restoreTemplate = async (tx: Transaction, { id, expected }: On): Promise<TemplateShape> => {
  const current = await lockTemplate(tx, id);
  if (current === undefined) throw notFound('message_template');
  assertFresh('message_template', expected, current.version);
  if (current.deleted_at !== null)
    await namingHolder(tx, holders(tx, current), () => setTemplateDeleted(tx, id, false));
  return shapeNow(tx, id);
};

/** As it would be sent for a job, with what is given instead of, or in addition to, what the job holds. */
export const renderTemplate = async (
  tx: Transaction,
  { id, expected, appointment_id, variables }: On & Rendering,
): Promise<Pick<TemplateFields, 'channel' | 'subject' | 'body'>> => {
  const { channel, subject, body } = await lockLiving(tx, { id, expected });
  const [job] = appointment_id === undefined ? [] : await readJobs(tx, [appointment_id]);
  if (appointment_id !== undefined && job === undefined)
    throw invalid('appointment_id', 'does not name a job of the shop');
  const values = job === undefined ? {} : valuesOf(job);
  return rendered({ channel, subject, body }, { ...values, ...variables });
};

/** The living template with this id, as a body names it. Throws 422. */
export const templateNamed = async (tx: Sql, id: string): Promise<LockedTemplate> => {
  const found = await lockTemplate(tx, id);
  if (found === undefined || found.deleted_at !== null || !found.is_active)
    throw invalid('template_id', 'does not name a template that is in use');
  return found;
};

const lockLiving = async (tx: Transaction, { id, expected }: On): Promise<LockedTemplate> => {
  const current = await lockTemplate(tx, id);
  if (current === undefined || current.deleted_at !== null) throw notFound('message_template');
  assertFresh('message_template', expected, current.version);
  return current;
};

const shapeNow = async (tx: Transaction, id: string): Promise<TemplateShape> => {
  const found = await shapeTemplate(tx, id);
  if (found === undefined) throw notFound('message_template');
  return found;
};

const holders = (tx: Transaction, template: TemplateFields) => ({
  message_templates_kind_taken: () => findHolder(tx, template),
});
