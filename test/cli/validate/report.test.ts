import { describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '../../../src/cli/validate/load.ts';
import { judge } from '../../../src/cli/validate/objectives.ts';
import { type Outcome, shown } from '../../../src/cli/validate/outcome.ts';
import { reportPage } from '../../../src/cli/validate/report.ts';
import { BROWSER_TEST_MS, browserTest, withBrowser } from '../../browser/chromium.ts';

const HOSTILE = `<script src="http://elsewhere.test/x.js"></script>&"'`;
const ROUTES = ['health', 'appointments of today', HOSTILE];

const figures = (route: string, users: number) => ({
  ...{ route, requests: 12_345, succeeded: 12_000, success_rate: 0.972, requests_per_s: 99.5 },
  ...{
    p50_ms: 2 * users,
    p95_ms: 3 * users,
    p99_ms: 5 * users,
    max_ms: 9 * users,
    failures: { timeout: 345 },
  },
});
const steps: Step[] = [1, 10, 25, 50, 100, 200].map((users) => ({
  ...{ users, seconds: 1, routes: ROUTES.map((route) => figures(route, users)), all: figures('all', users) },
}));
const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  ...{
    run: 'one',
    address: 'http://127.0.0.1:5000',
    began_at: '2026-11-24T20:00:00.123Z',
    ended_at: '2026-11-24T20:01:00Z',
  },
  ...{
    seconds_per_step: 10,
    think_ms: 0,
    timeout_ms: 10_000,
    is_interrupted: false,
    steps,
    verdict: judge(steps),
  },
  ...{ remarks: [HOSTILE], left_behind: [HOSTILE] },
  ...changes,
});

describe('the report', () => {
  test('escapes what stands in it, and holds neither script nor address to load from', () => {
    const page = reportPage(outcome({ address: HOSTILE }));
    expect(page).toContain('&lt;script src=&quot;http://elsewhere.test/x.js&quot;&gt;&lt;/script&gt;&amp;');
    expect(page).not.toMatch(/<script|<link|<img|\s(?:src|href)="/i);
  });

  test('has a chart for each route and one for all, and a row for each figure', () => {
    const page = reportPage(outcome());
    expect(page.match(/<svg /g)).toHaveLength(ROUTES.length + 1);
    expect(page.match(/<tr/g)).toHaveLength(1 + steps.length * (ROUTES.length + 1));
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  test.each([
    ['one step', steps.slice(0, 1)],
    ['no step', []],
  ])('stands on %s too', (_, few) =>
    expect(reportPage(outcome({ steps: few, verdict: null }))).not.toMatch(/NaN|undefined|Infinity/),
  );

  browserTest(
    'shows without a network, without a complaint, and nothing sticks out',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'edgars-report-'));
      const file = join(folder, 'report.html');
      await Bun.write(file, reportPage(outcome()));
      try {
        await withBrowser(async ({ page, folder: pictures, requests, complaints }) => {
          await page.goto(`file://${file}`);
          await page.screenshot({ path: join(pictures, 'validate.png'), fullPage: true });
          expect(await page.locator('svg').count()).toBe(ROUTES.length + 1);
          expect(await page.locator('figcaption').allTextContents()).toEqual([...ROUTES, 'all routes']);
          const cut: unknown =
            await page.evaluate(`[...document.querySelectorAll('svg text')].filter((text) => {
            const [box, frame] = [text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()];
            return box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
          }).map((text) => text.textContent)`);
          expect(cut).toEqual([]);
          expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
          expect(complaints).toEqual([]);
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    BROWSER_TEST_MS,
  );
});

describe('the text', () => {
  test('tells failures, what was left behind and what was missed', () => {
    const text = shown(outcome());
    expect(text).toContain('health, 25 users: 345 × timeout');
    expect(text).toContain('left behind:');
    expect(text).toContain(
      'NOT PASSED: success 99 % or more, p95 below 300 ms, p99 below 800 ms at 200 users\n',
    );
    expect(text).toContain('health, 200 users: p99 is 1000 ms, the objective is below 800 ms');
  });
  test('of a stopped run gives no verdict', () =>
    expect(shown(outcome({ verdict: null }))).toEndWith('No verdict: the run was stopped.'));
});
