import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../helpers/app.ts';

const ROWS = 20_000;

const app = await testApp({
  env: { DB_ACQUIRE_TIMEOUT_MS: '60000', DB_STATEMENT_TIMEOUT_MS: '60000' },
});
const owner = await app.as('owner');

/** Names that repeat, so that the walk has to tell equal keys apart by their ids. */
const addCustomers = (count: number, prefix: string) => app.sql`
  insert into customers (id, name, email, created_at)
  select new_id(), 'Name ' || (n % 700), ${prefix}::text || n || '@example.com',
    now() - make_interval(secs => (n % 5000)::double precision)
  from generate_series(1, ${count}::integer) n`;
await addCustomers(ROWS, 'before');
await app.sql`analyze customers`;
const before = await app.sql<{ id: string }>`select id from customers`;

const walk = async (sort: string, between: (page: number) => Promise<unknown>): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page === 0 || cursor !== null; page += 1) {
    const answer: Data = await owner.get(
      `/v1/customers?limit=100&sort=${sort}${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    ids.push(...answer.data.items.map((one: Data) => one.id));
    cursor = answer.data.next_cursor;
    await between(page);
  }
  return ids;
};

describe('a walk over 20,000 rows while rows are added', () => {
  for (const sort of ['name', '-name', 'created_at', '-created_at']) {
    test(`sort=${sort}: none twice, none lost of those that were there`, async () => {
      const walked = await walk(sort, (page) => addCustomers(5, `during${sort}${page}`));
      const seen = new Set(walked);
      expect(seen.size).toBe(walked.length);
      expect(before.filter(({ id }) => !seen.has(id))).toEqual([]);
    });
  }
});
