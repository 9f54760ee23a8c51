/**
 * How soon the page is right again by itself: after its coordinator was killed and started anew, and after the laptop slept while its
 * connection died unseen. Figures arrive all the time; the page is right when it shows one that is newer than the return. At the end
 * what it was given is held against all that was told: no gap, and none twice.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { PageCoordinator } from './page-coordinator';
import { PageProxy } from './page-proxy';
import { followSeries, keptSteps, type HeldSeries, type KeptSteps } from './page-recovery-series';
import { PageTrainer } from './page-trainer';

export interface PageRecovery {
  /** From when the coordinator answers again, milliseconds; one a round. */
  readonly afterKillMs: readonly number[];
  /** From when the page wakes, milliseconds. */
  readonly afterSleepMs: readonly number[];
  readonly sleepSeconds: number;
  /** Between a figure that is told and the page that shows it, milliseconds, while nothing happens: what of the above is the usual way. */
  readonly usualMs: number;
  /** Of all that was told, before, while the page could not hear it, and after. */
  readonly steps?: KeptSteps;
}

const SERIES = 'told';
const TELL_MS = 50;
const LOOK_MS = 10;
/** The coordinator stays away for so long: the page is in the middle of waiting. */
const AWAY_MS = 3_000;
const PATIENCE_MS = 30_000;

export async function measureRecovery(
  browser: Browser,
  { folder, rounds = 5, sleepSeconds = 60 }: { folder: string; rounds?: number; sleepSeconds?: number },
): Promise<PageRecovery> {
  await using proxy = await PageProxy.listen();
  await using coordinator = new PageCoordinator(join(folder, 'recovery'), [proxy.url]);
  await coordinator.start();
  proxy.leadTo(coordinator.address.port);
  await using trainer = await PageTrainer.start(coordinator);
  await using telling = tellSteadily(trainer);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const series = followSeries(page);
    await page.goto(`${proxy.url}/#token=${coordinator.viewerToken}`);
    await page.waitForSelector('text=live');
    await page.goto(`${proxy.url}/?shown#/runs/${trainer.run}/series?show=${SERIES}`);
    await page.waitForSelector('.plot');
    const usualMs = await untilNewer(page, telling);

    const afterKillMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await coordinator.kill();
      await pause(AWAY_MS + round * 100);
      await coordinator.start();
      afterKillMs.push(await untilNewer(page, telling));
    }
    const afterSleepMs: number[] = [];
    const processes = await processesOf(browser);
    for (let round = 0; round < rounds; round++) {
      for (const pid of processes) process.kill(pid, 'SIGSTOP');
      try {
        proxy.sever();
        await pause(sleepSeconds * 1000);
      } finally {
        for (const pid of processes) process.kill(pid, 'SIGCONT');
      }
      afterSleepMs.push(await untilNewer(page, telling));
    }
    const held = (): HeldSeries | undefined => series.get(`series:${trainer.run} ${SERIES}`);
    const steps = await keptWhenTold(telling, held);
    return { afterKillMs, afterSleepMs, sleepSeconds, usualMs, steps };
  } finally {
    await context.close();
  }
}

/** All of them: a laptop that sleeps stops the browser as a whole. */
async function processesOf(browser: Browser): Promise<readonly number[]> {
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  await cdp.detach();
  return processInfo.map(({ id }) => id);
}

interface Telling extends AsyncDisposable {
  /** The last step that the trainer has made, whether it could tell it or not. */
  readonly step: number;
  /** No more steps. @returns the values of all of them, when the coordinator has the last */
  end(): Promise<readonly number[]>;
}

function tellSteadily(trainer: PageTrainer): Telling {
  const values: number[] = [];
  let over = false;
  const work = (async () => {
    for (; !over; await pause(TELL_MS)) {
      values.push(Math.sin((values.length + 1) / 20));
      await trainer.tell([{ name: SERIES, x: [values.length], y: values.slice(-1) }]);
    }
  })();
  return {
    get step() {
      return values.length;
    },
    async end() {
      over = true;
      await work;
      return values;
    },
    async [Symbol.asyncDispose]() {
      over = true;
      await Promise.race([work, pause(1_000)]);
    },
  };
}

/** What the page has, once it has the last step of all: whether that comes is known by then. */
async function keptWhenTold(telling: Telling, held: () => HeldSeries | undefined): Promise<KeptSteps> {
  const told = await telling.end();
  const fromMs = performance.now();
  while (held()?.x.at(-1) !== told.length && performance.now() - fromMs < PATIENCE_MS) await pause(LOOK_MS);
  return keptSteps(held() ?? { x: [], last: [] }, told);
}

/** Milliseconds from now until the page shows a step that has not been made yet. */
async function untilNewer(page: Page, telling: Telling): Promise<number> {
  const fromMs = performance.now();
  const before = telling.step;
  while (performance.now() - fromMs < PATIENCE_MS) {
    if ((await shownStep(page)) > before) return performance.now() - fromMs;
    await pause(LOOK_MS);
  }
  throw new Error(`the page did not recover within ${PATIENCE_MS / 1000} s`);
}

/** The last step of the chart, as it tells a screen reader. */
async function shownStep(page: Page): Promise<number> {
  const label = (await page.locator('.plot').first().getAttribute('aria-label')) ?? '';
  return Number(/steps \d+ to (\d+)/.exec(label)?.[1] ?? 0);
}
