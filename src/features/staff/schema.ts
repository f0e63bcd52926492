import * as v from 'valibot';
import { ROLES } from '../../access.ts';
import { pageParameters } from '../../http/page.ts';
import { email } from '../../values/email.ts';
import { flag } from '../../values/number.ts';
import { line } from '../../values/text.ts';

const role = v.picklist(ROLES, `must be one of ${ROLES.join(', ')}`);

export const NewStaff = v.strictObject({
  email: email(),
  name: line(200),
  role,
  password: v.pipe(v.string('must be a text'), v.maxLength(10_000, 'must be at most 256 characters long')),
});

export const StaffPatch = v.strictObject({
  email: v.exactOptional(email()),
  name: v.exactOptional(line(200)),
  role: v.exactOptional(role),
  is_active: v.exactOptional(v.boolean('must be true or false')),
});

export const StaffList = v.strictObject({ ...pageParameters(['name']), is_active: v.optional(flag()) });

export type NewStaff = v.InferOutput<typeof NewStaff>;
export type StaffPatch = v.InferOutput<typeof StaffPatch>;
export type StaffList = v.InferOutput<typeof StaffList>;
