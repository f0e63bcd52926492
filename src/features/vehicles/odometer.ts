import type { Json, Sql, Transaction } from '../../database/sql.ts';
import { invalid, notFound } from '../../errors.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { minutesBetween } from '../../values/time.ts';
import { lockLiving } from './commands.ts';
import { assertReadingFits } from './rules.ts';
import type { NewReading, ReadingList } from './schema.ts';

// The clock of a phone in a van may be ahead of ours.
const CLOCK_SKEW_MINUTES = 5;

type Reading = {
  id: string;
  vehicle_id: string;
  mileage: number;
  read_at: string;
  note: string | null;
  correction: boolean;
  staff_id: string;
};

type Read = { id: string; input: NewReading; expected: Expected; staffId: string; now: string };

/** The newest reading is the vehicle's mileage; one from before it only joins the list. */
export const addReading = async (tx: Transaction, { id, input, ...by }: Read): Promise<Json> => {
  const { current } = await lockLiving(tx, id, by.expected);
  const { mileage, note = null, correction = false, read_at = by.now } = input;
  if (minutesBetween(by.now, read_at) > CLOCK_SKEW_MINUTES)
    throw invalid('read_at', 'must not be in the future');
  const { before, after } = await findNeighbours(tx, id, read_at);
  const isNewest = after === null;
  assertReadingFits(mileage, { correction, least: isNewest ? current.mileage : before, most: after });
  const reading = { id: newId(), vehicle_id: id, mileage, read_at, note, correction, staff_id: by.staffId };
  // The version rises first, for the journal.
  if (isNewest) await setMileage(tx, id, mileage);
  await insertReading(tx, reading);
  return shapeReading(tx, reading.id);
};

export const listReadings = (sql: Sql, query: ReadingList & { id: string }): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { read_at: sql.part`read_at` });
  return sql<ListRow>`
    select id, shape, ${page.key} from odometer_shapes where vehicle_id = ${query.id} ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** What was read before and after that moment. */
const findNeighbours = async (
  tx: Sql,
  vehicleId: string,
  readAt: string,
): Promise<{ before: number | null; after: number | null }> => {
  const [row] = await tx<{ before: number | null; after: number | null }>`
    select
      (select mileage from odometer_readings where vehicle_id = ${vehicleId} and read_at <= ${readAt}
        order by read_at desc, id desc limit 1) as before,
      (select mileage from odometer_readings where vehicle_id = ${vehicleId} and read_at > ${readAt}
        order by read_at, id limit 1) as after`;
  return row ?? { before: null, after: null };
};

const insertReading = async (tx: Sql, one: Reading): Promise<void> => {
  await tx`
    insert into odometer_readings (id, vehicle_id, mileage, read_at, note, correction, staff_id)
    values (${one.id}, ${one.vehicle_id}, ${one.mileage}, ${one.read_at}, ${one.note}, ${one.correction},
      ${one.staff_id})`;
};

const setMileage = async (tx: Sql, vehicleId: string, mileage: number): Promise<void> => {
  await tx`
    update vehicles set mileage = ${mileage}, updated_at = now(), version = version + 1
    where id = ${vehicleId} and mileage is distinct from ${mileage}`;
};

const shapeReading = async (tx: Sql, id: string): Promise<Json> => {
  const [row] = await tx<{ shape: Json }>`select shape from odometer_shapes where id = ${id}`;
  if (row === undefined) throw notFound('vehicle');
  return row.shape;
};
