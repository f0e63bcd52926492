import { actAs } from '../../database/journal.ts';
import type { Transaction } from '../../database/sql.ts';
import { invalid } from '../../errors.ts';
import { type Region, readPhone } from '../../values/phone.ts';
import { lockCustomerOf, setConsentOf } from '../customers/commands.ts';
import { noteOutcome, receiveText } from '../messages/commands.ts';
import { consentIn } from '../messages/rules.ts';
import { cancelTexts } from '../outbox/commands.ts';
import type { SmsCallback } from './schema.ts';

/** False: it was known already, or is about nobody whom the shop knows. */
export const hear = async (tx: Transaction, region: Region, callback: SmsCallback): Promise<boolean> => {
  const { type, id, error, from, text } = callback;
  if (type !== 'received')
    return noteOutcome(tx, {
      providerId: id,
      status: type,
      error: error ?? 'The provider could not deliver it',
    });
  if (from === undefined) throw invalid('from', 'is required for a text that was received');
  if (text === undefined) throw invalid('text', 'is required for a text that was received');
  return hearText(tx, { id, phone: readPhone(from, region), text: text.toWellFormed().replaceAll('\0', '') });
};

type Heard = { id: string; phone: string | undefined; text: string };

/** STOP counts for whoever has the number, a deleted customer too, who may come back. */
const hearText = async (tx: Transaction, { id, phone, text }: Heard): Promise<boolean> => {
  if (phone === undefined) return false;
  const consent = consentIn(text);
  const customer = await lockCustomerOf(tx, phone);
  if (customer === undefined) return consent === false && (await endConsent(tx, phone));
  await actAs(tx, { id: customer.id, role: 'customer' });
  if (!(await receiveText(tx, { customerId: customer.id, body: text, providerId: id }))) return false;
  if (consent === false) await endConsent(tx, phone);
  if (consent === true) await setConsentOf(tx, phone, true);
  return true;
};

const endConsent = async (tx: Transaction, phone: string): Promise<boolean> => {
  const ids = await setConsentOf(tx, phone, false);
  await cancelTexts(tx, ids);
  return ids.length > 0;
};
