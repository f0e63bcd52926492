import * as v from 'valibot';
import type { Transaction } from '../../database/sql.ts';
import { newCustomer } from '../../features/customers/schema.ts';
import { newId } from '../../values/id.ts';
import type { Region } from '../../values/phone.ts';
import { complaint, customerFrom } from './cells.ts';
import type { Columns } from './columns.ts';
import type { Line } from './lines.ts';
import { type Outcome, refusedLine, settle, type Ways } from './settle.ts';
import { type CustomerRow, findCustomers, insertCustomers } from './tables.ts';

const EMPTY = { email: null, phone: null, address: null, notes: null, tags: [], is_vip: false };

// E-mail address and phone tell customers apart, and for both there is a constraint.
const WAYS: Ways<CustomerRow> = { find: findCustomers, insert: insertCustomers, isSame: () => false };

export const customerBatches = (columns: Columns, region: Region) => {
  const schema = newCustomer({ region });
  return async (tx: Transaction, lines: readonly Line[]): Promise<Outcome[]> => {
    const rows: CustomerRow[] = [];
    const refused: Outcome[] = [];
    for (const { line, cells } of lines) {
      const read = v.safeParse(schema, customerFrom(columns, cells));
      if (read.success) rows.push({ ...EMPTY, sms_consent: false, ...read.output, line, id: newId() });
      else refused.push(refusedLine(line, complaint(read.issues)));
    }
    return [...refused, ...(await settle(tx, rows, WAYS))];
  };
};
