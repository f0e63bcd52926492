import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { id } from '../../values/id.ts';
import { commaList, flag, whole } from '../../values/number.ts';
import { plate } from '../../values/plate.ts';
import { line, prose, search } from '../../values/text.ts';
import { instant } from '../../values/time.ts';
import { vin } from '../../values/vin.ts';
import { modelYear } from '../../values/year.ts';

const MAX_MILEAGE = 5_000_000;
const MAX_CUSTOMERS = 50;

const requiredFields = { year: modelYear(), make: line(60), model: line(60) };

const optionalFields = {
  trim: v.exactOptional(v.nullable(line(60))),
  color: v.exactOptional(v.nullable(line(40))),
  vin: v.exactOptional(v.nullable(vin())),
  /** Not kept: it lets pass a VIN with a wrong check digit, which cars from outside North America may have. */
  vin_unchecked: v.exactOptional(v.boolean('must be true or false')),
  license_plate: v.exactOptional(v.nullable(plate())),
  mileage: v.exactOptional(v.nullable(whole(0, MAX_MILEAGE))),
  is_primary: v.exactOptional(v.boolean('must be true or false')),
  is_active: v.exactOptional(v.boolean('must be true or false')),
  notes: v.exactOptional(v.nullable(prose(5_000))),
};

export const NewVehicle = v.strictObject({ customer_id: id(), ...requiredFields, ...optionalFields });

export const VehiclePatch = v.strictObject({
  year: v.exactOptional(requiredFields.year),
  make: v.exactOptional(requiredFields.make),
  model: v.exactOptional(requiredFields.model),
  ...optionalFields,
});

export const VehicleList = v.strictObject({
  ...pageParameters(['created_at']),
  customer_id: v.optional(commaList(id(), MAX_CUSTOMERS)),
  q: v.optional(search(100)),
  deleted: v.optional(flag(), 'false'),
});

export const Transfer = v.strictObject({ customer_id: id() });

export const JobList = v.strictObject(pageParameters(['-starts_at']));

export const NewReading = v.strictObject({
  mileage: whole(0, MAX_MILEAGE),
  read_at: v.exactOptional(instant()),
  note: v.exactOptional(v.nullable(line(300))),
  /** It is right although it stands below an older one: the odometer was changed, or that one was misread. */
  correction: v.exactOptional(v.boolean('must be true or false')),
});

export const ReadingList = v.strictObject(pageParameters(['-read_at']));

export type JobList = v.InferOutput<typeof JobList>;
export type NewReading = v.InferOutput<typeof NewReading>;
export type ReadingList = v.InferOutput<typeof ReadingList>;
export type NewVehicle = v.InferOutput<typeof NewVehicle>;
export type VehiclePatch = v.InferOutput<typeof VehiclePatch>;
export type VehicleList = v.InferOutput<typeof VehicleList>;

/** What a vehicle consists of, beside id, owner, version and times. */
export type VehicleFields = {
  year: number;
  make: string;
  model: string;
  trim: string | null;
  color: string | null;
  vin: string | null;
  license_plate: string | null;
  mileage: number | null;
  is_primary: boolean;
  is_active: boolean;
  notes: string | null;
};
