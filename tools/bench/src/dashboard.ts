#!/usr/bin/env node
/** Bench `dashboard`: what viewers cost a training, what the coordinator does under many series and values, and what the page does. */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { benchMain, note, wholeNumber, type BenchValues } from './bench-main';
import { circumstances } from './circumstances';
import { measureDigitPart, measureLatencyPart, screenshotsPart } from './dashboard/measure-answers';
import { measurePage } from './dashboard/measure-page';
import { measureStream } from './dashboard/measure-stream';
import { measureViewers } from './dashboard/measure-viewers';
import type { Screenshots } from './dashboard/page-screenshots';
import type { DashboardPart, DashboardResults } from './dashboard/results';
import { benchError } from './errors';
import { BENCH_RUNS, RESULTS_FOLDER, ROOT } from './places';
import { readResults, RESULTS_VERSION, shown, writeResults } from './results-file';
import { dashboardTable } from './tables/dashboard-table';

const USAGE = `espalier bench dashboard [options]
  --part NAME       viewers, stream, page, latency or digit; default: all. The others stay as they were measured
  --part screenshots  of every view and a run, into docs/screenshots; measures nothing
  --recipe FILE     of that run; default: recipes/lenet-300-100.yaml
  --runs FOLDER     where it lies, so that a second time it comes out of the cache; default: .bench/screenshots
  --link LINK --run ID  or of a run on a dashboard that is up
  --pairs 10        trainings with 100 viewers and without, in turns
  --epochs 12       of each training
  --minutes 10      of 2,000 series and 10^6 values a minute
  --quick           2 pairs, half a minute, little sleep; into .bench
  --out FILE        default: docs/results/dashboard.json`;

const PARTS: readonly DashboardPart[] = ['viewers', 'stream', 'page', 'latency', 'digit'];

const VIEWERS = 100;
const SERIES = 2_000;
/** A little more than a million, which must arrive. */
const VALUES_PER_MINUTE = 1_005_000;
const QUICK_MINUTES = 0.5;
const LATENCY_SECONDS = { quick: 10, whole: 60 } as const;
const DIGITS = { quick: 20, whole: 100 } as const;

async function run(values: BenchValues, args: readonly string[]): Promise<DashboardResults | Screenshots> {
  if (values['part'] === 'screenshots') {
    const recipe = String(values['recipe'] ?? join(ROOT, 'recipes/lenet-300-100.yaml'));
    const runs = String(values['runs'] ?? join(BENCH_RUNS, 'screenshots'));
    const { link, run } = values;
    return screenshotsPart(
      link !== undefined && run !== undefined ? { link: String(link), run: String(run) } : { recipe, runs },
    );
  }
  const quick = values['quick'] === true;
  const parts = partsOf(values['part']);
  const out = String(
    values['out'] ??
      (quick ? join(BENCH_RUNS, 'dashboard-quick.json') : join(RESULTS_FOLDER, 'dashboard.json')),
  );
  const loadBefore = loadavg()[0];
  const viewers = parts.includes('viewers')
    ? await measureViewers({
        pairs: wholeNumber(values, 'pairs', quick ? 2 : 10),
        viewers: VIEWERS,
        epochs: wholeNumber(values, 'epochs', quick ? 4 : 12),
      })
    : undefined;
  const stream = parts.includes('stream')
    ? await measureStream({
        series: quick ? SERIES / 10 : SERIES,
        perMinute: quick ? VALUES_PER_MINUTE / 10 : VALUES_PER_MINUTE,
        minutes: quick ? QUICK_MINUTES : wholeNumber(values, 'minutes', 10),
      })
    : undefined;
  const page = parts.includes('page')
    ? await measurePage(
        quick ? { seconds: 3, rounds: 2, sleepSeconds: 5 } : { seconds: 10, rounds: 5, sleepSeconds: 60 },
      )
    : undefined;
  const length = quick ? 'quick' : 'whole';
  const latency = parts.includes('latency') ? await measureLatencyPart(LATENCY_SECONDS[length]) : undefined;
  const digit = parts.includes('digit') ? await measureDigitPart(DIGITS[length]) : undefined;
  const before = readResults<DashboardResults>(out);
  const taken = {
    circumstances: circumstances('dashboard', args),
    load: [loadBefore, loadavg()[0]] as const,
  };
  const results: DashboardResults = {
    ...before,
    version: RESULTS_VERSION,
    bench: 'dashboard',
    ...taken,
    taken: { ...before?.taken, ...Object.fromEntries(parts.map((part) => [part, taken])) },
    ...(viewers && { viewers }),
    ...(stream && { stream }),
    ...(page && { page }),
    ...(latency && { latency }),
    ...(digit && { digit }),
  };
  writeResults(out, results);
  note(`${dashboardTable(results)}\n\nwritten: ${shown(out)}`);
  return results;
}

/** @throws BENCH_OPTION */
function partsOf(value: BenchValues[string]): readonly DashboardPart[] {
  if (value === undefined) return PARTS;
  const part = PARTS.find((name) => name === value);
  if (part) return [part];
  throw benchError('BENCH_OPTION', {
    option: '--part',
    value: String(value),
    expected: `one of ${[...PARTS, 'screenshots'].join(', ')}`,
  });
}

void benchMain({
  usage: USAGE,
  options: {
    part: { type: 'string' },
    pairs: { type: 'string' },
    epochs: { type: 'string' },
    minutes: { type: 'string' },
    quick: { type: 'boolean' },
    recipe: { type: 'string' },
    runs: { type: 'string' },
    link: { type: 'string' },
    run: { type: 'string' },
    out: { type: 'string' },
  },
  run,
});
