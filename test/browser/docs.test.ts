import { afterAll, describe, expect } from 'bun:test';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { testApp } from '../helpers/app.ts';
import { documentOf, operationsOf } from '../helpers/openapi.ts';
import { BROWSER_TEST_MS, browserTest, withBrowser } from './chromium.ts';

const { app } = await testApp();
const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => app.fetch(request) });
afterAll(() => server.stop(true));
const operations = operationsOf(await documentOf(app));

/** The page draws what can be seen of a long list: so it is looked through from top to bottom. */
const operationsSeen = async (page: Page, expected: number): Promise<Set<string>> => {
  const seen = new Set<string>();
  await page.locator('.opblock').first().waitFor();
  for (let step = 0; step < 200 && seen.size < expected; step += 1) {
    const ids = await page.locator('.opblock').evaluateAll((blocks) => blocks.map(({ id }) => id));
    for (const id of ids) seen.add(id);
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(50);
  }
  return seen;
};

/** By its own address, which opens it. */
const openOperation = async (page: Page, base: URL, name: string): Promise<Locator> => {
  await page.goto('about:blank');
  await page.goto(`${base}docs#/${name}`);
  const block = page.locator(`#operations-${name.replace('/', '-')}`);
  await block.locator('.opblock-body').waitFor();
  return block;
};

describe('GET /docs in a browser', () => {
  browserTest(
    'shows every operation, asks nobody but this server, and has nothing to complain about',
    () =>
      withBrowser(async ({ page, folder, requests, complaints }) => {
        await page.goto(`${server.url}docs`);
        const seen = await operationsSeen(page, operations.length);
        expect(seen.size).toBe(operations.length);
        expect(await page.title()).toBe("Edgar's Mobile Auto Shop: the API");
        await page.screenshot({ path: join(folder, 'docs.png') });

        const booking = await openOperation(page, server.url, 'appointments/postAppointments');
        await booking.locator('.opblock-body .responses-wrapper').waitFor();
        const text = await booking.textContent();
        for (const part of ['Books a job', 'owner, advisor', 'Idempotency-Key', 'customer_id', '409'])
          expect(text).toContain(part);
        await page.screenshot({ path: join(folder, 'operation.png') });

        const health = await openOperation(page, server.url, 'health/getHealthLive');
        await health.locator('.try-out__btn').click();
        await health.locator('.execute').click();
        await health.locator('.live-responses-table .response').first().waitFor();
        expect(await health.locator('.live-responses-table').textContent()).toContain('"status": "ok"');
        await page.screenshot({ path: join(folder, 'answer.png') });

        const elsewhere = requests.filter(
          (url) => !url.startsWith(server.url.href) && !url.startsWith('data:'),
        );
        expect(requests.length).toBeGreaterThan(4);
        expect(elsewhere).toEqual([]);
        expect(complaints).toEqual([]);
      }),
    BROWSER_TEST_MS,
  );
});
