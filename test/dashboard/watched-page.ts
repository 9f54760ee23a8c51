/** A page in Chromium of which nothing that goes wrong is missed. */
import { followSeries, type HeldSeries } from '@espalier/bench';
import AxeBuilder from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A machine that does much else at the same time must not fail a test. */
const PATIENCE_MS = 180_000;

export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, and exceptions; those that a test expects it takes out. */
  readonly problems: string[];
  /** When it has tried to connect, by `performance.now()`. */
  readonly triedAt: readonly number[];
  /** By topic `series:ID`, as the page got them: what it holds of each series. */
  series(): ReadonlyMap<string, HeldSeries>;
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const problems: string[] = [];
  const triedAt: number[] = [];
  page.on('pageerror', (error) => void problems.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  const held = followSeries(page);
  page.on('websocket', () => void triedAt.push(performance.now()));
  return { page, problems, triedAt, series: () => held };
}

/** What axe-core has to say of the page as it is: one line a rule and place. */
export async function barriers(page: Page): Promise<readonly string[]> {
  // Half a megabyte: once for a page, which is not loaded again as one goes from view to view.
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(AxeBuilder.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof AxeBuilder };
    // All rules; what passes them is not described element by element.
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(' ')}: ${failureSummary}`),
    );
  });
}
