import { afterAll, describe, expect } from 'bun:test';
import type { Page } from 'playwright-core';
import { type Data, testApp } from '../helpers/app.ts';
import { aBooking, anArea, aTechnician } from '../helpers/factories.ts';
import { BROWSER_TEST_MS, browserTest, type Visit, withBrowser } from './chromium.ts';
import { look } from './looks.ts';

let ahead = 0;
let isAway = false;
const shop = await testApp({ clock: () => Date.now() + ahead });
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request) => (isAway ? away : shop).app.fetch(request),
});
afterAll(() => server.stop(true));
/** The same shop while its database is away. */
const away = await testApp({ url: 'postgres://nobody@127.0.0.1:1/none' });
const owner = await shop.as('owner');
const technician = await aTechnician(owner, { name: 'Maria Lopez', start: { lat: 34.05, lng: -118.24 } });
await owner.put(`/v1/technicians/${technician.id}/hours`, {
  hours: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: '08:00', to: '18:00' })),
});
await anArea(owner, {
  kind: 'postal_codes',
  postal_codes: ['90012'],
  radius_km: null,
  trip_fee_cents: 2_500,
});

/** But for the refusals that are meant, nobody had anything to complain about. */
const expectOnly = (complaints: string[], ...meant: number[]) => {
  const isMeant = (one: string) =>
    meant.some((status) => one.startsWith(`${status}: `) || one.includes(`status of ${status}`));
  expect(complaints.filter((one) => !isMeant(one))).toEqual([]);
};
const BOOK = `${server.url}book`;
const jobs = async (): Promise<Data[]> => (await owner.get('/v1/appointments?limit=100')).data.items;

