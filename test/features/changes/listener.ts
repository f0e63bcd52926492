import type { Client, TestApp } from '../../helpers/app.ts';
import { until } from '../../process/started.ts';

export type Told = { id: string; event: string; data: Record<string, unknown> };

export type Listener = {
  status: number;
  headers: Headers;
  told: Told[];
  /** The lines that are no events, such as signs of life. */
  others: string[];
  hasEnded(): boolean;
  lastId(): string;
  /** Waits until it was told of so many events, the first word left out. */
  hears(count: number): Promise<Told[]>;
  leave(): Promise<void>;
};

type Fetch = (path: string, headers: Record<string, string>) => Promise<Response> | Response;

/** Opens the board's stream and keeps what it is told; returns after the first word. */
export const listenTo = async (
  fetch: Fetch,
  { own }: Pick<Client, 'own'>,
  { query = '', lastEventId }: { query?: string; lastEventId?: string } = {},
): Promise<Listener> => {
  const response = await fetch(`/v1/board/events${query}`, {
    ...own,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  });
  const told: Told[] = [];
  const others: string[] = [];
  let ended = false;
  let id = lastEventId ?? '';
  const reader = response.body?.getReader();
  const take = (block: string): void => {
    const lines = block.split('\n');
    const field = (name: string) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    id = field('id') ?? id;
    const event = field('event');
    if (event === undefined) others.push(...lines);
    else told.push({ id, event, data: JSON.parse(field('data') ?? '{}') });
  };
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done) break;
      text += decoder.decode(piece.value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) take(block);
    }
  };
  void read()
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  const isStream = response.status === 200;
  if (isStream) await until('the first word', () => told.length > 0 || ended);
  const isWord = ({ event }: Told) => event === 'hello' || event === 'reset';
  const events = () => told.filter((one) => !isWord(one));
  return {
    status: response.status,
    headers: response.headers,
    told,
    others,
    hasEnded: () => ended,
    lastId: () => id,
    hears: (count) => until(`${count} events`, () => (events().length >= count ? events() : undefined)),
    leave: async () => {
      await reader?.cancel().catch(() => undefined);
    },
  };
};

/** Without a socket. */
export const through =
  ({ app }: TestApp): Fetch =>
  (path, headers) =>
    app.request(path, { headers });
