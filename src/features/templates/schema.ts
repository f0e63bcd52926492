import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import {
  CHANNELS,
  type Channel,
  NOTICE_KINDS,
  type NoticeKind,
  TEMPLATE_VARIABLES,
} from '../../shapes/message.ts';
import { documented } from '../../values/documented.ts';
import { id } from '../../values/id.ts';
import { commaList, flag } from '../../values/number.ts';
import { line, prose } from '../../values/text.ts';
import { instantOrDate } from '../../values/time.ts';

export type Variable = (typeof TEMPLATE_VARIABLES)[number];
export type Values = { readonly [Name in Variable]?: string };

const MAX_BODY_LENGTH = 10_000;

export const channel = v.picklist(CHANNELS, `must be one of ${CHANNELS.join(', ')}`);
export const subject = line(200);
export const body = prose(MAX_BODY_LENGTH);
const kind = v.picklist(NOTICE_KINDS, `must be one of ${NOTICE_KINDS.join(', ')}`);

const MAX_VALUE_LENGTH = 300;
export const variables = v.pipe(
  v.unknown(),
  // To valibot an empty list is an object without fields.
  v.check((given) => !Array.isArray(given), 'must be an object'),
  v.strictObject(v.entriesFromList(TEMPLATE_VARIABLES, v.exactOptional(line(MAX_VALUE_LENGTH)))),
  documented({
    type: 'object',
    properties: Object.fromEntries(
      TEMPLATE_VARIABLES.map((name) => [name, { type: 'string', minLength: 1, maxLength: MAX_VALUE_LENGTH }]),
    ),
    additionalProperties: false,
  }),
);

const optionalFields = {
  kind: v.exactOptional(v.nullable(kind)),
  subject: v.exactOptional(v.nullable(subject)),
  is_active: v.exactOptional(v.boolean('must be true or false')),
};

export const NewTemplate = v.strictObject({ name: line(100), channel, body, ...optionalFields });

export const TemplatePatch = v.strictObject({
  name: v.exactOptional(line(100)),
  body: v.exactOptional(body),
  ...optionalFields,
});

export const TemplateList = v.strictObject({
  ...pageParameters(['name']),
  kind: v.optional(commaList(kind, NOTICE_KINDS.length)),
  channel: v.optional(channel),
  deleted: v.optional(flag(), 'false'),
});

export const Rendering = v.strictObject({
  appointment_id: v.exactOptional(id()),
  variables: v.exactOptional(variables),
});

export const usageQuery = ({ zone }: { zone: string }) =>
  v.strictObject({ from: v.optional(instantOrDate(zone)), to: v.optional(instantOrDate(zone)) });

export type NewTemplate = v.InferOutput<typeof NewTemplate>;
export type TemplatePatch = v.InferOutput<typeof TemplatePatch>;
export type TemplateList = v.InferOutput<typeof TemplateList>;
export type Rendering = v.InferOutput<typeof Rendering>;
export type UsageQuery = v.InferOutput<ReturnType<typeof usageQuery>>;

export type TemplateFields = {
  name: string;
  kind: NoticeKind | null;
  channel: Channel;
  subject: string | null;
  body: string;
  is_active: boolean;
};
