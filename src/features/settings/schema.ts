import * as v from 'valibot';
import { OUTSIDE_AREA } from '../../shapes/settings.ts';
import { whole } from '../../values/number.ts';
import { region } from '../../values/phone.ts';
import { line } from '../../values/text.ts';
import { zone } from '../../values/time.ts';

const MAX_BASIS_POINTS = 10_000;
const MAX_BUFFER_MINUTES = 240;
const MAX_LEAD_MINUTES = 30 * 24 * 60;
const MAX_HORIZON_DAYS = 3_650;
const MAX_JOBS_PER_DAY = 1_000;
const MAX_TOLERANCE_CENTS = 100_000_000;
const MAX_ROAD_PERCENT = 300;
const MAX_SPEED_KMH = 200;
const HOURS = 24;
const MAX_MESSAGES_PER_HOUR = 1_000;

export const SettingsPatch = v.strictObject({
  shop_name: v.exactOptional(line(100)),
  licence_number: v.exactOptional(v.nullable(line(60))),
  timezone: v.exactOptional(zone()),
  phone_region: v.exactOptional(region()),
  labour_tax_basis_points: v.exactOptional(whole(0, MAX_BASIS_POINTS)),
  parts_tax_basis_points: v.exactOptional(whole(0, MAX_BASIS_POINTS)),
  buffer_before_minutes: v.exactOptional(whole(0, MAX_BUFFER_MINUTES)),
  buffer_after_minutes: v.exactOptional(whole(0, MAX_BUFFER_MINUTES)),
  lead_minutes: v.exactOptional(whole(0, MAX_LEAD_MINUTES)),
  horizon_days: v.exactOptional(whole(1, MAX_HORIZON_DAYS)),
  jobs_per_day: v.exactOptional(v.nullable(whole(1, MAX_JOBS_PER_DAY))),
  authorization_tolerance_cents: v.exactOptional(whole(0, MAX_TOLERANCE_CENTS)),
  outside_area: v.exactOptional(v.picklist(OUTSIDE_AREA, `must be one of ${OUTSIDE_AREA.join(', ')}`)),
  travel_road_percent: v.exactOptional(whole(100, MAX_ROAD_PERCENT)),
  travel_speeds_kmh: v.exactOptional(
    v.pipe(
      v.array(whole(1, MAX_SPEED_KMH), 'must be a list'),
      v.length(HOURS, `must be ${HOURS} speeds, one for each hour of the day`),
    ),
  ),
  messages_per_hour: v.exactOptional(whole(1, MAX_MESSAGES_PER_HOUR)),
});

export type SettingsPatch = v.InferOutput<typeof SettingsPatch>;

export type SettingsFields = {
  shop_name: string;
  licence_number: string | null;
  timezone: string;
  phone_region: string;
  labour_tax_basis_points: number;
  parts_tax_basis_points: number;
  buffer_before_minutes: number;
  buffer_after_minutes: number;
  lead_minutes: number;
  horizon_days: number;
  jobs_per_day: number | null;
  authorization_tolerance_cents: number;
  outside_area: (typeof OUTSIDE_AREA)[number];
  travel_road_percent: number;
  travel_speeds_kmh: number[];
  messages_per_hour: number;
};
