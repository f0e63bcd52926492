import type { Channel } from '../../shapes/message.ts';

export type Mail = {
  kind: 'password_reset' | 'invoice' | 'estimate';
  subject: string;
  body: string;
  /** By which it can be called back. */
  estimateId?: string;
};

/** Mails whose text opens something: it is deleted when they are sent, and when they are given up. */
export const SECRET_KINDS: readonly Mail['kind'][] = ['password_reset', 'estimate'];

/**
 * What is handed to a provider. `id` is the same at every attempt, so that a provider which knows it sends nothing twice;
 * another one when somebody sends a text again that had failed. A mail that belongs to no job keeps its own.
 */
export type Letter = {
  id: string;
  channel: Channel;
  recipient: string;
  subject: string | null;
  body: string;
};

/** Sends, and gives the provider's own name for it, where it has one. No error may tell the recipient or the text. */
export type Provider = (letter: Letter, signal: AbortSignal) => Promise<string | null>;
export type Providers = Readonly<Record<Channel, Provider>>;

/** The provider will never take this one: another attempt is no use. */
export class NeverSent extends Error {
  override readonly name = 'NeverSent';
}
