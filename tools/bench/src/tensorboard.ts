#!/usr/bin/env node
/**
 * Bench `tensorboard`: does TensorBoard itself read what plugin-tensorboard writes? The golden file of the plugin, whose bytes its tests
 * compare, is given to TensorBoard from PyPI, and every value is compared with those that the tests expect.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { benchMain, note, type BenchValues } from './bench-main';
import { benchError } from './errors';
import { ROOT } from './places';
import { benchCache, must, pythonVenv } from './python-peers';

const USAGE = `espalier bench tensorboard [options]
  --logdir FOLDER   shows what TensorBoard finds in this folder instead, a run's or that of all runs: of the newest
  --write           after a change of the golden file: writes down what TensorBoard reads in it`;

const GOLDEN = join(ROOT, 'libs/plugin-tensorboard/golden');
const EXPECTED = join(GOLDEN, 'as-tensorboard-reads-it.json');
const PACKAGES = [{ spec: 'tensorboard==2.21.0', pipOptions: ['--only-binary=:all:'] }];

interface ReadFolder {
  readonly version: string;
  readonly scalars: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly histograms: Readonly<Record<string, readonly object[]>>;
}

async function run(values: BenchValues): Promise<ReadFolder> {
  note('TensorBoard from PyPI, into the cache folder unless it is there');
  const python = await pythonVenv(benchCache('tensorboard'), PACKAGES);
  const folder = values['logdir'] === undefined ? GOLDEN : resolve(String(values['logdir']));
  const script = join(ROOT, 'tools/bench/src/tensorboard/read_events.py');
  const text = await must(python, [script, folder]);
  const read = JSON.parse(text) as ReadFolder;
  for (const [tag, points] of Object.entries(read.scalars)) {
    const [step, , value] = points[points.length - 1];
    note(`${tag}: ${points.length} values, the last ${value} at step ${step}`);
  }
  for (const [tag, all] of Object.entries(read.histograms)) note(`${tag}: ${all.length} histograms`);
  if (folder !== GOLDEN) return read;
  if (values['write']) writeFileSync(EXPECTED, `${text}\n`);
  try {
    deepStrictEqual(read, JSON.parse(readFileSync(EXPECTED, 'utf8')));
  } catch (cause) {
    throw benchError(
      'BENCH_TENSORBOARD',
      { version: read.version, file: 'libs/plugin-tensorboard/golden' },
      { cause },
    );
  }
  note(`TensorBoard ${read.version} reads every value as it was written`);
  return read;
}

void benchMain({ usage: USAGE, options: { logdir: { type: 'string' }, write: { type: 'boolean' } }, run });
