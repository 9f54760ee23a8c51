/** What the page itself does, in headless Chromium: how fast it draws, and how soon it is right again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchChromium } from '../browser/chromium';
import { PageCoordinator } from './page-coordinator';
import { measureFrames, type PageFrames } from './page-frames';
import { measureRecovery, type PageRecovery } from './page-recovery';
import { PageTrainer } from './page-trainer';

export interface PagePart {
  readonly frames: PageFrames;
  readonly recovery: PageRecovery;
}

export interface PageOptions {
  /** Of moving, zooming and appending, each. */
  readonly seconds: number;
  readonly rounds: number;
  readonly sleepSeconds: number;
}

export async function measurePage({ seconds, rounds, sleepSeconds }: PageOptions): Promise<PagePart> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-page-'));
  const browser = await launchChromium();
  try {
    const frames = await framesOf();
    const recovery = await measureRecovery(browser, { folder, rounds, sleepSeconds });
    return { frames, recovery };
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }

  async function framesOf(): Promise<PageFrames> {
    await using coordinator = new PageCoordinator(join(folder, 'frames'));
    await coordinator.start();
    await using trainer = await PageTrainer.start(coordinator);
    return await measureFrames(browser, { coordinator, trainer, seconds });
  }
}
