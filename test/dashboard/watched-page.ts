/** A page in Chromium of which nothing that goes wrong is missed. */
import { decodeViewData, viewBuckets, type Buckets } from '@espalier/protocol/view';
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
  series(): ReadonlyMap<string, { readonly x: readonly number[]; readonly last: readonly number[] }>;
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
  const held = new Map<string, { x: number[]; last: number[] }>();
  page.on('websocket', (socket) => {
    triedAt.push(performance.now());
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload !== 'string') take(held, payload);
    });
  });
  return { page, problems, triedAt, series: () => held };
}

/** Does with series what docs/streaming-api.md says that a viewer does. */
function take(held: Map<string, { x: number[]; last: number[] }>, payload: Buffer): void {
  let data: ReturnType<typeof decodeViewData>;
  try {
    data = decodeViewData(payload);
  } catch {
    // A control message.
    return;
  }
  const { header, bytes } = data;
  if (header.kind !== 'view.series') return;
  const buckets: readonly Buckets[] = viewBuckets(header, bytes);
  header.parts.forEach(({ name, from }, i) => {
    const key = `${header.topic} ${name}`;
    const series = held.get(key) ?? { x: [], last: [] };
    series.x.splice(from, Infinity, ...buckets[i].x);
    series.last.splice(from, Infinity, ...buckets[i].last);
    held.set(key, series);
  });
}

/** What axe-core has to say of the page as it is: one line a rule and place. */
export async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(AxeBuilder.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof AxeBuilder };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(' ')}: ${failureSummary}`),
    );
  });
}
