/**
 * Pictures of every view, of a real run: `docs/screenshots/`. The run is given to `espalier serve` as a person does; `run.png` moves, and
 * shows the masks of its first layer round by round.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { note } from '../bench-main';
import { ROOT } from '../places';
import { animatedPng, tighterPng, type Frame } from './animated-png';
import { ServedDashboard } from './served';

export const SCREENSHOTS_FOLDER = join(ROOT, 'docs/screenshots');

/** The README's picture. */
const ROUND_MS = 900;
const LAST_MS = 2_500;
/** What is drawn after the last figure has come. */
const SETTLE_MS = 900;
const LARGEST_BYTES = 1_000_000;

export interface Screenshots {
  readonly run: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

interface Shot {
  readonly name: string;
  readonly fragment: string;
  /** Until this can be seen. */
  readonly text: string;
}

/** @param runs folder of the run; a run that lies there already comes out of the cache */
export async function takeScreenshots(
  browser: Browser,
  { recipe, runs, folder = SCREENSHOTS_FOLDER }: { recipe: string; runs: string; folder?: string },
): Promise<Screenshots> {
  mkdirSync(folder, { recursive: true });
  await using served = await ServedDashboard.start(runs);
  const { id, done } = served.run(recipe);
  const run = await id;
  note(`run ${run}`);
  const files: { name: string; bytes: number }[] = [];
  const keep = (name: string, png: Uint8Array): void => {
    writeFileSync(join(folder, name), png);
    files.push({ name, bytes: png.length });
    note(`  ${name}: ${png.length} bytes`);
    if (png.length > LARGEST_BYTES) throw new Error(`${name} has ${png.length} bytes`);
  };
  const light = await enter(browser, served, { width: 1280, height: 800, colorScheme: 'light' });
  await show(light, { name: '', fragment: `#/runs/${run}`, text: 'Curves' });
  await light.getByText('training loss').waitFor();
  const status = await light.locator('main .title').innerText();
  if (status.includes('running')) {
    // Somewhere in the middle: curves have begun, and there is more to come.
    await light
      .getByRole('row', { name: /^retrain 1 .*done/ })
      .waitFor({ timeout: 0 })
      .catch(() => undefined);
    await pause(SETTLE_MS);
    keep('live.png', tighterPng(await light.screenshot()));
  }
  await done;

  const shots: readonly Shot[] = [
    { name: 'runs', fragment: '#/runs', text: 'Runs' },
    { name: 'overview', fragment: `#/runs/${run}`, text: 'training loss' },
    { name: 'masks', fragment: `#/runs/${run}/masks`, text: 'weights kept' },
    { name: 'layers', fragment: `#/runs/${run}/layers`, text: 'fc1' },
    { name: 'bytes', fragment: `#/runs/${run}/bytes`, text: 'smaller' },
    { name: 'series', fragment: `#/runs/${run}/series`, text: 'series' },
    { name: 'log', fragment: `#/runs/${run}/log`, text: 'run.created' },
    { name: 'services', fragment: '#/services', text: 'retrainer' },
    { name: 'file', fragment: `#/file?run=${run}`, text: 'Draw a digit' },
  ];
  const dark = await enter(browser, served, { width: 1280, height: 800, colorScheme: 'dark' });
  const phone = await enter(browser, served, { width: 390, height: 844, colorScheme: 'light' });
  const pages = [
    { page: light, suffix: '', only: undefined },
    { page: dark, suffix: '-dark', only: ['overview', 'masks', 'file'] },
    { page: phone, suffix: '-390', only: ['runs', 'overview', 'masks', 'file'] },
  ];
  for (const { page, suffix, only } of pages) {
    for (const shot of shots) {
      if (only && !only.includes(shot.name)) continue;
      await show(page, shot);
      if (shot.name === 'file') await page.getByRole('button', { name: 'Example of a 3' }).click();
      await pause(SETTLE_MS);
      keep(`${shot.name}${suffix}.png`, tighterPng(await page.screenshot({ fullPage: suffix !== '-390' })));
    }
  }
  await show(light, shots[2]);
  keep('run.png', animatedPng(await masksByRound(light)));
  await Promise.all([light, dark, phone].map((page) => page.context().close()));
  return { run, files };
}

async function enter(
  browser: Browser,
  served: ServedDashboard,
  { width, height, colorScheme }: { width: number; height: number; colorScheme: 'light' | 'dark' },
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(served.link);
  await page.getByText('live', { exact: true }).waitFor();
  return page;
}

async function show(page: Page, { fragment, text }: Shot): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(fragment)}; scrollTo(0, 0)`);
  await page.getByRole('main').getByText(text).first().waitFor();
  await pause(SETTLE_MS);
}

/** The slider from its left end to where it stands, a frame each. */
async function masksByRound(page: Page): Promise<Frame[]> {
  const slider = page.getByRole('slider', { name: 'Round' });
  const last = Number(await slider.inputValue());
  await slider.focus();
  const card = page.getByRole('region', { name: 'Masks' });
  const frames: Frame[] = [];
  for (let round = 0; round <= last; round++) {
    await slider.fill(String(round));
    await pause(SETTLE_MS);
    // Without the ring of focus.
    await slider.blur();
    frames.push({ png: await card.screenshot(), ms: round === last ? LAST_MS : ROUND_MS });
  }
  return frames;
}
