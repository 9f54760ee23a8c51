/** How soon the page shows what happens, in headless Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchChromium } from '../browser/chromium';
import { exampleFile } from './example-file';
import { PageCoordinator } from './page-coordinator';
import { measureDigit, type PageDigit } from './page-digit';
import { measureLatency, type PageLatency } from './page-latency';
import { screenshotsOf, takeScreenshots, type Screenshots } from './page-screenshots';
import { PageTrainer } from './page-trainer';

export async function measureLatencyPart(seconds: number): Promise<PageLatency> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-latency-'));
  const browser = await launchChromium();
  try {
    await using coordinator = new PageCoordinator(join(folder, 'runs'));
    await coordinator.start();
    await using trainer = await PageTrainer.start(coordinator);
    return await measureLatency(browser, { coordinator, trainer, seconds });
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function measureDigitPart(digits: number): Promise<PageDigit> {
  const browser = await launchChromium();
  try {
    return await measureDigit(browser, {
      file: { name: 'example.espalier', bytes: exampleFile() },
      digits,
    });
  } finally {
    await browser.close();
  }
}

/** Of a run that is made for it, or of one on a dashboard that is up. */
export async function screenshotsPart(
  wanted:
    { readonly recipe: string; readonly runs: string } | { readonly link: string; readonly run: string },
): Promise<Screenshots> {
  const browser = await launchChromium();
  try {
    return await ('link' in wanted ? takeScreenshots(browser, wanted) : screenshotsOf(browser, wanted));
  } finally {
    await browser.close();
  }
}
