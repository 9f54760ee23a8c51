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
/** The training of its shared values goes on until somebody stops it: a run under way, with both rounds done. */
const ENDLESS = ['--set', 'train.epochs=1', '--set', 'share.retrain.epochs=10000'];
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

const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [390, 1440].map((width) => ({ colorScheme, width })),
);

type Look = (typeof LOOKS)[number];

/** What axe-core finds on the run's page as `views` shows it, by their names; nothing where there is nothing. */
async function barriersIn(
  { colorScheme, width }: Look,
  views: (page: Page, look: (name: string) => Promise<void>) => Promise<void>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { page, problems } = await openPage(browser, { viewport: { width, height: 900 }, colorScheme });
  const found: Record<string, readonly string[]> = {};
  await page.goto(served.link);
  await page.getByText('live', { exact: true }).waitFor();
  await show(page, `#/runs/${id}`);
  await views(page, async (name) => {
    found[name] = await barriersOf(page);
  });
  await page.context().close();
  expect(problems).toEqual([]);
  return found;
}

async function closed(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
}

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

describe('on a run that is paused', () => {
  it.each(LOOKS)('the dialog for a criterion has no barrier: $colorScheme, $width px', async (look) => {
    const found = await barriersIn(look, async (page, lookAt) => {
      await state(page, 'paused').waitFor();
      await press('Change the criterion…', page);
      await dialog(page)
        .getByRole('combobox', { name: 'Criterion', exact: true })
        .selectOption('magnitude-normalised');
      await lookAt('swap');
      await closed(page);
    });
    expect(found).toEqual({ swap: [] });
  });
});

describe('after the swap', () => {
  it('the rounds are scored by the new criterion', async () => {
    await press('Resume');
    await state(theirs.page, 'running').waitFor();
    await theirs.page.getByRole('button', { name: /^Round 2: / }).waitFor();
    const prunes = (await events()).flatMap(({ type, fields }) =>
      type === 'stage.done' && String(fields['title']).startsWith('prune')
        ? [(fields['spec'] as unknown as { readonly config: object }).config]
        : [],
    );
    const scored = { criterion: 'magnitude-normalised', criterionOptions: { by: 'mean' } };
    expect(prunes).toMatchObject([scored, scored]);
  });

  it('one goes back to a round, from its point of the front', async () => {
    await mine.page.getByRole('button', { name: /^Round 1: / }).press('Enter');
    await press('Go back to here…');
    const asked = dialog(mine.page);
    expect(await asked.getByRole('combobox', { name: /^Back to/ }).inputValue()).toBe('1');
    expect(await asked.innerText()).toContain('1 round, leaves the run');
    await press('Go back to round 1', asked);
    await told('gone back');
    await told('back to the end of round 1');
    // Round 2 comes out of the cache.
    await theirs.page.getByRole('button', { name: /^Round 2: / }).waitFor();
    const log = await events();
    const undone = log.findIndex(({ type }) => type === 'run.undone');
    expect(log[undone].fields).toMatchObject({ toRound: 1 });
    const again = log.slice(undone).filter(({ type }) => type === 'stage.done');
    expect(again.map(({ fields }) => [fields['title'], fields['cached']])).toEqual(
      expect.arrayContaining([
        ['prune 2', true],
        ['retrain 2', true],
      ]),
    );
  });
});

describe('on a run under way', () => {
  it.each(LOOKS)('the run and its dialogs have no barrier: $colorScheme, $width px', async (look) => {
    const found = await barriersIn(look, async (page, lookAt) => {
      await state(page, 'running').waitFor();
      await lookAt('overview');
      for (const name of ['Go back to a round…', 'Stop…']) {
        await press(name, page);
        await lookAt(name);
        await closed(page);
      }
    });
    expect(found).toEqual({ overview: [], 'Go back to a round…': [], 'Stop…': [] });
  });
});

describe('from the page, at the end', () => {
  it('the run is stopped, once one has said so', async () => {
    await press('Stop…');
    await press('No', dialog(mine.page));
    expect(await state(mine.page, 'running').count()).toBe(1);
    await press('Stop…');
    await press('Stop it', dialog(mine.page));
    await state(theirs.page, 'stopped').waitFor();
    await told('Last change');
    await expect(run.done).rejects.toMatchObject({ code: 'BENCH_CHILD' });
    await mine.page.getByRole('button', { name: 'Resume', exact: true }).waitFor();
    while (!(await events()).some(({ type }) => type === 'run.stopped')) await pause(50);
  });
});
