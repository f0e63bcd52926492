import { afterAll, describe, expect } from 'bun:test';
import type { Page } from 'playwright-core';
import { type Data, testApp } from '../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician, aVehicle } from '../helpers/factories.ts';
import { until } from '../process/started.ts';
import { BROWSER_TEST_MS, browserTest, type Visit, withBrowser } from './chromium.ts';
import { look, picture } from './looks.ts';

const ZONE = 'America/Los_Angeles';
const PASSWORD = 'a sentence for the tests alone';
/** Tomorrow, where the shop is: the day of these tests, at whatever hour they run. */
const DAY = Temporal.Now.plainDateISO(ZONE).add({ days: 1 });
const at = (time: string): number =>
  DAY.toZonedDateTime({ timeZone: ZONE, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds;

let ahead = at('07:00') - Date.now();
const shop = await testApp({ clock: () => Date.now() + ahead });
const serve = (port: number) =>
  Bun.serve({
    ...{ hostname: '127.0.0.1', port, idleTimeout: 60 },
    fetch: (request) => shop.app.fetch(request),
  });
let server = serve(0);
afterAll(() => server.stop(true));
const BOARD = `${server.url}board`;

const owner = await shop.as('owner');
const aPerson = async (name: string, role: string): Promise<Data> =>
  (await owner.post('/v1/staff', { name, role, email: `${role}@shop.test`, password: PASSWORD })).data;
const [olga, ana, mo] = await Promise.all([
  aPerson('Olga Reyes', 'owner'),
  aPerson('Ana Ruiz', 'advisor'),
  aPerson('Mo Kim', 'technician'),
]);
const [maria, own] = await Promise.all([
  aTechnician(owner, { name: 'Maria Lopez' }),
  aTechnician(owner, { name: 'Mo Kim', staff_id: mo.id }),
]);
const { id: service_id } = await aService(owner, { name: 'Front brake pads', price_cents: 22_900 });

const aJob = async (name: string, time: string, technician: Data): Promise<Data> => {
  const { id: customer_id } = await aCustomer(owner, { name });
  const { id: vehicle_id } = await aVehicle(owner, { customer_id });
  const starts_at = new Date(at(time)).toISOString();
  const services = [{ service_id }];
  return aBooking(owner, { customer_id, vehicle_id, starts_at, technician_id: technician.id, services });
};
const jobs = {
  sam: await aJob('Sam Carter', '08:00', maria),
  lee: await aJob('Lee Wong', '10:00', maria),
  ida: await aJob('Ida Moore', '13:00', maria),
  kai: await aJob('Kai Adams', '11:00', own),
};
ahead = at('09:30') - Date.now();
/** Somebody at the API, beside the browsers. */
const eva = await shop.as('owner');

const expectOnly = (complaints: string[], ...meant: number[]) => {
  const isMeant = (one: string) =>
    /^failed: |ERR_(CONNECTION_REFUSED|INTERNET|INCOMPLETE|FAILED|EMPTY|CONNECTION_RESET|NETWORK)/.test(
      one,
    ) || meant.some((status) => one.startsWith(`${status}: `) || one.includes(`status of ${status}`));
  expect(complaints.filter((one) => !isMeant(one))).toEqual([]);
};

const signIn = async (page: Page, { email }: Data, password = PASSWORD) => {
  if (!page.url().startsWith(BOARD)) await page.goto(BOARD);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
};
const open = async (page: Page, person: Data) => {
  await signIn(page, person);
  await page.locator('.chip.live').waitFor();
};
const cardOf = (page: Page, { id }: Data, status?: string) =>
  page.locator(`${status === undefined ? '' : `[data-status="${status}"] `}[data-id="${id}"]:not(.pending)`);
/** As somebody else would, at the API. */
const putInto = async ({ id }: Data, status: string): Promise<void> => {
  const { data: board } = await eva.get('/v1/board');
  const { version } = board.cards.find((card: Data) => card.id === id);
  const answer = await eva.put(`/v1/board/cards/${id}`, { status, position: 0, version });
  if (answer.status !== 200) throw new Error(answer.text);
};
const statusOf = async ({ id }: Data): Promise<string> =>
  (await eva.get(`/v1/appointments/${id}`)).data.status;

/** By its handle to the right edge, until the next column has come under the finger. */
const dragByTouch = async (page: Page, { id }: Data): Promise<void> => {
  const touch = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: { x: number; y: number }[]) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints });
  const box = await page.locator(`[data-id="${id}"] .handle`).boundingBox();
  if (box === null) throw new Error('there is no handle');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await send('touchStart', { x, y });
  for (const by of [10, 25, 45]) await send('touchMove', { x: Math.min(x + by, 360), y });
  await send('touchMove', { x: 360, y });
  await page.locator('[data-status="en_route"] .drop-line').waitFor();
  await send('touchEnd');
};

