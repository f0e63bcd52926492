import type { Json, Sql } from '../../database/sql.ts';
import type { Region } from '../../values/phone.ts';
import type { SettingsFields } from './schema.ts';

export type SettingsShape = { version: number; shape: Json };

// The migration makes the one row and a constraint keeps it the only one.

export const readSettings = async (sql: Sql): Promise<SettingsShape> =>
  only(await sql<SettingsShape>`select version, shape from settings_shapes`);

export const lockSettings = async (tx: Sql): Promise<SettingsFields & { version: number }> =>
  only(
    await tx<SettingsFields & { version: number }>`
      select shop_name, licence_number, timezone, phone_region, labour_tax_basis_points, parts_tax_basis_points,
        buffer_before_minutes, buffer_after_minutes, lead_minutes, horizon_days, jobs_per_day,
        authorization_tolerance_cents, outside_area, travel_road_percent,
        to_jsonb(travel_speeds_kmh) as travel_speeds_kmh, messages_per_hour, version
      from settings for no key update`,
  );

export const updateSettings = async (tx: Sql, next: SettingsFields): Promise<void> => {
  await tx`
    update settings set shop_name = ${next.shop_name}, licence_number = ${next.licence_number},
      timezone = ${next.timezone}, phone_region = ${next.phone_region},
      labour_tax_basis_points = ${next.labour_tax_basis_points},
      parts_tax_basis_points = ${next.parts_tax_basis_points},
      buffer_before_minutes = ${next.buffer_before_minutes}, buffer_after_minutes = ${next.buffer_after_minutes},
      lead_minutes = ${next.lead_minutes}, horizon_days = ${next.horizon_days}, jobs_per_day = ${next.jobs_per_day},
      authorization_tolerance_cents = ${next.authorization_tolerance_cents},
      outside_area = ${next.outside_area}, travel_road_percent = ${next.travel_road_percent},
      travel_speeds_kmh = ${next.travel_speeds_kmh}::integer[], messages_per_hour = ${next.messages_per_hour},
      updated_at = now(), version = version + 1`;
};

export const updateUnseeded = async (sql: Sql, shop: { name: string; zone: string }): Promise<void> => {
  await sql`
    update settings set shop_name = ${shop.name}, timezone = ${shop.zone}, seeded_at = now()
    where seeded_at is null`;
};

/** What the shop is called, for what has no request behind it. */
export const readShopName = async (sql: Sql): Promise<string> =>
  only(await sql<{ shop_name: string }>`select shop_name from settings`).shop_name;

/** The country whose phone numbers need no country code. Every way into the column checks that it is one. */
export const readPhoneRegion = async (sql: Sql): Promise<Region> =>
  only(await sql<{ phone_region: Region }>`select phone_region from settings`).phone_region;

const only = <Row>([row]: Row[]): Row => {
  if (row === undefined) throw new Error('the settings have lost their row');
  return row;
};
