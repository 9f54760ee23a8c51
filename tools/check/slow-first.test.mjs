import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from './programs.mjs';
import SlowFirst from './slow-first.cjs';

const QUICK = path.join(ROOT, 'libs/base/src/errors.spec.ts');
const [SLOWEST, SLOWER] = SlowFirst.SLOW.map((file) => path.join(ROOT, file));

/** @param durations by file, as jest keeps them from one run to the next */
function order(paths, durations = {}) {
  const sequencer = new SlowFirst({ contexts: [], globalConfig: {} });
  sequencer._getCache = () => durations;
  const context = { hasteFS: { getSize: (file) => fs.statSync(file).size } };
  return sequencer.sort(paths.map((file) => ({ path: file, context }))).map((each) => each.path);
}

test('the files that are said to be slow are there', () => {
  for (const file of SlowFirst.SLOW) assert.ok(fs.existsSync(path.join(ROOT, file)), file);
});

test('slow files come first where jest knows of no duration', () => {
  assert.deepEqual(order([QUICK, SLOWER, SLOWEST]), [SLOWEST, SLOWER, QUICK]);
});

test('where jest knows durations, the longest comes first', () => {
  const durations = { [QUICK]: [1, 9000], [SLOWER]: [1, 3000], [SLOWEST]: [1, 2000] };
  assert.deepEqual(order([SLOWER, SLOWEST, QUICK], durations), [QUICK, SLOWER, SLOWEST]);
});
