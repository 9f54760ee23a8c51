/** The view of a file, on a page from a static server: no coordinator, no services. */
import { exampleFile, launchChromium, measureDigit, serveStaticPage, type StaticPage } from '@espalier/bench';
import { encodeArtifact } from '@espalier/encoding';
import { checkNetwork } from '@espalier/models';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { buildPage } from './built-page';
import { barriers, openPage } from './watched-page';

const folder = mkdtempSync(join(tmpdir(), 'espalier-file-'));
let site: StaticPage;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  buildPage();
  site = await serveStaticPage();
  browser = await launchChromium();
  ({ page, problems } = await openPage(browser));
  await page.goto(`${site.url}/#/file`);
});

// The page asks for a session, and a static server has none.
afterEach(() => expect(problems.splice(0).filter((problem) => !problem.includes('404'))).toEqual([]));

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function open(name: string, bytes: Uint8Array): Promise<void> {
  const buffer = Buffer.from(bytes);
  await page.setInputFiles('input[type=file]', { name, mimeType: 'application/octet-stream', buffer });
}

describe('a file in the page', () => {
  const file = exampleFile();

  it("is decoded and run: a digit that is drawn has Node's logits to 1e-5", async () => {
    const { digits, largestDifference } = await measureDigit(browser, {
      file: { name: 'example.espalier', bytes: file },
      digits: 2,
    });
    expect(digits).toBe(2);
    expect(largestDifference).toBeLessThan(1e-5);
  });

  it('is opened by dropping it anywhere on the page, as the desktop does', async () => {
    const path = join(folder, 'dropped.espalier');
    writeFileSync(path, file);
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop'): Promise<unknown> =>
      session.send('Input.dispatchDragEvent', { type, x: 700, y: 600, data });
    await drag('dragEnter');
    await drag('dragOver');
    await page.locator('.picker.over').waitFor();
    await drag('drop');
    await page.getByText('dropped.espalier is open.').waitFor({ state: 'attached' });
    expect(await page.locator('.picker.over').count()).toBe(0);
    // What the page does not take itself, Chromium opens in its place.
    expect(page.url()).toBe(`${site.url}/#/file`);
    await page.getByRole('heading', { name: 'Draw a digit' }).waitFor();
    expect(await page.locator('main').innerText()).toContain(`${file.length.toLocaleString('en-GB')} bytes`);
  });

  it('shows its layers, each with its mask and codebook', async () => {
    await open('example.espalier', file);
    await page.getByText('784 × 300').waitFor();
    expect(await page.locator('main').innerText()).toContain(`${file.length.toLocaleString('en-GB')} bytes`);
    await page.getByRole('combobox', { name: 'Layer' }).selectOption('fc3');
    await page.getByRole('img', { name: /^Mask of fc3\/kernel: \d+ of 1,000 weights kept/ }).waitFor();
    await page.getByRole('img', { name: /^fc3: 16 values that weights share/ }).waitFor();
  });

  it('is zoomed and moved by keys, and read out', async () => {
    const mask = await showFc1();
    await mask.focus();
    for (const key of ['+', '+', '+', '+', '+', '+', 'ArrowRight', 'ArrowDown']) await mask.press(key);
    await page.getByText(/^unit \d+, pixel row \d+, column \d+: (kept|removed)$/).waitFor();
    await mask.press('0');
    await expectDisabled('Whole picture');
  });

  it('is zoomed by the wheel about the pointer, while it has the focus, and moved by dragging', async () => {
    const mask = await showFc1();
    await mask.blur();
    const below = await middleOf(mask);
    await page.mouse.move(below.x, below.y);
    const scrolled = await page.evaluate<number>('scrollY');
    await page.mouse.wheel(0, -100);
    await until(async () => (await page.evaluate<number>('scrollY')) < scrolled);
    expect(await whole().isDisabled()).toBe(true);

    await mask.focus();
    const at = await middleOf(mask);
    await page.mouse.move(at.x, at.y);
    const before = await readout();
    for (let turn = 0; turn < 10; turn++) await page.mouse.wheel(0, -400);
    await until(async () => (await columnsApart(at, MOST_ZOOMED)) === 1);
    await page.mouse.move(at.x, at.y);
    expect(await readout()).toBe(before);

    await page.mouse.down();
    await page.mouse.move(at.x - 100, at.y + 60, { steps: 5 });
    await page.mouse.up();
    expect(await readout()).toBe(before);
    await page.mouse.move(at.x, at.y);
    expect(await readout()).not.toBe(before);

    await whole().click();
    await page.mouse.move(at.x, at.y);
    expect(await readout()).toBe(before);
    expect(await whole().isDisabled()).toBe(true);
  });

  it('is zoomed by two fingers about what lies between them', async () => {
    const at = await middleOf(await showFc1());
    await page.mouse.move(at.x, at.y);
    const before = await readout();
    const session = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', apart?: number): Promise<unknown> => {
      const touchPoints =
        apart === undefined
          ? []
          : [-apart, apart].map((by, finger) => ({ x: at.x + by, y: at.y, id: finger }));
      return session.send('Input.dispatchTouchEvent', { type, touchPoints });
    };
    await touch('touchStart', 10);
    for (let apart = 20; apart <= 200; apart += 20) await touch('touchMove', apart);
    await touch('touchEnd');
    expect(await whole().isEnabled()).toBe(true);
    await page.mouse.move(at.x, at.y);
    expect(await readout()).toBe(before);
    await whole().click();
  });

  it('that is cut off gives one error, with its code, and the next one is opened as if nothing had been', async () => {
    await open('cut.espalier', file.subarray(0, file.length / 2));
    const alert = page.getByRole('alert');
    await alert.getByText(/ARTIFACT_CHECKSUM/).waitFor();
    expect(await alert.count()).toBe(1);
    expect(await alert.innerText()).toContain('cut.espalier could not be opened.');
    await open('page.html', new TextEncoder().encode('<!doctype html><p>This is no network.'));
    await alert.getByText(/ARTIFACT_MAGIC/).waitFor();
    await open('example.espalier', file);
    await page.getByRole('heading', { name: 'Draw a digit' }).waitFor();
    expect(await alert.count()).toBe(0);
  });

  it('of a network for something else has no sheet to draw on', async () => {
    const network = checkNetwork({
      name: 'small',
      input: [6],
      layers: [{ type: 'dense', name: 'fc1', units: 3 }],
    });
    const { bytes } = encodeArtifact({
      network,
      tensors: [
        {
          kind: 'sparse',
          name: 'fc1/kernel',
          shape: [6, 3],
          values: Float32Array.from({ length: 18 }, (_, i) => i % 2),
        },
        { kind: 'dense', name: 'fc1/bias', shape: [3], values: Float32Array.of(1, 2, 3) },
      ],
    });
    await open('small.espalier', bytes);
    await page.getByText('there is nothing to draw').waitFor();
    expect(await page.getByRole('img', { name: /^Drawing pad/ }).count()).toBe(0);
    await page.getByRole('img', { name: /^Mask of fc1\/kernel: 9 of 18 weights kept/ }).waitFor();
    expect(await barriers(page)).toEqual([]);
  });
});

