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
/** On a page as wide fc1 of LeNet-300-100 is drawn pixel by pixel, which packs best. */
const RUN_WIDTH = 934;
/** What is drawn after the last figure has come. */
const SETTLE_MS = 900;
/** A machine that does much else at the same time. */
const PATIENCE_MS = 180_000;
const LARGEST_BYTES = 1_000_000;
const QUICK = join(ROOT, 'recipes/quick.yaml');
/** A criterion that has options, so that the form is not empty. */
const OTHER_CRITERION = 'magnitude-normalised';
/** Which changes nothing else of the run. */
const WITH_CURVES = ['--set', 'prune.sensitivity={}'];

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

export interface Place {
  /** That lets its reader in. */
  readonly link: string;
  readonly run: string;
  /** A second one, to be compared with. */
  readonly beside?: string;
  readonly folder?: string;
}

/** Runs a recipe as a person does, and takes its pictures. @param runs where the run lies; one that lies there already comes out of the cache */
export async function screenshotsOf(
  browser: Browser,
  { recipe, runs, folder }: { recipe: string; runs: string; folder?: string },
): Promise<Screenshots> {
  await using served = await ServedDashboard.start(runs);
  const { id, done } = served.run(recipe, WITH_CURVES);
  const run = await id;
  note(`run ${run}`);
  await done;
  // Of a seed of its own: out of the cache it would be done before its dialog is open.
  const second = served.run(QUICK, ['--seed', String(Math.floor(Date.now() / 1000))]);
  const beside = await second.id;
  const swap = await swapDialog(browser, { link: served.link, run: beside });
  await second.done;
  const place = { link: served.link, run, beside, folder };
  return await takeScreenshots(browser, place, [{ name: 'swap.png', png: swap }]);
}

/** The form for another criterion, which only a run that goes on has. */
async function swapDialog(browser: Browser, { link, run }: Place): Promise<Uint8Array> {
  const page = await enter(browser, link, { width: 1280, height: 800, colorScheme: 'light' });
  await show(page, { name: 'swap', fragment: `#/runs/${run}`, text: 'training loss' });
  await page.getByRole('button', { name: 'Change the criterion…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Criterion', exact: true }).selectOption(OTHER_CRITERION);
  await pause(SETTLE_MS);
  const png = tighterPng(await page.screenshot());
  await page.context().close();
  return png;
}

/** Of a run on a dashboard that is up. While it goes on there is no file yet to be shown. */
export async function takeScreenshots(
  browser: Browser,
  { link, run, beside, folder = SCREENSHOTS_FOLDER }: Place,
  taken: readonly { readonly name: string; readonly png: Uint8Array }[] = [],
): Promise<Screenshots> {
  mkdirSync(folder, { recursive: true });
  const files: { name: string; bytes: number }[] = [];
  const keep = (name: string, png: Uint8Array): void => {
    writeFileSync(join(folder, name), png);
    files.push({ name, bytes: png.length });
    note(`  ${name}: ${png.length} bytes`);
    if (png.length > LARGEST_BYTES) throw new Error(`${name} has ${png.length} bytes`);
  };
  for (const { name, png } of taken) keep(name, png);
  const light = await enter(browser, link, { width: 1280, height: 800, colorScheme: 'light' });
  const dark = await enter(browser, link, { width: 1280, height: 800, colorScheme: 'dark' });
  const phone = await enter(browser, link, { width: 390, height: 844, colorScheme: 'light' });

  const masks = { name: 'masks', fragment: `#/runs/${run}/masks`, text: 'weights kept' };
  const views: readonly Shot[] = [
    { name: 'runs', fragment: '#/runs', text: 'Runs' },
    { name: 'overview', fragment: `#/runs/${run}`, text: 'training loss' },
    masks,
    { name: 'layers', fragment: `#/runs/${run}/layers`, text: 'fc1' },
    { name: 'series', fragment: `#/runs/${run}/series`, text: 'series' },
    { name: 'log', fragment: `#/runs/${run}/log`, text: 'run.created' },
    { name: 'services', fragment: '#/services', text: 'retrainer' },
    ...(beside === undefined
      ? []
      : [
          {
            name: 'compare',
            fragment: `#/compare?ids=${run},${beside}`,
            text: 'What differs in their recipes',
          },
        ]),
  ];
  const ofTheFile: readonly Shot[] = [
    { name: 'bytes', fragment: `#/runs/${run}/bytes`, text: 'smaller' },
    { name: 'file', fragment: `#/file?run=${run}`, text: 'Draw a digit' },
  ];
  await show(light, views[1]);
  const isDone = (await light.locator('main .title').innerText()).includes('done');
  const shots = isDone ? [...views, ...ofTheFile] : views;
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
      // Of long lists the first screen says enough.
      const fullPage = suffix !== '-390' && shot.name !== 'log';
      keep(`${shot.name}${suffix}.png`, tighterPng(await page.screenshot({ fullPage })));
    }
  }
  const small = await enter(browser, link, { width: RUN_WIDTH, height: 800, colorScheme: 'light' });
  await show(small, masks);
  keep('run.png', animatedPng(await masksByRound(small)));
  await Promise.all([light, dark, phone, small].map((page) => page.context().close()));
  return { run, files };
}

async function enter(
  browser: Browser,
  link: string,
  { width, height, colorScheme }: { width: number; height: number; colorScheme: 'light' | 'dark' },
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(link);
  await page.getByText('live', { exact: true }).waitFor();
  return page;
}

async function show(page: Page, { fragment, text }: Shot): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(fragment)}; scrollTo(0, 0)`);
  await page.getByRole('main').getByText(text).first().waitFor();
  await pause(SETTLE_MS);
}

/** The slider from the first round to where it stands, a frame each: all of the size of the last. */
async function masksByRound(page: Page): Promise<Frame[]> {
  const slider = page.getByRole('slider', { name: 'Round' });
  const last = Number(await slider.inputValue());
  const box = await page.getByRole('region', { name: 'Masks' }).boundingBox();
  if (!box) throw new Error('the masks have no place on the page');
  const frames: Frame[] = [];
  for (let round = 1; round <= last; round++) {
    await slider.fill(String(round));
    await slider.blur();
    await pause(SETTLE_MS);
    const png = await page.screenshot({ clip: box, fullPage: true });
    frames.push({ png, ms: round === last ? LAST_MS : ROUND_MS });
  }
  return frames;
}
