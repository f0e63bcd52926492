import type { Sql } from '../../database/sql.ts';
import { bookOf, rangeAround, shopRulesOf } from './calendar.ts';
import { readBooks, readShop } from './queries.ts';
import type { Book, ShopRules, Span } from './types.ts';

type Asked = {
  /** Where the starts or the job lie. */
  span: Span;
  now: number;
  /** Null: of all who are active and have the skills. */
  technicianId: string | null;
  skills?: readonly string[];
};

export type Calendars = {
  shop: ShopRules;
  books: Book[];
  hasExpiredHolds: boolean;
};

/** What the rules need to know of the shop alone, for a job that has no technician. */
export const readShopRules = async (sql: Sql, span: Span): Promise<ShopRules> => {
  const range = rangeAround(span);
  return shopRulesOf(await readShop(sql, range), range);
};

/** What the rules need to know, in two statements. */
export const readCalendars = async (sql: Sql, { span, ...asked }: Asked): Promise<Calendars> => {
  const range = rangeAround(span);
  const row = await readShop(sql, range);
  const rows = await readBooks(sql, { ...asked, range });
  const shop = shopRulesOf(row, range);
  return {
    shop,
    books: rows.map((technician) => bookOf(technician, { rules: shop, closures: row.closures }, range)),
    hasExpiredHolds: rows.some((technician) => technician.has_expired_holds),
  };
};
