import type { Transaction } from '../../src/database/sql.ts';
import { bookAppointment } from '../../src/features/appointments/commands.ts';
import { literal, recorder } from './statements.ts';

/** Whom the bookings are for: enough technicians that the lines before their calendars are short. */
export type BookingShop = { customerId: string; serviceId: string; technicianIds: readonly string[] };

const FIRST_START = Date.parse('2100-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;
/** Slots of a turn: so far apart begins the next one. */
const SLOTS = 100_000;
const CLIENTS = 20;

const bodyOf = ({ customerId, serviceId, technicianIds }: BookingShop, slot: number) => ({
  customer_id: customerId,
  technician_id: technicianIds[slot % technicianIds.length] ?? '',
  starts_at: new Date(FIRST_START + Math.floor(slot / technicianIds.length) * HOUR_MS).toISOString(),
  services: [{ service_id: serviceId }],
});

/** As many bookings as a turn can take, each of a slot that no other turn has. */
export const bookingRequests = (shop: BookingShop, turn: number): string[] =>
  Array.from(
    { length: SLOTS },
    (_, at) => `POST\t/v1/appointments\t${JSON.stringify(bodyOf(shop, turn * SLOTS + at))}`,
  );

/**
 * The transaction of a booking as our server sends it, for pgbench: the same statements with the values of a slot of
 * the client's own.
 */
export const bookingScript = async (url: string, shop: BookingShop, turn: number): Promise<string> => {
  const { sent, sql, session } = await recorder(url);
  const body = bodyOf(shop, turn * SLOTS);
  const by = { actor: { id: null, role: 'owner', name: '' }, now: new Date().toISOString() } as const;
  await session.unsafe('begin');
  sent.length = 0;
  const tx: Transaction = Object.assign(sql, { savepoint: <T>(work: () => Promise<T>) => work() });
  const made = await bookAppointment(tx, by, body);
  const statements = [...sent];
  await session.unsafe('rollback');
  await session.end();
  // The n-th hour of this client, from the turn's first on, and its technician.
  const slot = `(${turn * SLOTS} + :client_id * ${SLOTS / CLIENTS} + :n)`;
  const hour = `(${slot} / ${shop.technicianIds.length})`;
  const technician = `('{${shop.technicianIds.join(',')}}'::uuid[])[${slot} % ${shop.technicianIds.length} + 1]`;
  const at = (time: number): string =>
    `(to_timestamp(${(FIRST_START + time - Date.parse(body.starts_at)) / 1_000}) + ${hour} * interval '1 hour')`;
  const lineId = (text: string): string | undefined => /"id":"([^"]+)"/.exec(text)?.[1];
  const written = (value: unknown): string => {
    if (value === made.id) return `md5('job' || ${slot})::uuid`;
    if (value === body.technician_id) return technician;
    const text = String(value);
    if (/^2(099|1)\d*-\d\d-\d\dT/.test(text)) return at(Date.parse(text));
    const id = text.startsWith('[{') ? lineId(text) : undefined;
    return id === undefined
      ? literal(value)
      : `replace(${literal(text)}, '${id}', md5('line' || ${slot})::uuid::text)::jsonb`;
  };
  const lines = statements.map(
    ({ text, values }) =>
      `${text.replace(/\$(\d+)/g, (_, place: string) => written(values[Number(place) - 1])).replace(/\s+/g, ' ')};`,
  );
  return ['\\set n :n + 1', 'begin;', ...lines, 'commit;'].join('\n');
};
