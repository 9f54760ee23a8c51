/**
 * From an event at the trainer to the pixel that shows it. A step ends every few milliseconds and its loss is the time at which it ended;
 * it goes the way of a real one: told in turns as a training session does, gathered by the service's own desk, through the
 * coordinator, to the page. An event has arrived with the first frame in which the page's chart was drawn with it or a later one.
 */
import { systemClock } from '@espalier/base';
import type { PointsBody } from '@espalier/protocol';
import { showDesk } from '@espalier/service-kit';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { percentile } from './percentile';
import type { PageCoordinator } from './page-coordinator';
import type { PageTrainer } from './page-trainer';

/** A step of LeNet-300-100 takes a few. */
const STEP_MS = 5;
/** In such turns a training session tells what its steps did. */
const TURN_MS = 20;
/** Connections, code and charts are warm by then. */
const WARM_UP_MS = 5_000;
/** For what is still on its way. */
const LAST_MS = 1_000;

export interface PageLatency {
  readonly events: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** Times that the chart was drawn with something new. */
  readonly draws: number;
}

/** A frame: by the page's clock when it was on the screen at the latest, and the last event in it. */
type Drawn = readonly [shownAt: number, event: number];

export async function measureLatency(
  browser: Browser,
  {
    coordinator,
    trainer,
    seconds = 60,
  }: { coordinator: PageCoordinator; trainer: PageTrainer; seconds?: number },
): Promise<PageLatency> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript({ content: WATCH_DRAWS });
    await page.goto(coordinator.linkFor(coordinator.viewerToken));
    await page.getByText('live', { exact: true }).waitFor();
    await page.evaluate(`location.hash = '#/runs/${trainer.run}'`);

    // One machine, one clock: both sides count from the same moment. 1,000 on, so that the page writes every millisecond out.
    const startedAt = Math.round(now()) - 1_000;
    const events = await tellSteps(trainer, startedAt, WARM_UP_MS + seconds * 1_000);
    await pause(LAST_MS);
    const drawn = await page.evaluate<Drawn[]>('globalThis.espalierDrawn');
    const delays = delaysOf(
      events.filter((event) => event > 1_000 + WARM_UP_MS),
      drawn.map(([at, event]) => [at - startedAt, event]),
    );
    return {
      events: delays.length,
      seconds,
      p50Ms: percentile(delays, 0.5),
      p99Ms: percentile(delays, 0.99),
      mostMs: Math.max(...delays),
      draws: drawn.length,
    };
  } finally {
    await context.close();
  }
}

/** Of each event: the first frame that has it or one after it. One that never came counts as infinitely late. */
export function delaysOf(events: readonly number[], drawn: readonly Drawn[]): number[] {
  let frame = 0;
  return events.map((event) => {
    while (frame < drawn.length && drawn[frame][1] < event) frame++;
    return frame < drawn.length ? drawn[frame][0] - event : Infinity;
  });
}

/** @returns when each step ended, milliseconds since `startedAt` */
async function tellSteps(trainer: PageTrainer, startedAt: number, forMs: number): Promise<number[]> {
  const desk = showDesk({
    deliver: (_kind, body) => trainer.tell((body as PointsBody).series),
    clock: systemClock,
    after(ms, call) {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  });
  const watcher = desk.watch({ run: trainer.run, key: '0'.repeat(64) });
  const events: number[] = [];
  let told = 0;
  let turnAt = now();
  const endAt = now() + forMs;
  while (now() < endAt) {
    await pause(STEP_MS);
    events.push(Math.round(now() - startedAt));
    if (now() - turnAt < TURN_MS) continue;
    turnAt = now();
    const steps = events.slice(told);
    watcher.points(
      'loss',
      steps.map((_, i) => told + i + 1),
      steps,
    );
    told = events.length;
  }
  await desk.settled();
  return events.slice(0, told);
}

/** Milliseconds since the epoch, with fractions. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * In the page, before its own scripts. The number beside the chart says up to which event the page has come; the chart is drawn
 * in a frame after that; the frame after the one that drew it begins when that one was handed to the screen.
 */
const WATCH_DRAWS = `{
  globalThis.espalierDrawn = [];
  let drawnAt = 0;
  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    if (this.canvas.closest('figure')?.querySelector('h3')?.textContent === 'Loss') drawnAt = performance.now();
    return clearRect.apply(this, area);
  };
  let last = 0;
  const look = () => {
    for (const button of document.querySelectorAll('figure button')) {
      if (!button.textContent.includes('training loss')) continue;
      const event = Number.parseFloat(button.querySelector('.value').textContent);
      if (!(event > last)) return;
      last = event;
      const changedAt = performance.now();
      const wait = () => {
        if (drawnAt < changedAt) requestAnimationFrame(wait);
        else requestAnimationFrame((at) => espalierDrawn.push([performance.timeOrigin + at, event]));
      };
      requestAnimationFrame(wait);
    }
  };
  document.addEventListener('DOMContentLoaded', () =>
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true }));
}`;
