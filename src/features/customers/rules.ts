import type { CustomerFields } from './schema.ts';

/** From this much spent on, a customer is a VIP without anybody's word. */
export const VIP_SPEND_CENTS = 500_000;

/** The last finished visit is longer ago than this: the customer is overdue. */
export const OVERDUE_AFTER = '180 days';

/** What the one keeps, filled from the other where it is empty. Consent was given for a number and goes with it. */
export const mergedFields = (kept: CustomerFields, other: CustomerFields): CustomerFields => ({
  name: kept.name,
  email: kept.email ?? other.email,
  phone: kept.phone ?? other.phone,
  address: kept.address ?? other.address,
  notes: kept.notes ?? other.notes,
  tags: kept.tags.length > 0 ? kept.tags : other.tags,
  is_vip: kept.is_vip || other.is_vip,
  sms_consent: kept.phone === null ? other.sms_consent : kept.sms_consent,
});
