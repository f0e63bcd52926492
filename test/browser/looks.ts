import { expect } from 'bun:test';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import type { Visit } from './chromium.ts';

const LOOKS = [
  { name: 'phone', width: 375, height: 812, scheme: 'dark', rules: undefined },
  // Only the colours, and what lies beside what, can be another here.
  { name: 'desktop', width: 1280, height: 900, scheme: 'light', rules: ['color-contrast', 'target-size'] },
] as const;

/** They take as long as all the rest, and are there for somebody to look at. */
const WANTS_PICTURES = process.env.SCREENSHOTS === 'true';

/** On a phone and on a desktop, dark and light: nothing for axe to find, nothing that reaches over the edge. */
export const look = async (
  { page, folder }: Pick<Visit, 'page' | 'folder'>,
  state: string,
): Promise<void> => {
  const before = page.viewportSize();
  for (const { name, width, height, scheme, rules } of LOOKS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    expect([state, scheme, await findings(page, rules)]).toEqual([state, scheme, []]);
    expect([state, width, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([
      state,
      width,
      width,
    ]);
    await picture({ page, folder }, `${state}-${name}`);
  }
  if (before !== null) await page.setViewportSize(before);
};

export const picture = async (
  { page, folder }: Pick<Visit, 'page' | 'folder'>,
  name: string,
): Promise<void> => {
  if (WANTS_PICTURES) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
};

const findings = async (page: Page, rules: readonly string[] | undefined): Promise<string[]> => {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const options = JSON.stringify({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) });
  const found: Finding[] = await page.evaluate(
    `axe.run(document, ${options}).then(({ violations }) => violations)`,
  );
  return found
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
};

type Finding = { id: string; impact: string; nodes: { html: string; failureSummary: string }[] };
