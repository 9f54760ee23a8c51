#!/usr/bin/env node
/** Bench `kmeans`: sharing up to 10^8 weights by k-means, beside scikit-learn from the same start on fewer of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchMain, note, wholeNumber, type BenchValues } from './bench-main';
import { circumstances } from './circumstances';
import type { KmeansPeer, KmeansResults, KmeansRow, KmeansTime } from './kmeans/results';
import type { SharingAnswer } from './kmeans/time-sharing';
import { BENCH_RUNS, CHILD_LOADER, RESULTS_FOLDER, ROOT } from './places';
import { benchCache, must, pythonVenv } from './python-peers';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import { kmeansTable } from './tables/kmeans-table';

const USAGE = `espalier bench kmeans [options]
  --weights 100000000     the most weights; also a hundredth and a tenth of them
  --bits 5
  --peer-weights 1000000  for scikit-learn, which is installed from PyPI into the cache folder
  --rounds 3              each in a process of its own; the fastest counts
  --alone                 without scikit-learn
  --quick                 10^6 weights, 10^5 for scikit-learn, one round; into .bench
  --out FILE              default: docs/results/kmeans.json`;

const PACKAGES = ['scipy==1.15.3', 'scikit-learn==1.7.2'].map((spec) => ({
  spec,
  pipOptions: ['--only-binary=:all:'],
}));
const SEED = 1;

async function run(values: BenchValues, args: readonly string[]): Promise<KmeansResults> {
  const quick = values['quick'] === true;
  const most = wholeNumber(values, 'weights', quick ? 1e6 : 1e8);
  const bits = wholeNumber(values, 'bits', 5);
  const rounds = wholeNumber(values, 'rounds', quick ? 1 : 3);
  const rows: KmeansRow[] = [];
  for (const weights of [most / 100, most / 10, most].map(Math.round)) {
    const answers: SharingAnswer[] = [];
    for (let round = 0; round < rounds; round++) answers.push(await share(weights, bits));
    const memoryBytes = Math.max(...answers.map((answer) => answer.memoryBytes));
    rows.push({ weights, ...fastest(answers), memoryBytes });
    note(`${weights} weights: ${rows[rows.length - 1].cpuSeconds.toFixed(2)} s`);
  }
  const peerWeights = wholeNumber(values, 'peer-weights', quick ? 1e5 : 1e6);
  const peer = values['alone'] === true ? undefined : await comparePeer(peerWeights, bits, rounds);
  const results: KmeansResults = {
    version: RESULTS_VERSION,
    bench: 'kmeans',
    circumstances: circumstances('kmeans', args),
    bits,
    rounds,
    rows,
    ...(peer && { peer }),
  };
  const out = String(
    values['out'] ?? (quick ? join(BENCH_RUNS, 'kmeans-quick.json') : join(RESULTS_FOLDER, 'kmeans.json')),
  );
  writeResults(out, results);
  note(`${kmeansTable(results)}\n\nwritten: ${shown(out)}`);
  return results;
}

function fastest(times: readonly KmeansTime[]): KmeansTime {
  const { cpuSeconds, seconds } = times.reduce((best, next) =>
    next.cpuSeconds < best.cpuSeconds ? next : best,
  );
  return { cpuSeconds, seconds };
}

/** @throws BENCH_CHILD */
async function share(weights: number, bits: number, folder?: string): Promise<SharingAnswer> {
  const script = join(ROOT, 'tools/bench/src/kmeans/time-sharing.ts');
  const args = [CHILD_LOADER, script, weights, 2 ** bits, SEED, ...(folder === undefined ? [] : [folder])];
  return JSON.parse(await must(process.execPath, args.map(String))) as SharingAnswer;
}

interface PeerAnswer extends KmeansTime {
  readonly centroids: readonly number[];
  readonly inertia: number;
  readonly iterations: number;
  readonly version: string;
}

/** In turns, from the same start and until nothing changes. */
async function comparePeer(weights: number, bits: number, rounds: number): Promise<KmeansPeer> {
  note('scikit-learn: installing what is missing');
  const python = await pythonVenv(benchCache('kmeans'), PACKAGES);
  const folder = mkdtempSync(join(tmpdir(), 'espalier-kmeans-'));
  try {
    const ours: SharingAnswer[] = [];
    const theirs: PeerAnswer[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await share(weights, bits, folder));
      const script = join(ROOT, 'tools/bench/src/kmeans/peer.py');
      const said = await must(python, [script, join(folder, 'values.f32'), join(folder, 'start.f64')]);
      theirs.push(JSON.parse(said) as PeerAnswer);
      note(
        `scikit-learn, ${weights} weights: ${theirs[round].seconds.toFixed(1)} s, ours ${ours[round].seconds.toFixed(3)} s`,
      );
    }
    const [own] = ours;
    const [peer] = theirs;
    const spread = own.centroids[own.centroids.length - 1] - own.centroids[0];
    const differences = own.centroids.map((centroid, k) => Math.abs(centroid - peer.centroids[k]) / spread);
    return {
      weights,
      version: `scikit-learn ${peer.version}`,
      ours: fastest(ours),
      peer: fastest(theirs),
      peerIterations: peer.iterations,
      centroidDifference: Math.max(...differences),
      errorDifference: (own.inertia - peer.inertia) / peer.inertia,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void benchMain({
  usage: USAGE,
  options: {
    weights: { type: 'string' },
    bits: { type: 'string' },
    'peer-weights': { type: 'string' },
    rounds: { type: 'string' },
    alone: { type: 'boolean' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
  },
  run,
});
