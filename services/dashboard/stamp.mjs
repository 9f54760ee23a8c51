// What the built page was made from, as one digest: set-up builds it again where that differs. Plain Node, no package.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Beside the page itself: the libs that it contains. */
const LIBS = ['base', 'tensor', 'models', 'protocol', 'encoding', 'inference'];
const PAGE = ['index.html', 'package.json', 'vite.config.mjs', 'build.mjs', 'src', 'public'];

/** @returns a digest of the sources of the page in `folder` (services/dashboard). */
export function stampOf(folder) {
  const hash = createHash('sha256');
  const places = [...PAGE, ...LIBS.map((name) => `../../libs/${name}/src`)];
  for (const file of places.flatMap((place) => filesOf(path.join(folder, place)))) {
    hash
      .update(`${path.relative(folder, file)}\0`)
      .update(fs.readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @returns whether dist/ was made from the sources that are there. */
export function isBuilt(folder) {
  const stamp = path.join(folder, 'dist/.stamp');
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === stampOf(folder);
}

function filesOf(place) {
  if (!fs.statSync(place).isDirectory()) return [place];
  return fs
    .readdirSync(place, { withFileTypes: true })
    .filter((entry) => !/\.spec\.ts$/.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesOf(path.join(place, entry.name)));
}
