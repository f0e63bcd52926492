import type { Sql } from '../../database/sql.ts';

export type BoardEvent = { position: number; type: string; json: string };

/** What changes a card or its text, in the order of the feed. */
export const listBoardEvents = (
  sql: Sql,
  { after, until, limit }: { after: number; until: number; limit: number },
): Promise<BoardEvent[]> => sql<BoardEvent>`
  select f.position, f.type, (select json_strip_nulls(to_json(x))::text from (
    select f.type, case when f.entity = 'appointment' then f.entity_id end as appointment_id,
      f.entity, f.entity_id, f.version, iso(f.at) as at, f.status) x) as json
  from changes f
  where f.position > ${after} and f.position <= ${until}
    and f.entity in ('appointment', 'customer', 'vehicle', 'technician')
  order by f.position limit ${limit}`;

const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);

/** As a client is sent them; undefined where there are none. */
export const chunkOf = (events: readonly BoardEvent[]): Uint8Array | undefined =>
  events.length === 0
    ? undefined
    : bytes(
        events
          .map(({ position, type, json }) => `id: ${position}\nevent: ${type}\ndata: ${json}\n\n`)
          .join(''),
      );

/** The first word tells where the stream begins; after `reset` the client reads the board again. */
export const firstWord = (word: 'hello' | 'reset', place: number): Uint8Array =>
  bytes(`id: ${place}\nevent: ${word}\ndata: {"type":"${word}"}\n\n`);

/** Nothing was told, but the place goes on: so who comes back is not taken for one who is far behind. */
export const signOfLife = (place: number | undefined): Uint8Array =>
  bytes(place === undefined ? ':\n\n' : `:\nid: ${place}\n\n`);

/** How long a client waits before it comes back. */
export const retryAfter = (ms: number): Uint8Array => bytes(`retry: ${ms}\n\n`);
