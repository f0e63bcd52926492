import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { SERVICE_KINDS } from '../../shapes/service.ts';
import { documented } from '../../values/documented.ts';
import { id } from '../../values/id.ts';
import { cents } from '../../values/money.ts';
import { commaList, flag, whole } from '../../values/number.ts';
import { tags } from '../../values/tags.ts';
import { line, prose } from '../../values/text.ts';

export type Kind = (typeof SERVICE_KINDS)[number];

const MAX_DURATION_MINUTES = 2_880;
const MAX_ITEMS = 50;
const MAX_QUANTITY = 1_000;
const MAX_FILTER_VALUES = 50;

const NOT_A_CODE = 'must be 1 to 40 letters, digits and dashes';

// Tested before upper-casing: ß would become SS.
const code = v.pipe(
  v.string(NOT_A_CODE),
  documented({ type: 'string', pattern: '^[A-Za-z0-9-]{1,40}$', examples: ['OIL-SYNTHETIC'] }),
  v.trim(),
  v.regex(/^[a-z\d-]{1,40}$/i, NOT_A_CODE),
  v.toUpperCase(),
);

// The list's filter takes several categories with commas between them.
const category = v.pipe(
  line(60),
  v.check((text) => !text.includes(','), 'must not contain a comma'),
);

const kind = v.picklist(SERVICE_KINDS, `must be one of ${SERVICE_KINDS.join(', ')}`);

const items = v.pipe(
  v.array(v.strictObject({ service_id: id(), quantity: whole(1, MAX_QUANTITY) }), 'must be a list of items'),
  v.maxLength(MAX_ITEMS, `must be at most ${MAX_ITEMS} items`),
);

const requiredFields = {
  code,
  name: line(200),
  category,
  duration_minutes: whole(0, MAX_DURATION_MINUTES),
  price_cents: cents(),
  kind,
};

const optionalFields = {
  description: v.exactOptional(v.nullable(prose(2_000))),
  skills: v.exactOptional(tags()),
  is_active: v.exactOptional(v.boolean('must be true or false')),
  items: v.exactOptional(items),
};

export const NewService = v.strictObject({ ...requiredFields, ...optionalFields });

export const ServicePatch = v.strictObject({
  code: v.exactOptional(requiredFields.code),
  name: v.exactOptional(requiredFields.name),
  category: v.exactOptional(requiredFields.category),
  duration_minutes: v.exactOptional(requiredFields.duration_minutes),
  price_cents: v.exactOptional(requiredFields.price_cents),
  kind: v.exactOptional(requiredFields.kind),
  ...optionalFields,
});

export const ServiceList = v.strictObject({
  ...pageParameters(['name']),
  category: v.optional(commaList(line(60), MAX_FILTER_VALUES)),
  kind: v.optional(commaList(kind, MAX_FILTER_VALUES)),
  is_active: v.optional(flag()),
  deleted: v.optional(flag(), 'false'),
});

export type NewService = v.InferOutput<typeof NewService>;
export type ServicePatch = v.InferOutput<typeof ServicePatch>;
export type ServiceList = v.InferOutput<typeof ServiceList>;

export type Item = { service_id: string; quantity: number };

/** What a service consists of, beside id, items, version and times. */
export type ServiceFields = {
  code: string;
  name: string;
  category: string;
  description: string | null;
  duration_minutes: number;
  price_cents: number;
  kind: Kind;
  skills: string[];
  is_active: boolean;
};
