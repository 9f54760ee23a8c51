/** What a browser has to load: libs/inference with its kernels, and the decoder of artifacts. */
import { buildSync } from 'esbuild';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const MOST_GZIPPED_BYTES = 40_000;

describe('the bundle for browsers', () => {
  // esbuild fails on a Node module when the platform is a browser.
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, '../../libs/inference/src/index.ts')],
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    conditions: ['@espalier/source'],
  });

  it('has no more than 40 KB gzipped', () => {
    expect(gzipSync(outputFiles[0].contents, { level: 9 }).length).toBeLessThan(MOST_GZIPPED_BYTES);
  });
});