const chooseServices = async (page: Page) => {
  await page.goto(BOOK);
  await page.getByRole('checkbox', { name: /Front brake pads/ }).check();
  await page.getByRole('checkbox', { name: /Tire rotation/ }).check();
};
const toTimes = async (page: Page) => {
  await chooseServices(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Street and city').fill('210 Main Street, Los Angeles');
  await page.getByLabel('Postal code').fill('90012');
  await page.getByRole('button', { name: 'Find times' }).click();
  await page.locator('.time').first().waitFor();
};
const typeDetails = async (page: Page) => {
  await page.getByLabel('Name').fill('Sam Carter');
  await page.getByLabel('Phone').fill('(213) 555-0142');
  await page.getByLabel('Year').fill('2019');
  await page.getByLabel('Make').fill('Honda');
  await page.getByLabel('Model').fill('Civic');
  await page.getByLabel('Notes').fill('Gate code 1207');
};
/** The next day: none of its starts is too near. */
const toDetails = async (page: Page) => {
  await toTimes(page);
  await page.locator('.day').nth(1).click();
  await page.locator('.time').nth(4).click();
  await page.getByText('Held for you for').waitFor();
};

describe('GET /book', () => {
  browserTest(
    'books from the services to the link, which confirms, moves and cancels',
    () =>
      withBrowser(async (visit: Visit) => {
        const { page, complaints, requests } = visit;
        await chooseServices(page);
        await look(visit, 'book-services');
        await page.getByRole('button', { name: 'Continue' }).click();
        await look(visit, 'book-place');
        await toTimes(page);
        await look(visit, 'book-times');
        await page.locator('.day').nth(1).click();
        await page.locator('.time').nth(4).click();
        await page.getByText('Held for you for').waitFor();
        await look(visit, 'book-details');
        await typeDetails(page);
        await page.getByRole('button', { name: 'Book this visit' }).dblclick();
        await page.getByRole('heading', { name: 'You are booked' }).waitFor();
        await look(visit, 'book-booked');
        const booked = await jobs();
        expect(booked.map(({ status, notes, total_cents }) => [status, notes, total_cents])).toEqual([
          ['scheduled', 'Gate code 1207', 27_800],
        ]);

        const address = (await page.locator('#manage').getAttribute('href')) ?? '';
        await page.locator('#manage').click();
        await page.getByRole('heading', { name: 'Your visit' }).waitFor();
        expect(page.url()).toBe(`${BOOK}#${address.split('/').at(-1)}`);
        await page.getByRole('button', { name: 'I will be there' }).waitFor();
        await look(visit, 'manage');
        await page.getByRole('button', { name: 'I will be there' }).click();
        await page.getByText('confirmed by you').waitFor();
        await page.getByRole('button', { name: 'Pick another time' }).click();
        await page.locator('.time').first().waitFor();
        await look(visit, 'manage-move');
        await page.locator('.day').nth(2).click();
        await page.locator('.time').nth(2).click();
        await page.getByText('Moved to').waitFor();
        expect((await jobs())[0].starts_at).not.toBe(booked[0].starts_at);
        await page.getByRole('button', { name: 'Cancel the visit' }).click();
        await look(visit, 'manage-cancel');
        await page.getByRole('button', { name: 'Yes, cancel the visit' }).click();
        await page.getByText('This visit is canceled.').waitFor();
        await look(visit, 'manage-canceled');
        expect((await jobs()).map(({ status }) => status)).toEqual(['canceled']);
        expect(requests.filter((url) => !url.startsWith(server.url.href))).toEqual([]);
        expect(complaints).toEqual([]);
      }),
    BROWSER_TEST_MS,
  );

  browserTest(
    'says at each field what is wrong, moves to the first, and keeps what was typed',
    () =>
      withBrowser(async (visit: Visit) => {
        const { page, complaints } = visit;
        await toDetails(page);
        await page.goBack();
        await look(visit, 'book-held');
        await page.getByRole('region', { name: 'Held for you' }).getByRole('button').click();
        await page.getByText('Held for you for').waitFor();
        await page.getByLabel('Phone').fill('12');
        await page.getByLabel('Year').fill('19');
        await page.getByLabel('Make').fill('Honda');
        await page.getByRole('button', { name: 'Book this visit' }).click();
        await page.getByText('Please look at the marked fields').waitFor();
        const faults = page.locator('.fault:visible');
        expect(await faults.count()).toBe(4);
        const phone = page.getByLabel('Phone');
        expect(await phone.getAttribute('aria-invalid')).toBe('true');
        const described = ((await phone.getAttribute('aria-describedby')) ?? '').split(' ').at(-1);
        expect(await page.locator(`#${described}`).textContent()).toContain(
          'must be a phone number valid in US',
        );
        expect(await page.evaluate('document.activeElement.name')).toBe('name');
        await look(visit, 'book-faults');
        await typeDetails(page);
        // Done, though the answer is lost: sent again, it is not done twice.
        const before = (await jobs()).length;
        const keys: (string | undefined)[] = [];
        await page.route('**/v1/public/bookings', async (route) => {
          keys.push(route.request().headers()['idempotency-key']);
          const response = await route.fetch();
          await (keys.length === 1 ? route.abort() : route.fulfill({ response }));
        });
        await page.getByRole('button', { name: 'Book this visit' }).click();
        await page.getByText('The shop cannot be reached.').waitFor();
        await page.getByRole('button', { name: 'Book this visit' }).click();
        await page.getByRole('heading', { name: 'You are booked' }).waitFor();
        expect([keys.length, new Set(keys).size, (await jobs()).length]).toEqual([2, 1, before + 1]);
        expectOnly(
          complaints.filter((one) => !/^failed: .*bookings$|ERR_FAILED/.test(one)),
          422,
        );
      }),
    BROWSER_TEST_MS,
  );

  browserTest(
    'says that a start is taken meanwhile, and offers the next ones',
    () =>
      withBrowser(async (visit: Visit) => {
        const { page, complaints } = visit;
        await toTimes(page);
        const listed = page.waitForResponse((one) => one.url().includes('limit=100'));
        await page.locator('.day').nth(2).click();
        const start = (await (await listed).json()).data.items[6];
        const wanted = page.locator('.time').nth(6);
        await page.locator('.times h2').waitFor();
        const taken = (await wanted.textContent()) ?? '';
        await aBooking(owner, { technician_id: technician.id, starts_at: start.starts_at });
        await wanted.click();
        await page.getByText('Take another time or technician.').waitFor();
        await look(visit, 'book-taken');
        expect(await page.getByRole('button', { name: taken, exact: true }).count()).toBe(0);
        await page.locator('.notes button').first().click();
        await page.getByText('Held for you for').waitFor();
        expectOnly(complaints, 409);
      }),
    BROWSER_TEST_MS,
  );

  browserTest(
    'says that a hold is over, by its own clock and by the server’s, and keeps what was typed',
    () =>
      withBrowser(async (visit: Visit) => {
        const { page, complaints } = visit;
        await page.clock.install();
        await toDetails(page);
        await typeDetails(page);
        await page.clock.fastForward('10:01');
        ahead += 601_000;
        await page.getByText('The minutes are over').waitFor();
        await page.locator('.time').nth(2).click();
        await page.getByText('Held for you for').waitFor();
        expect(await page.getByLabel('Notes').inputValue()).toBe('Gate code 1207');
        ahead += 601_000;
        await page.getByRole('button', { name: 'Book this visit' }).click();
        await page.getByText('Your time is no longer held for you').waitFor();
        await look(visit, 'book-over');
        expectOnly(complaints, 422);
      }),
    BROWSER_TEST_MS,
  );

  browserTest(
    'says that the shop is out of reach, or its database, and goes on when it is back',
    () =>
      withBrowser(async (visit: Visit) => {
        const { page, complaints } = visit;
        isAway = true;
        await page.goto(BOOK);
        await page.getByText('Database connection failed').waitFor();
        await look(visit, 'book-away');
        isAway = false;
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.getByRole('checkbox', { name: /Tire rotation/ }).check();
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.getByRole('button', { name: 'Find times' }).click();
        await page.getByText('Postal code is needed to find free times.').waitFor();
        await page.getByLabel('Street and city').fill('210 Main Street');
        await page.getByLabel('Postal code').fill('90012');
        await page.context().setOffline(true);
        await page.getByRole('button', { name: 'Find times' }).click();
        await page.getByText('The shop cannot be reached.').waitFor();
        await page.context().setOffline(false);
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.locator('.time').first().waitFor();
        await page.goto(`${BOOK}#${'A'.repeat(43)}`);
        await page.getByText('This link opens no visit.').waitFor();
        await look(visit, 'manage-unknown');
        expectOnly(
          complaints.filter((one) => !/^failed: |ERR_INTERNET_DISCONNECTED/.test(one)),
          ...[503, 404],
        );
      }),
    BROWSER_TEST_MS,
  );
});
