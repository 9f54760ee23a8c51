/**
 * Pictures of layers that recipes/quick.yaml has none of, in Chromium before real services: a convolution, a layer that is too large for
 * a picture of each weight, and a plugin at work, of a small network that learns from a few made-up images.
 */
import { launchChromium, ServedDashboard, type ServedRun } from '@espalier/bench';
import { readRunLog } from '@espalier/store';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { countText } from '../../services/dashboard/src/text/format';
import { buildPage } from './built-page';
import { barriersOf, show, state, tableOf } from './run-page';
import { openPage } from './watched-page';

/** A machine that does much else at the same time must not fail a run of a minute. */
jest.setTimeout(900_000);

const folder = mkdtempSync(join(tmpdir(), 'espalier-pictures-'));
const PLUGIN = '@espalier/plugin-splicing';
/** 4 x 24 x 24 x 120 weights lead to it: 276,480, more than 262,144. */
const RECIPE = `version: 1
name: small
network:
  name: small
  input: [28, 28, 1]
  layers:
    - { type: conv2d, name: conv1, filters: 4, kernel: 5 }
    - { type: relu }
    - { type: flatten }
    - { type: dense, name: wide, units: 120 }
    - { type: relu }
    - { type: dense, name: fc2, units: 10 }
data:
  format: idx
  train: { images: train-images, labels: train-labels }
  test: { images: test-images, labels: test-labels }
  heldOut: 100
plugins:
  '${PLUGIN}': { from: npm }
train: { epochs: 1, batchSize: 20, optimizer: { kind: adam }, learningRate: { kind: constant, base: 1.0e-3 } }
prune:
  criterion: magnitude
  keep: { global: 1.0e-3 }
  during: { everySteps: 10, untilShare: 0.6 }
  regrowth: { name: '${PLUGIN}/splicing', options: { c: 1 } }
retrain: { epochs: 2, learningRate: { kind: constant, base: 1.0e-3 } }
`;

let served: ServedDashboard;
let browser: Browser;
let page: Page;
let problems: string[];
let run: ServedRun;
let id: string;
/** Of the round that the masks show, by layer. */
let kept: ReadonlyMap<string, number>;

beforeAll(async () => {
  buildPage();
  mkdirSync(join(folder, 'recipe'));
  writeImages('train', 600);
  writeImages('test', 100);
  const recipe = join(folder, 'recipe/small.yaml');
  writeFileSync(recipe, RECIPE);
  served = await ServedDashboard.start(join(folder, 'runs'), ['--threads', '1', '--allow-plugin', PLUGIN]);
  browser = await launchChromium();
  ({ page, problems } = await openPage(browser));
  page.setDefaultTimeout(120_000);
  await page.goto(served.viewerLink);
  await page.getByText('live', { exact: true }).waitFor();
  run = served.run(recipe);
  id = await run.id;
  await page.getByRole('link', { name: 'small' }).click();
  await run.done;
  const events = await readRunLog(join(folder, 'runs', id, 'events.jsonl'));
  const round = events.find(({ type, fields }) => type === 'stage.done' && fields['title'] === 'retrain 1');
  const { metrics } = round?.fields['result'] as unknown as {
    readonly metrics: { readonly layers: readonly { readonly name: string; readonly kept: number }[] };
  };
  kept = new Map(metrics.layers.map((layer) => [layer.name.replace('/kernel', ''), layer.kept]));
  await state(page, 'done').waitFor();
});

afterEach(() => expect(problems.splice(0)).toEqual([]));

afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** IDX files: images with a bar whose place is their label. */
function writeImages(name: string, count: number): void {
  const images = Buffer.alloc(16 + count * 28 * 28);
  [0x803, count, 28, 28].forEach((word, i) => images.writeUInt32BE(word, 4 * i));
  const labels = Buffer.alloc(8 + count);
  [0x801, count].forEach((word, i) => labels.writeUInt32BE(word, 4 * i));
  for (let image = 0; image < count; image++) {
    const label = image % 10;
    labels[8 + image] = label;
    for (let pixel = 0; pixel < 28 * 28; pixel++) {
      const isBar = Math.floor((pixel % 28) / 2.8) === label;
      images[16 + image * 28 * 28 + pixel] = isBar ? 200 : (pixel * 7 + image * 13) % 50;
    }
  }
  writeFileSync(join(folder, 'recipe', `${name}-images`), images);
  writeFileSync(join(folder, 'recipe', `${name}-labels`), labels);
}

async function showMask(layer: string): Promise<void> {
  await show(page, `#/runs/${id}/masks`);
  await page.getByRole('combobox', { name: 'Layer' }).selectOption({ label: layer });
}

describe('the masks', () => {
  it('of a convolution are its filters, weight by weight', async () => {
    await showMask('conv1');
    const filters = kept.get('conv1') ?? -1;
    expect(filters).toBeLessThan(100);
    const mask = page.getByRole('img', { name: `Mask of conv1: ${filters} of 100 weights kept` });
    await page.getByText('One tile a filter and input channel; each pixel is a weight.').waitFor();
    const reading = page.getByText(/^filter \d+, .*: (kept|come back|removed( now| earlier)?)$/);
    const { width, height } = (await mask.boundingBox()) ?? { width: 0, height: 0 };
    // There are gaps between the tiles: along a line at least one weight is met.
    for (let at = 1; at < 40 && (await reading.count()) === 0; at++) {
      await mask.hover({ position: { x: (width * at) / 40, y: (height * at) / 40 } });
    }
    expect(await reading.count()).toBe(1);
    expect(await barriersOf(page)).toEqual([]);
  });

  it('of a layer with more weights than a picture has are summarised as 256 x 120 blocks', async () => {
    await showMask('wide');
    await page.getByText(`${countText(kept.get('wide') ?? -1)} of 276,480 weights kept`).waitFor();
    await page.getByText(/drawn as 256 x 120 blocks/).waitFor();
    const mask = page.getByRole('img', { name: /^Mask of wide: / });
    await mask.focus();
    for (let nearer = 0; nearer < 6; nearer++) await mask.press('+');
    await page.getByText(/^block row \d+, column \d+: about \d+ % kept$/).waitFor();
    expect(await barriersOf(page)).toEqual([]);
  });
});

it('a plugin at work stands under the services, with its version, calls and how long they take', async () => {
  const { version } = JSON.parse(
    readFileSync(join(__dirname, '../../libs/plugin-splicing/package.json'), 'utf8'),
  ) as { readonly version: string };
  await show(page, '#/services');
  const table = page.getByRole('region', { name: 'Table of plugins' });
  await table.waitFor();
  const [row, ...more] = await tableOf(table);
  expect(more).toEqual([]);
  expect(row).toMatchObject({ Plugin: PLUGIN, Version: version, In: 'retrainer', Restarts: '0' });
  expect(Number(row['Calls'])).toBeGreaterThan(0);
  expect(row['Mean']).toMatch(/^[\d.]+ ms$/);
  expect(row['99th percentile']).toMatch(/^[\d.]+ ms$/);
  expect(await barriersOf(page)).toEqual([]);
});
