import { MAX_TAGS } from '../../values/tags.ts';
import { MAX_NOTES_LENGTH } from '../../values/text.ts';
import type { CustomerFields } from './schema.ts';

/** From this much spent on, a customer is a VIP without anybody's word. */
export const VIP_SPEND_CENTS = 500_000;

/** The last finished visit is longer ago than this: the customer is overdue. */
export const OVERDUE_AFTER = '180 days';

/** What the one keeps, filled from the other where it is empty; notes and tags of both. Consent was given for a number and goes with it. */
export const mergedFields = (kept: CustomerFields, other: CustomerFields): CustomerFields => ({
  name: kept.name,
  email: kept.email ?? other.email,
  phone: kept.phone ?? other.phone,
  address: kept.address ?? other.address,
  notes:
    [kept.notes, other.notes]
      .filter((one) => one !== null)
      .join('\n')
      .slice(0, MAX_NOTES_LENGTH) || null,
  tags: [...kept.tags, ...other.tags.filter((tag) => !hasTag(kept.tags, tag))].slice(0, MAX_TAGS),
  is_vip: kept.is_vip || other.is_vip,
  sms_consent: kept.phone === null ? other.sms_consent : kept.sms_consent,
});

const hasTag = (tags: readonly string[], tag: string): boolean =>
  tags.some((one) => one.toLowerCase() === tag.toLowerCase());
