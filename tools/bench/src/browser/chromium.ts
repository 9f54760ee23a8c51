import type { Browser } from 'playwright-core';

/** Debian's Chromium, or the one that ESPALIER_CHROMIUM names: `npm test` looks for it and sets that. */
export async function launchChromium(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: process.env['ESPALIER_CHROMIUM'] ?? '/usr/bin/chromium',
    // Its sandbox needs a user who is not root; a container's /dev/shm is small.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'],
  });
}
