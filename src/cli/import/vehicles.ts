import * as v from 'valibot';
import type { Transaction } from '../../database/sql.ts';
import { NewVehicle } from '../../features/vehicles/schema.ts';
import { email } from '../../values/email.ts';
import { id, newId } from '../../values/id.ts';
import { phone, type Region } from '../../values/phone.ts';
import { hasValidCheckDigit, suggestVins } from '../../values/vin.ts';
import { complaint, type OwnerCells, ownerFrom, vehicleFrom } from './cells.ts';
import type { Columns } from './columns.ts';
import type { Line } from './lines.ts';
import { type Outcome, refusedLine, settle, type Ways } from './settle.ts';
import { findOwners, findVehicles, insertVehicles, type VehicleRow } from './tables.ts';

const EMPTY = { trim: null, color: null, vin: null, license_plate: null, mileage: null, notes: null };

export const vehicleBatches = (columns: Columns, region: Region, isVinUnchecked: boolean) => {
  const schemas = { id: id(), email: email(), phone: phone(region) };
  return async (tx: Transaction, lines: readonly Line[]): Promise<Outcome[]> => {
    const asked = lines.map(({ line, cells }) => ({ line, cells: ownerFrom(columns, cells) }));
    const owners = await ownersOf(tx, asked, schemas);
    const rows: VehicleRow[] = [];
    const refused: Outcome[] = [];
    for (const [at, { line, cells }] of lines.entries()) {
      const found = owners.get(line) ?? [];
      const read = readVehicle(vehicleFrom(columns, cells), found[0], isVinUnchecked);
      const faults = [...ownerFault(asked[at]?.cells ?? {}, found), ...read.faults];
      if (faults.length > 0 || read.vehicle === undefined) refused.push(refusedLine(line, faults.join('; ')));
      else rows.push({ ...EMPTY, ...read.vehicle, line, id: newId() });
    }
    return [...refused, ...(await settle(tx, rows, WAYS))];
  };
};

type Schemas = {
  id: v.GenericSchema<string, string>;
  email: v.GenericSchema<string, string>;
  phone: v.GenericSchema<string, string>;
};

const ownersOf = async (
  tx: Transaction,
  asked: readonly { line: number; cells: OwnerCells }[],
  schemas: Schemas,
): Promise<Map<number, string[]>> => {
  const rows = asked.map(({ line, cells }) => ({
    line,
    // The list of another program has ids of its own; then the e-mail address or the phone tells who it is.
    id: readOr(schemas.id, cells.id),
    email: readOr(schemas.email, cells.email),
    phone: readOr(schemas.phone, cells.phone),
  }));
  const found = Map.groupBy(await findOwners(tx, rows), ({ line }) => line);
  return new Map([...found].map(([line, owners]) => [line, owners.map((owner) => owner.id)]));
};

const readOr = (schema: v.GenericSchema<string, string>, text: string | undefined): string | null => {
  const read = text === undefined ? undefined : v.safeParse(schema, text);
  return read?.success === true ? read.output : null;
};

const NAMES = { id: 'id', email: 'e-mail', phone: 'phone' } as const;

const ownerFault = (cells: OwnerCells, found: readonly string[]): string[] => {
  const given = (['id', 'email', 'phone'] as const).filter((name) => cells[name] !== undefined);
  if (given.length === 0) return ['the owner is required: a customer id, an e-mail or a phone'];
  const names = given.map((name) => NAMES[name]).join(' or ');
  if (found.length === 0) return [`no customer of the shop has the owner's ${names}`];
  if (found.length === 1) return [];
  return [`the owner's ${names} are those of several customers: ${found.join(', ')}`];
};

// Any will do: the owner's own fault is told in words that suit a list.
const SOME_ID = '00000000-0000-7000-8000-000000000000';

const readVehicle = (
  vehicle: Record<string, unknown>,
  owner: string = SOME_ID,
  isVinUnchecked: boolean,
): { vehicle?: v.InferOutput<typeof NewVehicle>; faults: string[] } => {
  const read = v.safeParse(NewVehicle, { ...vehicle, customer_id: owner });
  if (!read.success) return { faults: [complaint(read.issues)] };
  const { vin = null } = read.output;
  if (vin === null || isVinUnchecked || hasValidCheckDigit(vin)) return { vehicle: read.output, faults: [] };
  const meant = suggestVins(vin);
  const guess = meant.length === 0 ? '' : ` (was ${meant.join(' or ')} meant?)`;
  return {
    faults: [
      `vin has a wrong check digit${guess}: correct it, or let all such VINs pass with --vin-unchecked`,
    ],
  };
};

const WAYS: Ways<VehicleRow> = {
  // What VIN or plate tell counts more than what owner and model tell.
  find: async (tx, rows) => {
    const found = Map.groupBy(await findVehicles(tx, rows), ({ line }) => line);
    return [...found.values()].flatMap((matches) => {
      const told = matches.filter(({ is_likely }) => !is_likely);
      return told.length > 0 ? told : matches;
    });
  },
  insert: insertVehicles,
  isSame: (one, other) =>
    one.customer_id === other.customer_id &&
    one.year === other.year &&
    one.make.toLowerCase() === other.make.toLowerCase() &&
    one.model.toLowerCase() === other.model.toLowerCase() &&
    mayBeOne(one.vin, other.vin) &&
    mayBeOne(one.license_plate, other.license_plate),
};

const mayBeOne = (one: string | null, other: string | null): boolean =>
  one === null || other === null || one === other;
