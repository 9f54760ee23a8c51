/** What a page holds that shows every series of a run: scripts, document and arrays, after a collection. */
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { PretendedTraining } from './coordinator-process';

const MiB = 2 ** 20;

export class PageMemory {
  readonly #page: Page;
  readonly #devtools: CDPSession;

  private constructor(page: Page, devtools: CDPSession) {
    this.#page = page;
    this.#devtools = devtools;
  }

  /** The run's series, all of them sketched, as a person would open them. */
  static async open(
    browser: Browser,
    { url, token, run }: Pick<PretendedTraining, 'url' | 'token' | 'run'>,
  ): Promise<PageMemory> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${url}/#token=${token}`);
    await page.waitForSelector('text=live');
    await page.goto(`${url}/#/runs/${run}/series`);
    return new PageMemory(page, await context.newCDPSession(page));
  }

  /** What is in use after what nothing refers to was collected, MiB: JavaScript's heap, the document's, and buffers of arrays. */
  async heapMiB(): Promise<number> {
    await this.#devtools.send('HeapProfiler.collectGarbage');
    const usage = await this.#devtools.send('Runtime.getHeapUsage');
    return (usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize) / MiB;
  }

  /** Series that the page says it knows. */
  async seriesShown(): Promise<number> {
    const text = await this.#page.getByText(/^\d+ of \d+ series$/).textContent();
    return Number(/of (\d+)/.exec(text ?? '')?.[1] ?? 0);
  }

  close(): Promise<void> {
    return this.#page.context().close();
  }
}
