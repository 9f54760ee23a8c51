/** What a browser has to load: libs/inference with its kernels, and the decoder of artifacts. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUILD = join(__dirname, '../../libs/inference/build-browser.mjs');

describe('the bundle for browsers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bundle-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has no more than 40 KB gzipped: the build measures it', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [BUILD, folder], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const gzipped = gzipSync(readFileSync(join(folder, 'espalier.js')), { level: 9 }).length;
    expect(stdout).toContain(`${gzipped} gzipped`);
    expect(gzipped).toBeLessThanOrEqual(40_000);
  });
});
