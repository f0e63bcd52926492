import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress } from '../../values/public-address.ts';

export type Resolve = (host: string) => Promise<string[]>;
export type SenderOptions = {
  /** Receivers in the shop's own network too. */
  allowsPrivate: boolean;
  resolve?: Resolve;
  timeoutMs?: number;
};
export type Message = { url: string; headers: Readonly<Record<string, string>>; body: string };
/** `status` is undefined when there was no answer: then `error` says why. */
export type Sent = { status: number | undefined; excerpt: string; error: string | undefined };
export type Send = (message: Message) => Promise<Sent>;

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 16 * 1024;
const EXCERPT_LENGTH = 500;

/**
 * Posts to an address that somebody typed in. The name is resolved here, every address of it must be public, and the
 * connection goes to one that was looked at: so DNS cannot say something else in between. Redirects are answers.
 */
export const createSender = ({
  allowsPrivate,
  resolve = resolved,
  timeoutMs = TIMEOUT_MS,
}: SenderOptions): Send => {
  const addressOf = async (host: string): Promise<string> => {
    const bare = host.replace(/^\[|\]$/g, '');
    const addresses = isIP(bare) === 0 ? await resolve(bare) : [bare];
    const [first] = addresses;
    if (first === undefined) throw new Error('the name has no address');
    if (allowsPrivate || addresses.every(isPublicAddress)) return first;
    throw new Error('the address is not one of the public internet');
  };

  return async (message) => {
    const url = new URL(message.url);
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const address = await Promise.race([addressOf(url.hostname), rejectedBy(late)]);
      return await post(url, message, { address, late });
    } catch (error) {
      const why = late.aborted ? `no answer within ${timeoutMs / 1_000} seconds` : messageOf(error);
      return { status: undefined, excerpt: '', error: why };
    }
  };
};

const resolved: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

const post = (
  url: URL,
  { headers, body }: Message,
  { address, late }: { address: string; late: AbortSignal },
): Promise<Sent> => {
  const family = isIP(address);
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        signal: late,
        // A kept connection would go round the look at the address.
        agent: false,
        lookup: (_host, options, found) =>
          options.all ? found(null, [{ address, family }]) : found(null, address, family),
      },
      (answer) => {
        const { statusCode: status } = answer;
        const pieces: Buffer[] = [];
        let bytes = 0;
        const finish = (): void =>
          resolve({ status, excerpt: excerptOf(Buffer.concat(pieces)), error: undefined });
        answer.on('data', (piece: Buffer) => {
          pieces.push(piece);
          bytes += piece.length;
          if (bytes <= MAX_ANSWER_BYTES) return;
          finish();
          asked.destroy();
        });
        answer.on('end', finish);
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    late.addEventListener('abort', () => reject(new Error('late')));
    asked.end(body);
  });
};

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('late'))));

/** Without what PostgreSQL does not keep. */
const excerptOf = (bytes: Buffer): string =>
  bytes.toString('utf8').replaceAll('\u0000', '').slice(0, EXCERPT_LENGTH).toWellFormed();

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message || error.name : String(error)).slice(0, EXCERPT_LENGTH);
