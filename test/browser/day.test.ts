import { afterAll, describe, expect } from 'bun:test';
import { newTrace } from '../../src/database/timing.ts';
import { type Sender, sendDue } from '../../src/features/notices/sender.ts';
import type { Letter, Provider } from '../../src/features/outbox/types.ts';
import { type Data, testApp } from '../helpers/app.ts';
import { aTechnician } from '../helpers/factories.ts';
import { until } from '../process/started.ts';
import { BROWSER_TEST_MS, browserTest, withBrowser } from './chromium.ts';

const ZONE = 'America/Los_Angeles';
const PASSWORD = 'a sentence for the tests alone';
/** Tomorrow at seven, where the shop is: there is a day ahead, at whatever hour this runs. */
const ahead =
  Temporal.Now.plainDateISO(ZONE)
    .add({ days: 1 })
    .toZonedDateTime({ timeZone: ZONE, plainTime: Temporal.PlainTime.from('07:00') }).epochMilliseconds -
  Date.now();
const clock = (): number => Date.now() + ahead;

const shop = await testApp({ clock });
const server = Bun.serve({
  ...{ hostname: '127.0.0.1', port: 0, idleTimeout: 60 },
  fetch: (request) => shop.app.fetch(request),
});
afterAll(() => server.stop(true));
const owner = await shop.as('owner');
await owner.post('/v1/staff', {
  ...{ name: 'Olga Reyes', role: 'owner', email: 'olga@shop.test', password: PASSWORD },
});
await aTechnician(owner, { name: 'Maria Lopez' });

const handed: Letter[] = [];
const hand: Provider = async (letter) => {
  handed.push(letter);
  return null;
};
const sender: Sender = {
  ...{ sql: shop.pool.database(newTrace('outbox')), providers: { sms: hand, email: hand }, clock },
  ...{ log: { info: () => undefined, warn: () => undefined }, counted: () => undefined },
};
/** As a worker does each second. */
const send = async (): Promise<void> => {
  while (await sendDue(sender));
};

describe('a day of the shop', () => {
  browserTest(
    'booked on one page it appears on the other, goes through all columns, and the customer is told what the rules ask for',
    () =>
      withBrowser(async ({ page: board, complaints }) => {
        await board.goto(`${server.url}board`);
        await board.getByLabel('E-mail').fill('olga@shop.test');
        await board.getByLabel('Password').fill(PASSWORD);
        await board.getByRole('button', { name: 'Sign in' }).click();
        await board.locator('.chip.live').waitFor();
        expect(await board.locator('article').count()).toBe(0);

        await withBrowser(async ({ page: book, complaints: others }) => {
          await book.goto(`${server.url}book`);
          await book.getByRole('checkbox', { name: /Front brake pads/ }).check();
          await book.getByRole('button', { name: 'Continue' }).click();
          await book.getByLabel('Street and city').fill('210 Main Street, Los Angeles');
          await book.getByLabel('Postal code').fill('90012');
          await book.getByRole('button', { name: 'Find times' }).click();
          await book.locator('.time').last().click();
          await book.getByText('Held for you for').waitFor();
          await book.getByLabel('Name').fill('Sam Carter');
          await book.getByLabel('E-mail').fill('sam@example.com');
          await book.getByLabel('Year').fill('2019');
          await book.getByLabel('Make').fill('Honda');
          await book.getByLabel('Model').fill('Civic');
          await book.getByRole('button', { name: 'Book this visit' }).click();
          await book.getByRole('heading', { name: 'You are booked' }).waitFor();
          expect(others).toEqual([]);
        });
        await send();

        const card = (status: string) =>
          board.locator(`[data-status="${status}"] article`, { hasText: 'Sam Carter' });
        await card('scheduled').waitFor();
        for (const [from, to] of [
          ['scheduled', 'en_route'],
          ['en_route', 'in_progress'],
          ['in_progress', 'ready'],
          ['ready', 'completed'],
        ] as const) {
          await card(from).focus();
          await board.keyboard.press('Shift+ArrowRight');
          await card(to).waitFor();
          await until(`the job ${to}`, async () => {
            const [job] = (await owner.get('/v1/appointments')).data.items;
            return job.status === to;
          });
          await send();
        }
        const [job]: Data[] = (await owner.get('/v1/appointments')).data.items;
        const { items: thread } = (await owner.get(`/v1/appointments/${job?.id}/messages`)).data;
        expect(handed.map(({ recipient, subject }) => [recipient, subject])).toEqual([
          ['sam@example.com', expect.stringMatching(/^Your visit on /)],
          ['sam@example.com', 'We are on the way to you'],
          ['sam@example.com', 'Your vehicle is ready'],
          ['sam@example.com', 'Thank you'],
        ]);
        expect(thread.map(({ status }: Data) => status)).toEqual(Array(4).fill('sent'));
        const left = await shop.sql`select kind from outbox where status in ('sending', 'failed')`;
        expect(left).toEqual([]);
        expect(complaints).toEqual([]);
      }),
    BROWSER_TEST_MS,
  );
});
