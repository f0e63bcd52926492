import { createTransport } from 'nodemailer';
import { NeverSent, type Provider } from '../features/outbox/types.ts';

const TIMEOUT_MS = 10_000;

/** Sends by SMTP; the letter's id is the Message-ID, by which a mailbox knows the second copy of a mail. */
export const createMailer = (url: string, from: string): Provider => {
  const transport = createTransport({
    url,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // What a text names is never read: neither files nor addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return async ({ id, recipient, subject, body }, signal) => {
    try {
      await transport.sendMail({
        ...{ from, to: { name: '', address: recipient }, subject: subject ?? '', text: body },
        messageId: `<${id}@${domain}>`,
        signal,
        // Answers of machines to a machine go round in circles (RFC 3834).
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return null;
    } catch (error) {
      throw toldBy(error);
    }
  };
};

const OF_THE_MAIL = ['RCPT TO', 'DATA'];

/** Servers repeat the address in their answers: only the numbers are told. 5xx is for good (RFC 5321, 4.2.1). */
const toldBy = (error: unknown): Error => {
  const { responseCode, code, command } = Object(error) as Record<string, unknown>;
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  const what = `SMTP ${status ?? (typeof code === 'string' ? code : 'failed')}`;
  // Before the recipient is named a refusal is of the shop or its server, which are mended: the mail can wait.
  const isOfTheMail = OF_THE_MAIL.includes(String(command)) && status !== undefined && status >= 500;
  return isOfTheMail ? new NeverSent(what) : new Error(what);
};
