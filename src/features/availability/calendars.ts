import type { Sql } from '../../database/sql.ts';
import { bookOf, rangeAround, shopRulesOf } from './calendar.ts';
import { readCalendarRows, type Whose } from './queries.ts';
import type { Book, ShopRules, Span } from './types.ts';

/** `span`: where the starts or the job lie. */
type Asked = { span: Span; now: number; whose: Whose };

export type Calendars = {
  shop: ShopRules;
  books: Book[];
  hasExpiredHolds: boolean;
};

/** What the rules need to know, in one statement. */
export const readCalendars = async (sql: Sql, { span, ...asked }: Asked): Promise<Calendars> => {
  const range = rangeAround(span);
  const rows = await readCalendarRows(sql, { ...asked, range });
  const [row] = rows;
  if (row === undefined) throw new Error('the settings have lost their row');
  const shop = shopRulesOf(row, range);
  const technicians = rows.filter((one) => one.id !== null);
  return {
    shop,
    books: technicians.map((one) => bookOf(one, { rules: shop, closures: row.closures }, range)),
    hasExpiredHolds: technicians.some((one) => one.has_expired_holds),
  };
};
