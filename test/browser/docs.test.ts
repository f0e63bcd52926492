import { afterAll, describe, expect } from 'bun:test';
import { join } from 'node:path';
import { testApp } from '../helpers/app.ts';
import { documentOf, operationsOf } from '../helpers/openapi.ts';
import { BROWSER_TEST_MS, browserTest, withBrowser } from './chromium.ts';

const { app } = await testApp();
const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => app.fetch(request) });
afterAll(() => server.stop(true));
const operations = operationsOf(await documentOf(app));

describe('GET /docs in a browser', () => {
  browserTest(
    'shows every operation, asks nobody but this server, and has nothing to complain about',
    () =>
      withBrowser(async ({ page, folder, requests, complaints }) => {
        await page.goto(`${server.url}docs`);
        // They are drawn in pieces.
        await page
          .locator('.opblock')
          .nth(operations.length - 1)
          .waitFor();
        expect(await page.locator('.opblock').count()).toBe(operations.length);
        expect(await page.title()).toBe("Edgar's Mobile Auto Shop: the API");
        await page.screenshot({ path: join(folder, 'docs.png') });

        const booking = page.locator('#operations-appointments-postAppointments');
        await booking.locator('.opblock-summary-control').click();
        await booking.locator('.opblock-body .responses-wrapper').waitFor();
        const text = await booking.textContent();
        for (const part of ['Books a job', 'owner, advisor', 'Idempotency-Key', 'customer_id', '409'])
          expect(text).toContain(part);
        await page.screenshot({ path: join(folder, 'operation.png') });

        const health = page.locator('#operations-health-getHealthLive');
        await health.locator('.opblock-summary-control').click();
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
