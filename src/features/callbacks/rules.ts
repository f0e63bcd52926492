import { createHmac, timingSafeEqual } from 'node:crypto';
import { fail } from '../../errors.ts';

/** Of a request, as https://www.standardwebhooks.com has it: what was signed is `id.timestamp.body`. */
export type Signed = {
  id: string | undefined;
  timestamp: string | undefined;
  signature: string | undefined;
  body: Uint8Array;
};

const TOLERANCE_S = 300;

export const signatureOf = (secret: string, id: string, timestamp: string, body: Uint8Array): string =>
  createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest('base64');

/** Throws callback.signature_wrong (401), also for one that was signed more than five minutes ago, or ahead. */
export const assertSigned = (secret: string | undefined, signed: Signed, nowMs: number): void => {
  if (secret === undefined) throw wrong('SMS_CALLBACK_SECRET is not set, so no callback is believed.');
  const { id, timestamp, signature, body } = signed;
  if (id === undefined || timestamp === undefined || signature === undefined)
    throw wrong('Send the headers webhook-id, webhook-timestamp and webhook-signature.');
  const isRecent = /^\d{1,12}$/.test(timestamp) && Math.abs(nowMs / 1_000 - Number(timestamp)) <= TOLERANCE_S;
  if (!isRecent) throw wrong('webhook-timestamp must be the seconds since 1970, at most five minutes away.');
  const right = Buffer.from(signatureOf(secret, id, timestamp, body));
  // While a secret is changed, a provider signs with both.
  const isRight = signature.split(' ').some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ''));
    return given.length === right.length && timingSafeEqual(given, right);
  });
  if (!isRight) throw wrong('webhook-signature is not the one of this body.');
};

/** As providers show it: with whsec_ in front, and then in base64. */
const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);

const wrong = (message: string): Error => fail('callback.signature_wrong', message);
