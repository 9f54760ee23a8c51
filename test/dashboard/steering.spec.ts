/**
 * A run that a person steers from the page, in Chromium before real services. Each change is made as a person makes it, by buttons and
 * dialogs, and seen by a second viewer whose page nobody touches. The tests go through the life of one run, in their order.
 */
import { launchChromium, ServedDashboard, type ServedRun } from '@espalier/bench';
import { readRunLog } from '@espalier/store';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { buildPage } from './built-page';
import { barriersOf, show, state, steering } from './run-page';
import { openPage, type WatchedPage } from './watched-page';

/** A machine that does much else at the same time must not fail a run of a minute. */
jest.setTimeout(900_000);

const RECIPE = join(__dirname, '../../recipes/quick.yaml');
/** Its training goes on until somebody stops it. */
const ENDLESS = ['--set', 'train.epochs=10000'];
const folder = mkdtempSync(join(tmpdir(), 'espalier-steering-'));
const STEERS = [
  'Pause',
  'Resume',
  'Stop…',
  'Change the criterion…',
  'Go back to a round…',
  'Go back to here…',
];

let served: ServedDashboard;
let browser: Browser;
let run: ServedRun;
let id: string;
let mine: WatchedPage;
let theirs: WatchedPage;

beforeAll(async () => {
  buildPage();
  served = await ServedDashboard.start(join(folder, 'runs'), ['--threads', '1']);
  browser = await launchChromium();
  mine = await openPage(browser);
  theirs = await openPage(browser);
  await mine.page.goto(served.link);
  await theirs.page.goto(served.viewerLink);
  run = served.run(RECIPE, ENDLESS);
  id = await run.id;
  for (const { page } of [mine, theirs]) await page.getByRole('link', { name: 'quick' }).click();
  await state(theirs.page, 'running').waitFor();
});

afterEach(async () => {
  expect([mine, theirs].flatMap(({ problems }) => problems.splice(0))).toEqual([]);
  // Whatever the run is at: who may only watch has no button that changes it.
  for (const name of STEERS) {
    expect(await theirs.page.getByRole('button', { name, exact: true }).count()).toBe(0);
  }
});

afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const events = () => readRunLog(join(folder, 'runs', id, 'events.jsonl'));
const dialog = (page: Page): Locator => page.getByRole('dialog');
/** By the keyboard, as those who have no mouse do. */
const press = (name: string, within: Page | Locator = mine.page): Promise<void> =>
  within.getByRole('button', { name, exact: true }).press('Enter');
/** What the second viewer is told that somebody did. */
const told = (text: string): Promise<void> => steering(theirs.page).getByText(text).waitFor();

describe('from the page', () => {
  it('the criterion is changed: the form has the options of the one that is chosen', async () => {
    await press('Pause');
    await state(theirs.page, 'paused').waitFor();
    await press('Change the criterion…');
    const form = dialog(mine.page);
    const criterion = form.getByRole('combobox', { name: 'Criterion', exact: true });
    expect(await criterion.inputValue()).toBe('magnitude');
    const by = form.getByRole('combobox', { name: /^by\b/ });
    expect(await by.count()).toBe(0);
    await criterion.selectOption('magnitude-normalised');
    expect(await by.locator('option').allInnerTexts()).toEqual(expect.arrayContaining(['std', 'mean']));
    await by.selectOption('mean');
    await press('Change it', form);
    await told('criterion changed');
    await told('magnitude-normalised scores from round 1 on');
    expect(await form.count()).toBe(0);
    const swaps = (await events()).filter(({ type }) => type === 'run.swapped');
    expect(swaps.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({
        round: 1,
        criterion: { name: 'magnitude-normalised', options: { by: 'mean' } },
      }),
    ]);
  });
});

describe.each(['light', 'dark'] as const)('on a run that is paused, in the %s theme', (colorScheme) => {
  it.each([390, 1440])('at %i px no dialog has a barrier that axe-core finds', async (width) => {
    const { page, problems } = await openPage(browser, { viewport: { width, height: 900 }, colorScheme });
    const found: Record<string, readonly string[]> = {};
    await page.goto(served.link);
    await page.getByText('live', { exact: true }).waitFor();
    await show(page, `#/runs/${id}`);
    await state(page, 'paused').waitFor();
    for (const name of ['Change the criterion…', 'Stop…']) {
      await press(name, page);
      const opened = dialog(page);
      if (name.startsWith('Change')) {
        await opened
          .getByRole('combobox', { name: 'Criterion', exact: true })
          .selectOption('magnitude-normalised');
      }
      found[name] = await barriersOf(page);
      await page.keyboard.press('Escape');
      await opened.waitFor({ state: 'detached' });
    }
    expect(Object.fromEntries(Object.entries(found).filter(([, barriers]) => barriers.length > 0))).toEqual(
      {},
    );
    expect(Object.keys(found)).toHaveLength(2);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

describe('from the page, at the end', () => {
  it('the run is stopped, once one has said so', async () => {
    await press('Stop…');
    await press('No', dialog(mine.page));
    expect(await state(mine.page, 'paused').count()).toBe(1);
    await press('Stop…');
    await press('Stop it', dialog(mine.page));
    await state(theirs.page, 'stopped').waitFor();
    await told('Last change');
    await expect(run.done).rejects.toMatchObject({ code: 'BENCH_CHILD' });
    await mine.page.getByRole('button', { name: 'Resume', exact: true }).waitFor();
    while (!(await events()).some(({ type }) => type === 'run.stopped')) await pause(50);
  });
});
