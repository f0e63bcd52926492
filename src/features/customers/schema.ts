import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { email } from '../../values/email.ts';
import { id } from '../../values/id.ts';
import { flag } from '../../values/number.ts';
import { phone, type Region } from '../../values/phone.ts';
import { tags } from '../../values/tags.ts';
import { line, MAX_NOTES_LENGTH, prose, search } from '../../values/text.ts';
import { instantOrDate } from '../../values/time.ts';

const optionalFields = (region: Region) => ({
  email: v.exactOptional(v.nullable(email())),
  phone: v.exactOptional(v.nullable(phone(region))),
  address: v.exactOptional(v.nullable(line(300))),
  notes: v.exactOptional(v.nullable(prose(MAX_NOTES_LENGTH))),
  tags: v.exactOptional(tags()),
  is_vip: v.exactOptional(v.boolean('must be true or false')),
  sms_consent: v.exactOptional(v.boolean('must be true or false')),
});

/** A phone without a country code is one of `region`. */
export const newCustomer = ({ region }: { region: Region }) =>
  v.pipe(
    v.strictObject({ name: line(200), ...optionalFields(region) }),
    v.forward(
      v.check(({ email, phone }) => Boolean(email ?? phone), 'is required when there is no phone'),
      ['email'],
    ),
  );

export const customerPatch = ({ region }: { region: Region }) =>
  v.strictObject({ name: v.exactOptional(line(200)), ...optionalFields(region) });

export const CustomerList = v.strictObject({
  ...pageParameters(['name', 'created_at']),
  q: v.optional(search(100)),
  vip: v.optional(flag()),
  overdue: v.optional(flag()),
  deleted: v.optional(flag(), 'false'),
});

export const Merge = v.strictObject({ other_id: id() });

export const NewNote = v.strictObject({ body: prose(5_000) });

export const NoteList = v.strictObject(pageParameters(['-created_at']));

/** `zone` is the shop's: a bare date in `from` or `to` is the start of that day there. */
export const profileQuery = ({ zone }: { zone: string }) =>
  v.strictObject({
    limit: pageParameters(['-starts_at']).limit,
    cursor: pageParameters(['-starts_at']).cursor,
    vehicle_id: v.optional(id()),
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
  });

export type NewCustomer = v.InferOutput<ReturnType<typeof newCustomer>>;
export type CustomerPatch = v.InferOutput<ReturnType<typeof customerPatch>>;
export type NoteList = v.InferOutput<typeof NoteList>;
export type CustomerList = v.InferOutput<typeof CustomerList>;
export type ProfileQuery = v.InferOutput<ReturnType<typeof profileQuery>>;

/** What a customer consists of, beside id, version and times. */
export type CustomerFields = {
  name: string;
  email: string | null;
  phone: string | null;
  address: string | null;
  notes: string | null;
  tags: string[];
  is_vip: boolean;
  sms_consent: boolean;
};
