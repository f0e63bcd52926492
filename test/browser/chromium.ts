import { test } from 'bun:test';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** On a busy machine a page may take its time; what never comes fails. */
const WITHIN_MS = 120_000;
export const BROWSER_TEST_MS = 2 * WITHIN_MS;

const SCREENSHOTS = join(tmpdir(), 'edgars-screenshots');

const executablePath = Bun.which('chromium');
const isDemanded = process.env.CI === 'true';

/** A test that needs a browser: skipped with a word on a machine without one, but never where CI=true. */
export const browserTest = executablePath === null && !isDemanded ? test.skip : test;
if (executablePath === null && !isDemanded) {
  console.warn('skipped: there is no chromium here (Debian: apt-get install chromium)');
}

export type Visit = {
  page: Page;
  /** For screenshots, which the next run writes over. */
  folder: string;
  /** The address of everything the page asked for. */
  requests: string[];
  /** What the console, the page's scripts and its requests had to complain about. */
  complaints: string[];
};

/** Opens a browser of its own, with nothing in it, for as long as `work` runs. */
export const withBrowser = async (work: (visit: Visit) => Promise<void>): Promise<void> => {
  if (executablePath === null) throw new Error('there is no chromium: apt-get install chromium');
  const profile = await mkdtemp(join(tmpdir(), 'edgars-browser-'));
  await mkdir(SCREENSHOTS, { recursive: true });
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: FLAGS,
    viewport: { width: 1280, height: 900 },
  });
  try {
    await work({ ...(await watchedPage(browser)), folder: SCREENSHOTS });
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  }
};

const watchedPage = async (browser: BrowserContext) => {
  const page = browser.pages()[0] ?? (await browser.newPage());
  page.setDefaultTimeout(WITHIN_MS);
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('response', (one) => {
    if (one.status() >= 400) complaints.push(`${one.status()}: ${one.url()}`);
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('console', (line) => {
    if (['error', 'warning'].includes(line.type())) complaints.push(`${line.type()}: ${line.text()}`);
  });
  return { page, requests, complaints };
};
