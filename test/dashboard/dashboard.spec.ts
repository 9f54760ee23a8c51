/**
 * The dashboard in Chromium before real services that run recipes/quick.yaml: what each view shows is compared with the run's own log
 * and report. The tests of a file go through the life of one run, in their order.
 */
import { launchChromium, ServedDashboard, type ServedRun } from '@espalier/bench';
import { decodeArtifact } from '@espalier/encoding';
import type { Report, SensitivityResult } from '@espalier/stages';
import { readRunLog } from '@espalier/store';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { buildPage } from './built-page';
import { barriersOf, show, state } from './run-page';
import { figuresAreShown } from './shown-figures';
import { openPage, type WatchedPage } from './watched-page';

/** A machine that does much else at the same time must not fail a run of a minute. */
const TIMEOUT_MS = 900_000;
jest.setTimeout(TIMEOUT_MS);

const RECIPE = join(__dirname, '../../recipes/quick.yaml');
const SHARES = [0.5, 0.1, 0.03];
const MORE = ['--set', `prune.sensitivity={ keep: [${SHARES.join(', ')}], retrainSteps: 60 }`];
const CLI = join(__dirname, '../../tools/cli/bin/espalier.cjs');
const folder = mkdtempSync(join(tmpdir(), 'espalier-dashboard-'));
/** Of 55,000 images in batches of 128. */
const STEPS_AN_EPOCH = 429;

let served: ServedDashboard;
let browser: Browser;
let run: ServedRun;
let id: string;
/** The same once more, out of the cache. */
let second: string;
let steering: WatchedPage;
let watching: WatchedPage;

beforeAll(async () => {
  buildPage();
  served = await ServedDashboard.start(join(folder, 'runs'), ['--threads', '1']);
  browser = await launchChromium();
  steering = await openPage(browser);
  watching = await openPage(browser);
  await steering.page.goto(served.link);
  await watching.page.goto(served.viewerLink);
});

