#!/usr/bin/env node
// `npm run build:dashboard`: the page into dist/, each file also compressed, so that the coordinator sends it as it lies.
// Fails where what a reader must load before the first chart has grown too heavy.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { stampOf } from './stamp.mjs';

/** Of everything that index.html names. */
const MOST_GZIPPED_BYTES = 150_000;
const COMPRESSED = /\.(?:html|js|css|svg|json|wasm)$/;

const HERE = path.dirname(fileURLToPath(import.meta.url));
const DIST = path.join(HERE, 'dist');
/** Made aside, so that who serves dist/ meanwhile serves all of the old page, and two builds do not meet. */
const ASIDE = path.join(HERE, `.espalier/page-${process.pid}`);
process.on('exit', () => fs.rmSync(ASIDE, { recursive: true, force: true }));

await build({ root: HERE, logLevel: 'error', build: { outDir: ASIDE, emptyOutDir: true } });

const sizes = new Map(filesIn(ASIDE).map((file) => [file, compress(path.join(ASIDE, file))]));
const html = fs.readFileSync(path.join(ASIDE, 'index.html'), 'utf8');
const first = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => file);
const gzipped = ['index.html', ...first].reduce((sum, file) => sum + sizes.get(file), 0);
process.stdout.write(`${DIST}: ${gzipped} bytes gzipped before a chart is opened\n`);
if (gzipped > MOST_GZIPPED_BYTES) {
  process.stderr.write(`error: the page may have ${MOST_GZIPPED_BYTES} bytes gzipped, not ${gzipped}\n`);
  process.exitCode = 1;
}
fs.writeFileSync(path.join(ASIDE, '.stamp'), stampOf(HERE));
fs.rmSync(DIST, { recursive: true, force: true });
fs.renameSync(ASIDE, DIST);

function filesIn(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(?:gz|br)$/.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
}

/** @returns the file's size gzipped; writes FILE.gz and FILE.br beside it. */
function compress(file) {
  const bytes = fs.readFileSync(file);
  const gzipped = gzipSync(bytes, { level: 9 });
  if (COMPRESSED.test(file)) {
    fs.writeFileSync(`${file}.gz`, gzipped);
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    fs.writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
  }
  return gzipped.length;
}