/** CSS pixels a weight, at most. */
const MOST_ZOOMED = 48;

async function showFc1(): Promise<Locator> {
  await page.getByRole('combobox', { name: 'Layer' }).selectOption('fc1');
  return page.getByRole('img', { name: /^Mask of fc1/ });
}

const whole = () => page.getByRole('button', { name: 'Whole picture' });

/** The weight under the pointer, in words. */
const readout = (): Promise<string> => page.getByText(/^unit \d+, pixel row \d+, column \d+: /).innerText();

async function middleOf(mask: Locator): Promise<{ x: number; y: number }> {
  await mask.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await mask.boundingBox()) as NonNullable<
    Awaited<ReturnType<Locator['boundingBox']>>
  >;
  return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
}

/** How many columns lie between a point and the one so many pixels to its right. */
async function columnsApart({ x, y }: { x: number; y: number }, right: number): Promise<number> {
  const column = async (): Promise<number> => Number(/column (\d+)/.exec(await readout())?.[1]);
  await page.mouse.move(x, y);
  const from = await column();
  await page.mouse.move(x + right, y);
  return (await column()) - from;
}

async function until(is: () => Promise<boolean>): Promise<void> {
  while (!(await is())) await pause(50);
}

async function expectDisabled(name: string): Promise<void> {
  expect(await page.getByRole('button', { name }).isDisabled()).toBe(true);
}
