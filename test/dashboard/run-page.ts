/** What tests do on the page of a run. */
import type { Locator, Page } from 'playwright-core';
import { setTimeout as pause } from 'node:timers/promises';
import { barriers } from './watched-page';

/** Until what was asked for is drawn. */
const SETTLE_MS = 700;

/** To a view, by its address; the page is not loaded again. */
export async function show(page: Page, fragment: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(fragment)}`);
}

/** The state beside the run's name. */
export const state = (page: Page, word: string): Locator => page.locator('main .title').getByText(word);

export const steering = (page: Page): Locator => page.getByRole('region', { name: 'Steering' });

/** What keeps somebody from using the page as it is: what axe-core finds, and whether one must scroll sideways. */
export async function barriersOf(page: Page): Promise<readonly string[]> {
  await page.getByRole('heading', { level: 1, includeHidden: true }).waitFor();
  await pause(SETTLE_MS);
  const found = await barriers(page);
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  return wide > 0 ? [...found, `the page is ${wide} px wider than the window`] : found;
}

/** Rows of a table by their headings, as one reads them. */
export async function tableOf(region: Locator): Promise<readonly Readonly<Record<string, string>>[]> {
  const heads = await region.locator('thead th').evaluateAll(textsOf);
  const rows = await region.locator('tbody tr').all();
  const cells = await Promise.all(rows.map((row) => row.locator('th, td').evaluateAll(textsOf)));
  return cells.map((row) => Object.fromEntries(row.map((cell, i) => [heads[i], cell])));
}

function textsOf(elements: readonly unknown[]): string[] {
  return (elements as readonly { readonly textContent: string }[]).map(({ textContent }) =>
    textContent.replace(/\s+/g, ' ').trim(),
  );
}
