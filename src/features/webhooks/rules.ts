import { createHmac } from 'node:crypto';
import { isPublicAddress } from '../../values/public-address.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After so many tries that failed, how long until the next: nearly a day in all, then the delivery has failed. */
export const PAUSES_MS: readonly number[] = [
  ...[5 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE],
  ...[2 * HOUR, 5 * HOUR, 8 * HOUR, 8 * HOUR],
];
/** A receiver that only failed for so long gets nothing more. */
export const PATIENCE_MS = 24 * HOUR;
/** After the secret was changed, the old one signs too for so long. */
export const OVERLAP_MS = 24 * HOUR;

const JITTER = 0.2;

/** `attempts` failed so far, `luck` is from 0 to 1; undefined when it was the last one. */
export const pauseAfter = (attempts: number, luck: number): number | undefined => {
  const pause = PAUSES_MS[attempts - 1];
  return pause === undefined ? undefined : Math.round(pause * (1 + JITTER * (luck - 0.5)));
};

export type Signed = { id: string; timestampS: number; body: string };

/** The header webhook-signature of Standard Webhooks 1.0.0: one for each secret, the newest first. */
export const signatures = ({ id, timestampS, body }: Signed, secrets: readonly string[]): string =>
  secrets
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')}`;
    })
    .join(' ');

/** As receivers read it: 24 random bytes, which is what the standard asks for. */
export const newSecret = (): string =>
  `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64')}`;

/** What is wrong with an address to send to; undefined when nothing is, as far as it can be seen without DNS. */
export const whyNoReceiver = (text: string, allowsPrivate: boolean): string | undefined => {
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) return 'must be an address with https://';
  if (url.username !== '' || url.password !== '') return 'must not hold a name or a password';
  if (url.hash !== '') return 'must not hold a fragment';
  if (allowsPrivate) return undefined;
  if (url.protocol !== 'https:') return 'must be an address with https://';
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '');
  const isNamedHere = host === 'localhost' || host.endsWith('.localhost') || host.endsWith('.local');
  const isNumber = /^[\d.]+$|:/.test(host);
  return isNamedHere || (isNumber && !isPublicAddress(host)) ? 'must be in the public internet' : undefined;
};
