import type { Sql } from '../database/sql.ts';
import type { Shop } from './context.ts';

/** For routes that are open to strangers: no look at a session brings it along there. */
export const readShop = async (sql: Sql): Promise<Shop> => {
  const [row] =
    await sql<Shop>`select shop_name as name, timezone as zone, phone_region as region from settings`;
  if (row === undefined) throw new Error('the settings have lost their row');
  return row;
};
