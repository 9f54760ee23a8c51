/**
 * Weights that come back between two rounds, on the page in Chromium before a real coordinator. What our own stages bring back they bring
 * back inside one training, so the stages of this run are pretended: their masks are known weight by weight.
 */
import { launchChromium } from '@espalier/bench';
import { message, type Message } from '@espalier/protocol';
import { parseRecipe, resolveRecipe, type Recipe } from '@espalier/recipe';
import { Mask } from '@espalier/tensor';
import { connectBus, type Bus } from '@espalier/transport';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { layerView } from '../../libs/stages/src/view/layer-view';
import { PageCoordinator } from '../../tools/bench/src/dashboard/page-coordinator';
import { buildPage } from './built-page';
import { barriersOf, show } from './run-page';
import { openPage } from './watched-page';

jest.setTimeout(900_000);

const RECIPE = join(__dirname, '../../recipes/quick.yaml');
const FROM = 'pretender';
const SHAPE = [300, 100];
const WEIGHTS = 30_000;
/** Of 10 weights in a row, by their last digit. */
const ROUNDS = [
  { kept: [0, 1, 2, 3, 4, 5], title: 'prune 1' },
  // 4 and 5 go, 9 comes back.
  { kept: [0, 1, 2, 3, 9], title: 'prune 2' },
];

const folder = mkdtempSync(join(tmpdir(), 'espalier-came-back-'));
const coordinator = new PageCoordinator(join(folder, 'runs'));
let browser: Browser;
let page: Page;
let problems: string[];
let bus: Bus;

beforeAll(async () => {
  buildPage();
  await coordinator.start();
  browser = await launchChromium();
  ({ page, problems } = await openPage(browser));
  const { token, address } = coordinator;
  bus = await connectBus({ url: address.hubUrl, token, hello: { service: FROM, roles: ['trainer'] } });
});

afterAll(async () => {
  await bus?.close();
  await browser?.close();
  await coordinator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const NO_DATA = '0'.repeat(64);

async function submit(): Promise<string> {
  const { recipe } = parseRecipe(readFileSync(RECIPE, 'utf8'), { file: RECIPE });
  const resolved = resolveRecipe(recipe as Recipe, {
    data: { digest: NO_DATA, shape: [28, 28, 1], classes: 10 },
    fingerprint: 'none',
    threads: 1,
    version: '0.1.0',
  });
  const response = await fetch(`${coordinator.address.url}/api/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${coordinator.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ recipe: resolved, name: 'pretended', data: NO_DATA, dataUrls: [] }),
  });
  return ((await response.json()) as { id: string }).id;
}

/** Does what it is offered in no time, until the second round is pruned: each stage has the layers that it is said to have. */
async function pretend({ run, body }: Message<'lease.offer'>): Promise<boolean> {
  const { leaseId, resultKey: key, stage } = body;
  const { kind, round } = stage as { readonly kind: string; readonly round?: number };
  const wanted = ROUNDS.find(({ title }) => title === `${kind} ${round}`)?.kept;
  const flags = Array.from({ length: WEIGHTS }, (_, i) =>
    Number(wanted === undefined || wanted.includes(i % 10)),
  );
  const mask = Mask.fromFlags(SHAPE, flags);
  const weights = Float32Array.from(flags, (flag, i) => flag * (i + 1));
  if (wanted) {
    const layer = layerView({ name: 'fc2', shape: SHAPE, weights, mask });
    await bus.request(message('layer.view', { key, layer }, { from: FROM, run }));
  }
  const outputs = { snapshot: { kind: 'snapshot', digest: key } };
  const layers = [{ name: 'fc2/kernel', weights: WEIGHTS, kept: mask.count() }];
  const result = { outputs, metrics: { layers } };
  const done = { leaseId, resultKey: key, snapshots: {}, result, seconds: 1 };
  await bus.request(message('lease.done', done, { from: FROM, run }));
  return kind === 'prune' && round === 2;
}

it('a weight that was gone and is there again is counted, and said to have come back', async () => {
  const over = new Promise<void>((resolve, reject) => {
    bus.messages$.subscribe((received) => {
      if (received.kind !== 'lease.offer') return;
      const { id: re, body, run } = received;
      bus.send(message('lease.accept', { re, leaseId: body.leaseId }, { from: FROM, run }));
      pretend(received as Message<'lease.offer'>).then((last) => (last ? resolve() : undefined), reject);
    });
  });
  const body = { service: FROM, can: ['train', 'prune', 'retrain'], leases: [] };
  await bus.request(message('announce', body, { from: FROM }));
  const run = await submit();
  await over;

  await page.goto(coordinator.linkFor(coordinator.viewerToken));
  await page.getByText('live', { exact: true }).waitFor();
  await show(page, `#/runs/${run}/masks`);
  const slider = page.getByRole('slider', { name: 'Round' });
  await slider.press('Home');
  await page.getByText('18,000 of 30,000 weights kept (60.0 %).').waitFor();
  await slider.press('End');
  expect(await slider.getAttribute('aria-valuetext')).toBe('round 2');
  const words = '15,000 of 30,000 weights kept (50.0 %), 6,000 removed since round 1, 3,000 come back';
  await page.getByText(words).waitFor();
  const mask = page.getByRole('img', { name: `Mask of fc2: ${words}` });
  await mask.focus();
  // Each column has weights of one last digit: those of every tenth one have come back.
  for (let nearer = 0; nearer < 8; nearer++) await mask.press('+');
  const said = new Set<string>();
  for (let step = 0; step < 40; step++) {
    const [text] = await page.getByText(/^input \d+, output \d+: /).allInnerTexts();
    const [, output, what] = /output (\d+): (.*)$/.exec(text ?? '') ?? [];
    if (what !== undefined) said.add(`${(Number(output) - 1) % 10}: ${what}`);
    await mask.press('ArrowRight');
  }
  expect([...said]).toContain('9: come back');
  for (const each of said) {
    const digit = Number(each[0]);
    const [before, now] = ROUNDS.map(({ kept }) => kept.includes(digit));
    const what = now ? (before ? 'kept' : 'come back') : before ? 'removed now' : 'removed earlier';
    expect(each).toBe(`${digit}: ${what}`);
  }
  expect(await barriersOf(page)).toEqual([]);
  expect(problems).toEqual([]);
});
