import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { documented } from '../../values/documented.ts';
import { id } from '../../values/id.ts';
import { flag } from '../../values/number.ts';
import { phone, type Region } from '../../values/phone.ts';
import { type Point, point } from '../../values/place.ts';
import { tags } from '../../values/tags.ts';
import { line } from '../../values/text.ts';

const NOT_INITIALS = 'must be 1 to 4 letters';

// ß becomes SS and grows: the length is tested afterwards.
const initials = v.config(
  v.pipe(
    v.string(NOT_INITIALS),
    documented({ type: 'string', pattern: '^[A-Za-z]{1,4}$', examples: ['ML'] }),
    v.maxLength(20, NOT_INITIALS),
    v.trim(),
    v.toUpperCase(),
    v.regex(/^\p{L}{1,4}$/u, NOT_INITIALS),
  ),
  { abortPipeEarly: true },
);

const optionalFields = (region: Region) => ({
  initials: v.exactOptional(initials),
  phone: v.exactOptional(v.nullable(phone(region))),
  skills: v.exactOptional(tags()),
  start: v.exactOptional(v.nullable(point())),
  staff_id: v.exactOptional(v.nullable(id())),
  is_active: v.exactOptional(v.boolean('must be true or false')),
});

/** A phone without a country code is one of `region`. */
export const newTechnician = ({ region }: { region: Region }) =>
  v.strictObject({ name: line(200), ...optionalFields(region) });

export const technicianPatch = ({ region }: { region: Region }) =>
  v.strictObject({ name: v.exactOptional(line(200)), ...optionalFields(region) });

export const TechnicianList = v.strictObject({ ...pageParameters(['name']), is_active: v.optional(flag()) });

export type NewTechnician = v.InferOutput<ReturnType<typeof newTechnician>>;
export type TechnicianPatch = v.InferOutput<ReturnType<typeof technicianPatch>>;
export type TechnicianList = v.InferOutput<typeof TechnicianList>;

/** What a technician consists of, beside id, version and times. `start` is where the day's first drive begins. */
export type TechnicianFields = {
  name: string;
  initials: string;
  phone: string | null;
  skills: string[];
  start: Point | null;
  staff_id: string | null;
  is_active: boolean;
};