afterEach(() => {
  expect([...(steering?.problems.splice(0) ?? []), ...(watching?.problems.splice(0) ?? [])]).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** What the page has of a canvas, as far as it is looked at. */
interface DrawnCanvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}

/** Lets the page note how many points of sensitivity curves it shows, each time that that changes. */
async function countPoints(page: Page): Promise<void> {
  await page.evaluate(`globalThis.seenPoints = [];
    new MutationObserver(() => {
      const { length } = document.querySelectorAll('[aria-label="Sensitivity as a table"] tbody tr');
      if (length !== seenPoints.at(-1)) seenPoints.push(length);
    }).observe(document.body, { childList: true, subtree: true });`);
}

const main = (page: Page): Promise<string> => page.locator('main').innerText();
const events = () => readRunLog(join(folder, 'runs', id, 'events.jsonl'));

describe('a link', () => {
  it('lets its reader in, and is gone from the address and from what the services say', async () => {
    const { page } = steering;
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    expect(page.url()).not.toContain('token');
    const token = new URL(served.link).hash.slice('#token='.length);
    expect(token.length).toBeGreaterThan(20);
    expect(page.url()).not.toContain(token);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(cookie.value).not.toContain(token);
    expect(served.said()).not.toContain(token);
  });

  it('without a token gets nothing but the question for one', async () => {
    const stranger = await openPage(browser);
    await stranger.page.goto(`${served.url}/#/runs`);
    await stranger.page.getByRole('main').getByText(/link/i).first().waitFor();
    expect(await stranger.page.locator('main').innerText()).not.toContain('Test error');
    const status = await stranger.page.evaluate(async () => (await fetch('/api/runs')).status);
    expect(status).toBe(401);
    await stranger.page.context().close();
  });
});

describe('a run that goes on', () => {
  it('appears in the list by itself, and its curves grow', async () => {
    run = served.run(RECIPE, MORE);
    id = await run.id;
    const { page } = steering;
    await page.getByRole('link', { name: 'quick' }).click();
    await watching.page.getByRole('link', { name: 'quick' }).click();
    await countPoints(watching.page);
    await state(page, 'running').waitFor();
    const length = (): number => steering.series().get(`series:${id} loss`)?.x.length ?? 0;
    while (length() < 50) await pause(50);
    const before = length();
    while (length() <= before) await pause(20);
    await page.getByRole('button', { name: 'training loss' }).waitFor();
  });

  it('is paused by one who may steer, which everybody sees at once, and goes on', async () => {
    // By the keyboard, as those who have no mouse do.
    await steering.page.getByRole('button', { name: 'Pause', exact: true }).press('Enter');
    await state(steering.page, 'paused').waitFor();
    await state(watching.page, 'paused').waitFor();
    await watching.page.getByRole('region', { name: 'Steering' }).getByText('Last change').waitFor();
    await steering.page.getByRole('button', { name: 'Resume', exact: true }).press('Enter');
    await state(watching.page, 'running').waitFor();
    const types = (await events()).map(({ type }) => type);
    expect(types.filter((type) => /pause|resume/.test(type))).toHaveLength(2);
  });

  it('is not steered by one who may watch', async () => {
    const { page } = watching;
    for (const name of ['Pause', 'Resume', 'Stop…', 'Go back to a round…']) {
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
    }
    const statuses = await page.evaluate(async (run) => {
      const found: number[] = [];
      for (const wish of ['pause', 'resume', 'stop', 'undo', 'swap']) {
        found.push((await fetch(`/api/runs/${run}/${wish}`, { method: 'POST', body: '{}' })).status);
      }
      return found;
    }, id);
    expect(statuses).toEqual([403, 403, 403, 403, 403]);
    // Chromium tells of each refusal.
    watching.problems.splice(0).forEach((problem) => expect(problem).toContain('403'));
  });

  // How many seconds that takes is measured by `espalier bench dashboard --part page`.
  it('is seen again by the second try at the latest after a coordinator that was killed is back', async () => {
    const { page } = watching;
    await page.getByText('live', { exact: true }).waitFor();
    process.kill(served.pids.coordinator, 'SIGKILL');
    await page.getByText('not connected', { exact: true }).waitFor();
    while (
      !(await fetch(`${served.url}/api/health`).then(
        ({ ok }) => ok,
        () => false,
      ))
    )
      await pause(10);
    const backAt = performance.now();
    await page.getByText('live', { exact: true }).waitFor();
    expect(watching.triedAt.filter((at) => at > backAt).length).toBeLessThanOrEqual(2);
    // What Chromium says of a connection that was refused.
    for (const { problems } of [steering, watching]) {
      problems
        .splice(0)
        .forEach((problem) => expect(problem).toMatch(/WebSocket|ERR_CONNECTION|Failed to load/));
    }
    // On a machine that is busy enough it has come to its end meanwhile.
    await page
      .locator('main .title')
      .getByText(/running|done/)
      .waitFor();
  });
});

describe('a run that is done', () => {
  let report: Report;

  beforeAll(async () => {
    // Left paused by a test that failed, it would never be done.
    await served.post(`/api/runs/${id}/resume`).catch(() => undefined);
    const collected = await run.done;
    report = JSON.parse(readFileSync(join(collected, 'report.json'), 'utf8')) as Report;
    await state(watching.page, 'done').waitFor();
  });

  it('has every step once on a page that lived through the kill, and the picture of one that was opened later', async () => {
    const fresh = await openPage(browser);
    await fresh.page.goto(served.viewerLink);
    await show(fresh.page, `#/runs/${id}`);
    await fresh.page.getByRole('button', { name: 'training loss' }).waitFor();
    const key = `series:${id} loss`;
    const expected = 5 * STEPS_AN_EPOCH;
    while ((fresh.series().get(key)?.x.length ?? 0) < expected) await pause(50);
    for (const { series } of [watching, fresh]) {
      const { x = [], last = [] } = series().get(key) ?? {};
      // Between two stages there is a gap, which has no value.
      const steps = x.filter((_, i) => Number.isFinite(last[i]));
      expect(steps).toHaveLength(expected);
      expect(steps.filter((step, i) => i > 0 && step <= steps[i - 1])).toEqual([]);
    }
    expect(watching.series().get(key)).toEqual(fresh.series().get(key));

    const picture = (page: Page): Promise<Buffer> =>
      page.locator('figure', { hasText: 'training loss' }).locator('.plot').screenshot();
    await show(watching.page, `#/runs`);
    await show(watching.page, `#/runs/${id}`);
    expect((await picture(watching.page)).equals(await picture(fresh.page))).toBe(true);
    expect(fresh.problems).toEqual([]);
    await fresh.page.context().close();
  });

  it('shows the figures of its report', async () => {
    const shown = await main(watching.page);
    const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
    const count = (value: number): string => value.toLocaleString('en-GB');
    expect(shown).toContain(percent(report.dense.error));
    expect(shown).toContain(percent(report.artifact.error));
    expect(shown).toContain(`${count(report.weights.kept)} of ${count(report.weights.total)}`);
    expect(shown).toContain(`${(report.artifact.bytes / 1000).toFixed(1)} KB`);
  });

  it('has a point for each round', async () => {
    const rounds = report.rounds ?? [];
    expect(rounds).toHaveLength(2);
    const front = watching.page.getByRole('region', { name: 'Error against size' });
    const shown = await front.innerText();
    expect(shown).toContain(`${(report.weights.total / (rounds[1].kept ?? 1)).toFixed(1)}×`);
  });

  it('shows what each layer can lose, which came point by point while it was measured', async () => {
    const log = await events();
    const scan = log.find(({ type, fields }) => type === 'stage.done' && fields['title'] === 'sensitivity');
    const { metrics } = scan?.fields['result'] as unknown as { readonly metrics: SensitivityResult };
    const points = metrics.curves.flatMap(({ name, points: of }) =>
      of.map((point) => ({ layer: name.replace('/kernel', ''), ...point })),
    );
    expect(points).toHaveLength(SHARES.length * report.layers.length);
    const told = log.flatMap(({ type, fields }) => (type === 'stage.measured' ? [fields] : []));
    expect(told.length).toBeGreaterThan(0);
    for (const { layer, keep, error, retrainedError } of told) {
      expect(points).toContainEqual({ layer, keep, error, retrainedError });
    }
    const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;
    const { page } = watching;
    const chart = page.getByRole('region', { name: 'Sensitivity', exact: true });
    await chart.getByText('As a table').click();
    const rows = await chart
      .locator('tbody tr')
      .evaluateAll((found) =>
        (found as unknown as { readonly cells: Iterable<{ readonly textContent: string }> }[]).map(
          ({ cells }) => Array.from(cells, ({ textContent }) => textContent.trim()),
        ),
      );
    expect(rows).toEqual(
      points.map(({ layer, keep, error, retrainedError }) => [
        layer,
        percent(keep, keep < 0.1 ? 2 : 1),
        percent(error),
        percent(retrainedError),
      ]),
    );
    expect(await chart.innerText()).toContain(`dense network, ${percent(metrics.denseError)}`);
    const seen = await page.evaluate<readonly number[]>('seenPoints');
    expect(seen.at(-1)).toBe(points.length);
    expect(seen.filter((count) => count > 0 && count < points.length)).not.toEqual([]);
  });

  it('gives each round as a file, which keeps as many weights as its point says, and errs as often', async () => {
    const { page } = watching;
    for (const { round, kept, testError } of report.rounds) {
      await page.getByRole('button', { name: new RegExp(`^Round ${round}: `) }).click();
      const link = page.getByRole('link', { name: 'Download the round' });
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
      expect(download.suggestedFilename()).toBe(`quick-round-${round}.espalier`);
      const file = join(folder, download.suggestedFilename());
      await download.saveAs(file);
      const { summaries } = decodeArtifact(readFileSync(file));
      const kernels = summaries.filter(({ name }) => name.endsWith('/kernel'));
      expect(kernels.reduce((sum, kernel) => sum + kernel.kept, 0)).toBe(kept);
      const answer = await promisify(execFile)(process.execPath, [CLI, 'eval', file, '--json']);
      expect((JSON.parse(answer.stdout) as { error: number }).error).toBe(testError);
    }
    // The last round was coded: the run's own file is beside it.
    await page.getByRole('link', { name: 'Download the final file' }).waitFor();
    const missing = await fetch(`${served.url}/api/runs/${id}/rounds/3/artifact`, {
      headers: { authorization: `Bearer ${served.token}` },
    });
    expect([missing.status, await missing.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'COORDINATOR_NO_ARTIFACT' }),
    ]);
  });

  it('shows of each layer what is kept, round by round', async () => {
    const { page } = watching;
    await show(page, `#/runs/${id}/masks`);
    const count = (value: number): string => value.toLocaleString('en');
    for (const layer of report.layers) {
      await page.getByLabel('Layer').selectOption({ label: layer.name });
      await page.getByText(`${count(layer.kept)} of ${count(layer.weights)} weights kept`).waitFor();
    }
    await page.getByLabel('Layer').selectOption({ label: 'fc1' });
    const slider = page.getByRole('slider', { name: 'Round' });
    expect(await slider.getAttribute('aria-valuetext')).toBe('round 2');
    const words = page.getByText(/weights kept \(.*removed since round 1/);
    const [, kept, removed] = /^([\d,]+) of .*, ([\d,]+) removed since/.exec(await words.innerText()) ?? [];
    await slider.press('ArrowLeft');
    const number = (text: string): number => Number(text.replaceAll(',', ''));
    // Nothing comes back in quick.yaml: what round 1 kept is what round 2 keeps and what it removed.
    await page.getByText(`${count(number(kept) + number(removed))} of 235,200 weights kept`).waitFor();
  });

  it('draws the mask of fc1 with the border of the images gone', async () => {
    await watching.page.getByRole('radio', { name: 'After' }).check();
    const canvas = watching.page.getByRole('img', { name: /^All units of fc1/ });
    await canvas.scrollIntoViewIfNeeded();
    const [border, inside] = await canvas.evaluate((element) => {
      const { width, height, getContext } = element as unknown as DrawnCanvas;
      const { data } = getContext.call(element, '2d').getImageData(0, 0, width, height);
      const sums = [0, 0];
      const counts = [0, 0];
      for (let i = 0; i < width * height; i++) {
        const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
        // Two of 28 pixels all around: MNIST has no ink there.
        const at = Math.min(x, y, 1 - x, 1 - y) < 2 / 28 ? 0 : 1;
        sums[at] += data[4 * i];
        counts[at]++;
      }
      return sums.map((sum, at) => sum / counts[at]);
    });
    // Of 255; quick.yaml prunes so little that something is left there.
    expect(border - inside).toBeGreaterThan(15);
  });

  it('says where the bytes of its file go', async () => {
    const { page } = watching;
    await show(page, `#/runs/${id}/bytes`);
    await page.getByRole('region', { name: "Where the file's bytes go" }).waitFor();
    const shown = await main(page);
    // Of kernels it is known what the bytes are for.
    expect(shown).not.toMatch(/which weights are kept\s+0 B/);
    const { summaries } = decodeArtifact(readFileSync(join(await run.done, 'model.espalier')));
    expect(summaries.length).toBeGreaterThanOrEqual(2 * report.layers.length);
    for (const { bytes } of summaries) {
      expect(shown).toContain(bytes < 995 ? `${Math.round(bytes)} B` : `${(bytes / 1000).toFixed(1)} KB`);
    }
  });

  it('has the log of the coordinator', async () => {
    const { page } = watching;
    await show(page, `#/runs/${id}/log`);
    const table = page.getByRole('region', { name: 'Lines of the log' });
    await table.waitFor();
    const shown = await table.locator('tbody tr td:nth-child(3)').allInnerTexts();
    // Counts of layers stand in the views of stages, one a layer and stage.
    // And points of curves stand in those.
    const elsewhere = ['stage.layers', 'stage.measured'];
    const wanted = (await events()).map(({ type }) => type).filter((type) => !elsewhere.includes(type));
    expect(shown.map((type) => type.trim()).reverse()).toEqual(wanted);
  });

  it('stands beside another one, which the cache makes in no time', async () => {
    const again = served.run(RECIPE, MORE);
    second = await again.id;
    await again.done;
    const { page } = watching;
    await show(page, `#/compare?ids=${id},${second}`);
    await page.getByRole('main').getByText(second).first().waitFor();
    expect(await main(page)).toContain(id);
  });

  figuresAreShown(() => ({
    page: watching.page,
    served,
    runs: join(folder, 'runs'),
    ids: [id, second],
    report,
  }));

  it('was done by services that are all there', async () => {
    const { page } = watching;
    await show(page, '#/services');
    const services = await served.get<{ services: readonly { service: string }[] }>('/api/services');
    expect(services.services.map(({ service }) => service).sort()).toEqual([
      'encoder',
      'pruner',
      'retrainer',
      'trainer',
    ]);
    for (const { service } of services.services)
      await page.getByRole('main').getByText(service).first().waitFor();
  });

  it('gives its file to the page, which is the same as on disk', async () => {
    const { page } = watching;
    await show(page, `#/file?run=${id}`);
    await page.getByRole('heading', { name: 'Draw a digit' }).waitFor();
    expect(await main(page)).toContain(`${report.artifact.bytes.toLocaleString('en-GB')} bytes`);
    for (const digit of [0, 1, 7]) {
      await page.getByRole('button', { name: `Example of a ${digit}` }).click();
      await page.locator('.verdict strong').getByText(String(digit), { exact: true }).waitFor();
    }
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  it.each([390, 1440])('at %i px no view has a barrier that axe-core finds', async (width) => {
    const { page, problems } = await openPage(browser, { viewport: { width, height: 900 }, colorScheme });
    const found: Record<string, readonly string[]> = {};
    const look = async (name: string): Promise<void> => {
      found[name] = await barriersOf(page);
    };
    await page.goto(`${served.url}/#/runs`);
    await look('sign in');
    await page.goto(served.link);
    await page.getByText('live', { exact: true }).waitFor();
    const views = [
      'runs',
      ...['', '/masks', '/layers', '/bytes', '/series', '/log'].map((tab) => `runs/${id}${tab}`),
      `compare?ids=${id},${second}`,
      'services',
      'file',
      `file?run=${id}`,
      'nowhere',
    ];
    for (const name of views) {
      await show(page, `#/${name}`);
      if (name.startsWith('compare')) await page.getByRole('region', { name: 'Table of figures' }).waitFor();
      await look(name.replace(id, 'ID'));
    }
    expect(Object.fromEntries(Object.entries(found).filter(([, barriers]) => barriers.length > 0))).toEqual(
      {},
    );
    // The one without a session is told 401.
    expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);
    await page.context().close();
  });
});

describe('the page', () => {
  it('weighs at most 150 KB, as it travels, until the list of runs is there', async () => {
    const { page } = await openPage(browser);
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(served.viewerLink);
    await page.getByRole('link', { name: 'quick' }).first().waitFor();
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThan(150_000);
    await page.context().close();
  });
});
