/**
 * How fast the page draws: ten series with 10,000 points each, every point of them in view, while the chart is moved, zoomed and appended
 * to. Frames are those that the browser says it drew; what was painted is heard from the canvas itself.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { PageCoordinator } from './page-coordinator';
import type { PageTrainer, SeriesPoints } from './page-trainer';

export const FRAMES_SERIES = 10;
export const FRAMES_POINTS = 10_000;

export interface FrameRate {
  readonly seconds: number;
  readonly frames: number;
  readonly perSecond: number;
  /** Between two frames, milliseconds. */
  readonly worstMs: number;
  /** Times that the chart's series were drawn. */
  readonly drawings: number;
}

export interface PageFrames {
  readonly series: number;
  readonly points: number;
  /** From navigation to the first text, and to all series drawn, milliseconds. */
  readonly firstPaintMs: number;
  readonly firstSeriesMs: number;
  readonly idle: FrameRate;
  readonly move: FrameRate;
  readonly zoom: FrameRate;
  readonly append: FrameRate;
}

/** What `WATCH_FRAMES` notes. */
interface Watch {
  drawings: number;
  firstDrawingMs: number | undefined;
  frames: number[];
}
type Watched = { readonly espalierWatch: Watch };

/** Smooth with spikes: nothing that a chart could leave out. */
export function wavySeries(from: number, count: number): SeriesPoints {
  return Array.from({ length: FRAMES_SERIES }, (_, series) => {
    const x = Array.from({ length: count }, (_, i) => from + i);
    const y = x.map((step) => {
      const spike = (step * 7919 + series * 104_729) % 997 === 0 ? 1 : 0;
      return 0.1 * series + 0.05 * Math.sin(step / 300) + 0.02 * Math.sin(step * 1.7 + series) + spike;
    });
    return { name: `wave/${series}`, x, y };
  });
}

export async function measureFrames(
  browser: Browser,
  {
    coordinator,
    trainer,
    seconds = 5,
  }: { coordinator: PageCoordinator; trainer: PageTrainer; seconds?: number },
): Promise<PageFrames> {
  await trainer.tellAll(wavySeries(1, FRAMES_POINTS));
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  try {
    await page.addInitScript({ content: WATCH_FRAMES });
    await page.goto(coordinator.linkFor(coordinator.viewerToken));
    await page.waitForSelector('text=live');
    // A second visit, of one who has the cookie.
    const { firstPaintMs, firstSeriesMs } = await firstPaints(page, coordinator, trainer.run);

    const plot = page.locator('.plot').first();
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (!box) throw new Error('the chart has no place on the page');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);

    const idle = await framesWhile(page, seconds, () => pause(100));
    let turn = 0;
    const zoom = await framesWhile(page, seconds, async () => {
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, turn++ % 60 < 30 ? -12 : 12);
      await page.keyboard.up('Control');
    });
    // All but a little stays in view, and there is room to move in.
    await page
      .getByRole('button', { name: 'Whole run' })
      .click({ force: true })
      .catch(() => undefined);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -30);
    await page.keyboard.up('Control');
    const move = await framesWhile(page, seconds, () => page.mouse.wheel(turn++ % 60 < 30 ? 4 : -4, 0));
    let step = FRAMES_POINTS;
    const append = await framesWhile(page, seconds, async () => {
      await trainer.tellAll(wavySeries(step + 1, 10));
      step += 10;
      await pause(50);
    });
    return {
      series: FRAMES_SERIES,
      points: FRAMES_SERIES * FRAMES_POINTS,
      firstPaintMs,
      firstSeriesMs,
      idle,
      move,
      zoom,
      append,
    };
  } finally {
    await context.close();
  }
}

/** A fresh load of the page with the ten series chosen. */
async function firstPaints(
  page: Page,
  coordinator: PageCoordinator,
  run: string,
): Promise<{ firstPaintMs: number; firstSeriesMs: number }> {
  const chosen = Array.from({ length: FRAMES_SERIES }, (_, i) => `show=wave/${i}`).join('&');
  await page.goto(`${coordinator.address.url}/?once-more#/runs/${run}/series?${chosen}`);
  await page.waitForFunction(() => (globalThis as unknown as Watched).espalierWatch.drawings > 0);
  return page.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const { firstDrawingMs } = (globalThis as unknown as Watched).espalierWatch;
    return { firstPaintMs: paint.startTime, firstSeriesMs: firstDrawingMs ?? NaN };
  });
}

async function framesWhile(page: Page, seconds: number, act: () => Promise<unknown>): Promise<FrameRate> {
  await page.evaluate(() => {
    const watch = (globalThis as unknown as Watched).espalierWatch;
    watch.frames.length = 0;
    watch.drawings = 0;
  });
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) await act();
  const { frames, drawings } = await page.evaluate(() => {
    const { frames, drawings } = (globalThis as unknown as Watched).espalierWatch;
    return { frames: [...frames], drawings };
  });
  const took = (frames[frames.length - 1] - frames[0]) / 1000;
  const gaps = frames.slice(1).map((at, i) => at - frames[i]);
  return {
    seconds: took,
    frames: gaps.length,
    perSecond: gaps.length / took,
    worstMs: Math.max(...gaps),
    drawings,
  };
}

/** In the page, before its own scripts: notes each frame, and each time that a chart draws its dense series. */
const WATCH_FRAMES = `{
  const watch = { drawings: 0, firstDrawingMs: undefined, frames: [] };
  globalThis.espalierWatch = watch;
  const { putImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    putImageData.apply(this, given);
    watch.drawings++;
    watch.firstDrawingMs ??= performance.now();
  };
  const frame = (at) => {
    watch.frames.push(at);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}`;
