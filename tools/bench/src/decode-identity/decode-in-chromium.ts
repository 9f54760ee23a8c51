/** Decodes files in Chromium, by the bundle that web pages load: with WebAssembly, and where the page's policy forbids it. */
import type { decodeArtifact } from '@espalier/encoding';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchChromium } from '../browser/chromium';
import { POLICIES, servePage } from '../browser/page-server';
import { ROOT } from '../places';
import { must } from '../python-peers';
import type { DecodedBy } from './results';
import type { TensorDigest } from './tensor-digests';

/** What the page's global `espalier` is to the function that is sent there. */
type PageGlobals = { readonly espalier: { decodeArtifact: typeof decodeArtifact } };

const WEB_ASSEMBLY: Readonly<Record<keyof typeof POLICIES, string>> = {
  '/': 'with WebAssembly',
  '/strict': 'without WebAssembly',
};

/** @throws BENCH_CHILD, and what Playwright throws where there is no Chromium */
export async function decodeInChromium(files: readonly Uint8Array[]): Promise<DecodedBy[]> {
  const bundle = await buildBundle();
  const paths = files.map((bytes, i) => [`/${i}.espalier`, bytes] as const);
  await using server = await servePage(new Map([['/espalier.js', bundle], ...paths]));
  const browser = await launchChromium();
  try {
    const decoded: DecodedBy[] = [];
    for (const path of Object.keys(POLICIES) as (keyof typeof POLICIES)[]) {
      const page = await browser.newPage();
      await page.goto(`${server.address}${path}`);
      await page.waitForFunction(() => 'espalier' in globalThis);
      const tensors: TensorDigest[][] = [];
      for (const [url] of paths) tensors.push(await decodeInPage(page, url));
      const program = `Chromium ${browser.version()}${path === '/' ? '' : `, ${WEB_ASSEMBLY[path]}`}`;
      decoded.push({ program, engine: `V8, ${WEB_ASSEMBLY[path]}`, files: tensors });
    }
    return decoded;
  } finally {
    await browser.close();
  }
}

async function buildBundle(): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bundle-'));
  try {
    await must(process.execPath, [join(ROOT, 'libs/inference/build-browser.mjs'), folder]);
    return readFileSync(join(folder, 'espalier.js'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function decodeInPage(page: Page, url: string): Promise<TensorDigest[]> {
  return page.evaluate(async (url) => {
    const { espalier } = globalThis as unknown as PageGlobals;
    const decoded = espalier.decodeArtifact(new Uint8Array(await (await fetch(url)).arrayBuffer()));
    const found: { name: string; sha256: string }[] = [];
    for (const [name, { data }] of decoded.tensors) {
      // Typed arrays are little-endian wherever Chromium runs.
      const digest = await crypto.subtle.digest('SHA-256', data as Float32Array<ArrayBuffer>);
      const bytes = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0'));
      found.push({ name, sha256: bytes.join('') });
    }
    return found;
  }, url);
}
