import * as v from 'valibot';
import { NeverSent, type Provider } from '../features/outbox/types.ts';

const Answer = v.object({ id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) });

/** Try again later, or mend the settings: nothing about this one text is wrong. */
const MAY_PASS = [401, 402, 403, 408, 409, 425, 429];

/** Posts {id, to, body} as JSON; the answer is {id}, by which callbacks name the text. No error tells number or text. */
export const createTexter =
  (url: string, token: string | undefined): Provider =>
  async ({ id, recipient, body }, signal) => {
    const response = await fetch(url, {
      method: 'POST',
      signal,
      redirect: 'error',
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': id,
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ id, to: recipient, body }),
    }).catch((error: unknown) => {
      throw new Error(`the SMS service: ${nameOf(error)}`);
    });
    const { status } = response;
    const isForGood = status >= 400 && status < 500 && !MAY_PASS.includes(status);
    if (isForGood) throw new NeverSent(`the SMS service: status ${status}`);
    if (!response.ok) throw new Error(`the SMS service: status ${status}`);
    const answer = v.safeParse(Answer, await response.json().catch(() => undefined));
    // It was taken: to send it again for want of an id would send it twice.
    return answer.success ? answer.output.id : null;
  };

/** A DOMException's code is a number that tells nobody anything. */
const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};
