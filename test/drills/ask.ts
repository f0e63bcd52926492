import type { Data } from '../helpers/app.ts';

export type Asked = {
  status: number;
  headers: Headers;
  text: string;
  data: Data;
  reason: string | undefined;
  tookMs: number;
};

type Options = { body?: object; headers?: Record<string, string>; keepalive?: boolean };

/** One request of somebody with that token; by itself on a connection of its own, so that the kernel chooses the worker. */
export const ask = async (
  { address, token }: { address: string; token: string },
  method: string,
  path: string,
  { body, headers = {}, keepalive = false }: Options = {},
): Promise<Asked> => {
  const began = performance.now();
  const response = await fetch(`${address}${path}`, {
    method,
    keepalive,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  const answer: Data = JSON.parse(text);
  return {
    ...{ status: response.status, headers: response.headers, text, data: answer.data },
    ...{ reason: answer.error?.reason, tookMs: performance.now() - began },
  };
};

/** The same again while the server says that it is busy, which it may with so many at once. */
export const askUntilTaken = async (...request: Parameters<typeof ask>): Promise<Asked> => {
  for (;;) {
    const asked = await ask(...request);
    if (asked.reason !== 'database.busy' && asked.reason !== 'database.contention') return asked;
    if (asked.status === 503 && !asked.headers.has('retry-after'))
      throw new Error('busy without Retry-After');
    await Bun.sleep(100 + Math.random() * 400);
  }
};

export const countsOf = (
  answers: readonly { status: number | undefined; reason: string | undefined }[],
): string =>
  [...Map.groupBy(answers, ({ status, reason }) => reason ?? String(status))]
    .map(([answer, those]) => `${those.length} × ${answer}`)
    .join(', ');
