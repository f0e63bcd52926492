import { expect, test } from 'bun:test';
import { mergedFields } from '../../../src/features/customers/rules.ts';
import type { CustomerFields } from '../../../src/features/customers/schema.ts';

const EMPTY: CustomerFields = {
  ...{ name: 'Kept', email: null, phone: null, address: null, notes: null, tags: [] },
  ...{ is_vip: false, sms_consent: false },
};
const FULL: CustomerFields = {
  ...{ name: 'Other', email: 'o@b.test', phone: '+12135550142', address: 'a', notes: 'n', tags: ['t'] },
  ...{ is_vip: true, sms_consent: true },
};

test('what is empty is filled from the other, but for the name', () =>
  expect(mergedFields(EMPTY, FULL)).toEqual({ ...FULL, name: 'Kept' }));

test('what is there stays, notes and tags of both', () => {
  expect(mergedFields(FULL, EMPTY)).toEqual(FULL);
  const own = { ...FULL, name: 'Own', email: 'own@b.test', address: 'own', notes: 'own', tags: ['own'] };
  expect(mergedFields(own, FULL)).toEqual({
    ...own,
    notes: `own\n${FULL.notes}`,
    tags: ['own', ...FULL.tags],
  });
  expect(mergedFields({ ...FULL, tags: ['A'] }, { ...FULL, tags: ['a'] }).tags).toEqual(['A']);
});

test('consent belongs to the number: it comes with it, and never without', () => {
  const withNumber = { ...EMPTY, phone: '+12135550100' };
  expect(mergedFields(withNumber, FULL).sms_consent).toBe(false);
  expect(
    mergedFields({ ...withNumber, sms_consent: true }, { ...FULL, sms_consent: false }).sms_consent,
  ).toBe(true);
  expect(mergedFields(EMPTY, { ...FULL, sms_consent: false }).sms_consent).toBe(false);
});
