import { DatabaseError } from '../../database/failures.ts';
import type { Sql, Transaction } from '../../database/sql.ts';
import { invalid } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { lockSettings, readSettings, type SettingsShape, updateSettings, updateUnseeded } from './queries.ts';
import type { SettingsPatch } from './schema.ts';

// invalid_parameter_value, from the constraint that asks for the zone.
const UNKNOWN_ZONE = '22023';

export const changeSettings = async (
  tx: Transaction,
  { patch, expected }: { patch: SettingsPatch; expected: Expected },
): Promise<SettingsShape> => {
  const current = await lockSettings(tx);
  assertFresh('settings', expected, current.version);
  await namingTheZone(() => updateSettings(tx, { ...current, ...patch }));
  return readSettings(tx);
};

/** The two lists of zones differ in a few old names and, for a while, in new ones. */
const namingTheZone = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DatabaseError && error.code === UNKNOWN_ZONE)) throw error;
    throw invalid('timezone', 'is a zone that the database does not know: take another name for it');
  }
};

/** At the first start only: later ones find the row filled and leave it alone. Safe for twenty at once. */
export const seedSettings = (sql: Sql, shop: { name: string; zone: string }): Promise<void> =>
  updateUnseeded(sql, shop);