describe('GET /board', () => {
  browserTest(
    'lets in who knows the password, shows the day, and lets go',
    () =>
      withBrowser(async (visit: Visit) => {
        const { page, complaints, requests } = visit;
        await page.goto(BOARD);
        await look(visit, 'board-sign-in');
        await signIn(page, olga, 'not the right sentence');
        await page.locator('.message.bad').waitFor();
        expect(await page.locator('.message.bad').textContent()).toContain('wrong');
        await look(visit, 'board-wrong-password');
        await open(page, olga);
        await look(visit, 'board');
        expect(await page.locator('.column h2').allTextContents()).toEqual([
          ...['Scheduled 4', 'On the way 0', 'In progress 0', 'Ready 0', 'Completed 0'],
        ]);
        const sam = (await cardOf(page, jobs.sam).textContent())?.replaceAll(/\s/g, ' ');
        for (const part of ['Sam Carter', '2019 Toyota Corolla', 'ML', '8:00 – 8:45 AM', 'Late', '$229.00'])
          expect(sam).toContain(part);
        expect(await cardOf(page, jobs.ida).textContent()).not.toContain('Late');
        await page.getByLabel('Technician').selectOption({ label: 'Mo Kim' });
        await page.locator('.column h2', { hasText: 'Scheduled 1' }).waitFor();
        await page.getByRole('button', { name: 'Day after' }).click();
        await page
          .getByRole('heading', { name: DAY.add({ days: 1 }).toLocaleString('en-US', { weekday: 'long' }) })
          .waitFor();
        await page.locator('.column h2', { hasText: 'Scheduled 0' }).waitFor();
        await look(visit, 'board-empty');
        await page.reload();
        await cardOf(page, jobs.sam).waitFor();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByText('You are signed out.').waitFor();
        await page.reload();
        await page.getByLabel('Password').waitFor();
        expect(requests.filter((url) => /token|eyJ/.test(url))).toEqual([]);
        expect(requests.filter((url) => !url.startsWith(server.url.href))).toEqual([]);
        expectOnly(complaints, 401);
      }),
    BROWSER_TEST_MS,
  );

  browserTest(
    'two browsers see each other’s moves: by mouse, by keys alone, by the menu',
    () =>
      withBrowser((one: Visit) =>
        withBrowser(async (other: Visit) => {
          const { page } = one;
          await Promise.all([open(page, olga), open(other.page, ana)]);
          const seen = async (work: () => Promise<unknown>, card: Data, status: string): Promise<number> => {
            await work();
            const began = performance.now();
            await cardOf(other.page, card, status).waitFor();
            return Math.round(performance.now() - began);
          };
          const byMouse = await seen(
            async () => {
              const from = await cardOf(page, jobs.sam).boundingBox();
              const to = await page.locator('[data-status="en_route"] ul').boundingBox();
              if (from === null || to === null) throw new Error('nothing to drag');
              await page.mouse.move(from.x + 40, from.y + 20);
              await page.mouse.down();
              await page.mouse.move(to.x + 60, to.y + 40, { steps: 8 });
              await picture(one, 'board-dragging');
              await page.mouse.up();
            },
            jobs.sam,
            'en_route',
          );
          await cardOf(page, jobs.sam, 'en_route').waitFor();
          const byKeys = await seen(
            async () => {
              await page.locator('body').click({ position: { x: 5, y: 5 } });
              for (let tabs = 0; tabs < 40; tabs += 1) {
                await page.keyboard.press('Tab');
                if ((await page.evaluate('document.activeElement.tagName')) === 'ARTICLE') break;
              }
              await page.keyboard.press('ArrowRight');
              await page.keyboard.press('Shift+ArrowRight');
            },
            jobs.sam,
            'in_progress',
          );
          await cardOf(page, jobs.sam, 'in_progress').waitFor();
          expect(await page.locator('#said').textContent()).toBe('Sam Carter: In progress, place 1.');
          expect(await page.evaluate('document.activeElement.closest(".card").dataset.id')).toBe(jobs.sam.id);
          await page.keyboard.press('ArrowLeft');
          await page.keyboard.press('Shift+ArrowDown');
          await page
            .locator(`[data-status="scheduled"] li:nth-child(2)[data-id="${jobs.lee.id}"]:not(.pending)`)
            .waitFor();
          const byMenu = await seen(
            async () => {
              await page.getByRole('button', { name: 'Move Sam Carter' }).click();
              await look(one, 'board-menu');
              await page.getByRole('dialog').getByRole('button', { name: 'Ready' }).click();
            },
            jobs.sam,
            'ready',
          );
          console.info(`seen by the other browser after ${byMouse}, ${byKeys}, ${byMenu} ms`);
          expect(Math.max(byMouse, byKeys, byMenu)).toBeLessThan(20_000);
          expect(await statusOf(jobs.sam)).toBe('ready');
          expectOnly([...one.complaints, ...other.complaints]);
        }),
      ),
    BROWSER_TEST_MS,
  );

  browserTest(
    'says who was first when a card was moved meanwhile, and what the API says of a move that it refuses',
    () =>
      withBrowser(async (visit: Visit) => {
        const { page, complaints } = visit;
        await open(page, ana);
        const moveBy = async (key: string, { id }: Data) => {
          await page.locator(`[data-id="${id}"] article`).focus();
          await page.keyboard.press(key);
        };
        // Between the key and the server, somebody else moves the card.
        await page.route('**/v1/board/cards/*', async (route) => {
          await putInto(jobs.lee, 'in_progress');
          await route.continue();
        });
        await moveBy('Shift+ArrowRight', jobs.lee);
        const note = page.locator('#notes [role="alert"]');
        await note.waitFor();
        const text = (await note.textContent()) ?? '';
        expect(text).toContain('Somebody changed this card meanwhile.');
        expect(text).toMatch(/A owner moved it to “In progress” at .*\. It is now in “In progress”\./);
        await cardOf(page, jobs.lee, 'in_progress').waitFor();
        await look(visit, 'board-conflict');
        await page.unroute('**/v1/board/cards/*');

        await page.getByRole('button', { name: 'Move Ida Moore' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Ready' }).click();
        await page.locator('#notes', { hasText: 'Ida Moore' }).waitFor();
        expect(await note.textContent()).toContain('scheduled');
        await cardOf(page, jobs.ida, 'scheduled').waitFor();
        expect(await statusOf(jobs.ida)).toBe('scheduled');
        expectOnly(complaints, 409);
      }),
    BROWSER_TEST_MS,
  );

  browserTest(
    'a technician sees all and moves their own jobs, on a phone',
    () =>
      withBrowser(async (visit: Visit) => {
        const { page, complaints } = visit;
        await page.setViewportSize({ width: 375, height: 812 });
        await open(page, mo);
        await cardOf(page, jobs.ida).waitFor();
        expect(await page.getByRole('button', { name: 'Move Ida Moore' }).count()).toBe(0);
        await dragByTouch(page, jobs.kai);
        await cardOf(page, jobs.kai, 'en_route').waitFor();
        await page
          .getByRole('navigation')
          .getByRole('button', { name: /On the way/ })
          .click();
        await until('the column', async () => Number(await page.evaluate('board.scrollLeft')) > 100);
        await look(visit, 'board-technician');
        expect(await statusOf(jobs.kai)).toBe('en_route');
        expectOnly(complaints);
      }),
    BROWSER_TEST_MS,
  );

  browserTest(
    'says when the stream is lost or the shop out of reach, and shows what happened meanwhile',
    () =>
      withBrowser(async (visit: Visit) => {
        const { page, complaints } = visit;
        await open(page, olga);
        const { port } = server;
        await server.stop(true);
        await page.locator('.chip.offline').waitFor();
        await look(visit, 'board-offline');
        await putInto(jobs.kai, 'in_progress');
        server = serve(port ?? 0);
        await cardOf(page, jobs.kai, 'in_progress').waitFor();
        await page.locator('.chip.live').waitFor();

        // The stream alone is away: the board is read again and again.
        await page.route('**/v1/board/events', (route) => route.abort());
        const { port: again } = server;
        await server.stop(true);
        server = serve(again ?? 0);
        await page.locator('.chip.reconnecting').waitFor();
        await putInto(jobs.kai, 'ready');
        await cardOf(page, jobs.kai, 'ready').waitFor();
        await look(visit, 'board-reconnecting');

        await page.unroute('**/v1/board/events');
        await page.evaluate("dispatchEvent(new Event('online'))");
        await page.locator('.chip.live').waitFor();
        expectOnly(complaints);
      }),
    BROWSER_TEST_MS,
  );
});
