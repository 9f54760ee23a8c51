#!/usr/bin/env node
// `npm run build:browser -- [FOLDER]`: libs/inference with its kernels and the decoder as one ES module for browsers,
// espalier.js. Fails where it has grown beyond what a page should have to load.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

/** The model file comes on top. */
const MOST_GZIPPED_BYTES = 40_000;

const HERE = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(process.argv[2] ?? path.join(HERE, 'dist/browser'));
const file = path.join(folder, 'espalier.js');

// esbuild fails on a Node module when the platform is a browser.
buildSync({
  entryPoints: [path.join(HERE, 'src/browser.ts')],
  outfile: file,
  bundle: true,
  minify: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  conditions: ['@espalier/source'],
  logLevel: 'error',
});

const bytes = fs.readFileSync(file);
const gzipped = gzipSync(bytes, { level: 9 }).length;
process.stdout.write(`${file}: ${bytes.length} bytes, ${gzipped} gzipped\n`);
if (gzipped > MOST_GZIPPED_BYTES) {
  process.stderr.write(`error: the bundle may have ${MOST_GZIPPED_BYTES} bytes gzipped, not ${gzipped}\n`);
  process.exitCode = 1;
}
