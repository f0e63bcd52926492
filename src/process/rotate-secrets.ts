import { rename } from 'node:fs/promises';
import { ACCESS_TOKEN_S } from '../features/auth/tokens.ts';
import { giveToFolderOwner } from './embedded/home.ts';
import { refuse } from './refusal.ts';
import { type Key, newKey, readSecretsFile, writeDurably } from './secrets.ts';

/** Time for every worker to learn of the new key before one signs with it. */
const COMES_AFTER_MS = 5 * 60_000;
const CLOCKS_DIFFER_MS = 60_000;

export type Rotation = { kid: string; signsFrom: string; oldKids: string[] };

/**
 * Adds a key that signs in five minutes; the one before it verifies until its last token has ended. Keys whose time
 * is over are dropped. Refuses while the last rotation is still under way. `now` in milliseconds.
 */
export const rotateSecrets = async (path: string, now: number): Promise<Rotation> => {
  const { jwt } = await readSecretsFile(path);
  const coming = jwt.find(({ signs_from = '' }) => Date.parse(signs_from) > now);
  if (coming !== undefined) {
    throw refuse(
      `The key ${coming.kid} of the last rotation signs from ${coming.signs_from} on: rotate again after that.`,
    );
  }
  const signsAt = now + COMES_AFTER_MS;
  const endsAt = signsAt + ACCESS_TOKEN_S * 1_000 + CLOCKS_DIFFER_MS;
  const key: Key = { ...newKey(), signs_from: new Date(signsAt).toISOString() };
  const kept = jwt
    .filter(({ verifies_until }) => verifies_until === undefined || Date.parse(verifies_until) > now)
    .map((one) => ({ ...one, verifies_until: one.verifies_until ?? new Date(endsAt).toISOString() }));
  const making = `${path}.rotating-${process.pid}`;
  await writeDurably(making, `${JSON.stringify({ jwt: [key, ...kept] }, null, 2)}\n`);
  await giveToFolderOwner(making);
  // A reader finds the old file or the new one, whole.
  await rename(making, path);
  return { kid: key.kid, signsFrom: new Date(signsAt).toISOString(), oldKids: kept.map(({ kid }) => kid) };
};
