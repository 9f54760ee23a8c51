/**
 * A digit that is drawn in the page with the mouse, on a page from a static server: how long after the pen lifts the answer stands in the
 * document, and whether the logits are those that Node computes from the same image.
 */
import { createModel } from '@espalier/inference';
import type { Browser, Page } from 'playwright-core';
import { percentile } from './percentile';
import { serveStaticPage } from './static-page';

export interface PageDigit {
  readonly digits: number;
  /** From the event of the pen's lifting, as the browser stamped it, to the changed document. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** Between the page's logits and Node's, relative to the largest logit of each answer. */
  readonly largestDifference: number;
}

interface Answer {
  readonly ms: number;
  readonly image: readonly number[];
  readonly logits: readonly number[];
}

/** @param file an `.espalier` file of a network for MNIST */
export async function measureDigit(
  browser: Browser,
  { file, digits = 200 }: { file: { readonly name: string; readonly bytes: Uint8Array }; digits?: number },
): Promise<PageDigit> {
  await using site = await serveStaticPage();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${site.url}/#/file`);
  const buffer = Buffer.from(file.bytes);
  await page.setInputFiles('input[type=file]', {
    name: file.name,
    mimeType: 'application/octet-stream',
    buffer,
  });
  const pad = page.getByRole('img', { name: /^Drawing pad/ });
  await pad.waitFor();
  await pad.scrollIntoViewIfNeeded();
  for (let i = 0; i < digits; i++) await drawStroke(page, await placeOf(page), i);
  const answers = await page.evaluate<Answer[]>(ANSWERS);
  await context.close();

  const model = await createModel(file.bytes, { kernels: 'reference' });
  const differences = answers.map(({ image, logits }) => {
    const expected = model.run(Float32Array.from(image));
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return Math.max(...logits.map((logit, i) => Math.abs(logit - expected[i]))) / largest;
  });
  model.dispose();
  const times = answers.map(({ ms }) => ms);
  return {
    digits: answers.length,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    mostMs: Math.max(...times),
    largestDifference: Math.max(...differences),
  };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function placeOf(page: Page): Promise<Box> {
  const box = await page.getByRole('img', { name: /^Drawing pad/ }).boundingBox();
  if (!box) throw new Error('the drawing pad has no place on the page');
  return box;
}

/** A seven, another one each time; the sheet is cleared before it. */
async function drawStroke(page: Page, { x, y, width, height }: Box, turn: number): Promise<void> {
  const clear = page.getByRole('button', { name: 'Clear' });
  if (await clear.isEnabled()) await clear.click();
  const lean = 0.02 * ((turn % 7) - 3);
  const points = [
    [0.25, 0.2],
    [0.5, 0.18],
    [0.75, 0.16],
    [0.6 + lean, 0.45],
    [0.5 + lean, 0.65],
    [0.45 + 2 * lean, 0.85],
  ] as const;
  const [first, ...rest] = points.map(([left, top]) => [x + left * width, y + top * height] as const);
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...point, { steps: 4 });
  await page.mouse.up();
}

/** What the page itself noted of each answer. */
const ANSWERS = `performance.getEntriesByName('espalier:answer').map(({ duration, detail }) => ({
  ms: duration,
  image: [...detail.image],
  logits: [...detail.logits],
}))`;
