#!/usr/bin/env node
/** Bench `coder`: bytes and seconds beside NNCodec, DC16's coding, zstd, xz and brotli; bytes against squared and test error. */
import { evaluateSnapshot } from '@espalier/engine';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchMain, note, numbers, type BenchValues } from './bench-main';
import { openBenchWorkspace, type BenchWorkspace } from './bench-workspace';
import { circumstances } from './circumstances';
import { measureLossless } from './coder/lossless';
import {
  NETWORK_CASES,
  firstOutputs,
  loadNetwork,
  withKernels,
  type Kernel,
  type NetworkCase,
  type PrunedNetwork,
} from './coder/networks';
import { installCoderPeers, type CoderPeers } from './coder/peers';
import { measureRateDistortion, type RateDistortionResults } from './coder/rate-distortion';
import type { CoderNetworkResults, CoderResults } from './coder/results';
import { curvesSvg } from './coder/curves-svg';
import { benchError } from './errors';
import { RESULTS_FOLDER, ROOT } from './places';
import { RESULTS_VERSION, readResults, shown, writeResults } from './results-file';
import { coderTable } from './tables/coder-table';
import { timeLeft } from './time-left';

const USAGE = `espalier bench coder [options]
  --seeds 1,2,3,4,5   of each network; curves of rate and distortion for the first one
  --networks TEXT     only those whose name has it in it; the others stay as they were measured
  --quick             seed 1, without VGG-16's fc6, few settings and steps
  --out FILE          default: docs/results/coder.json with docs/coder-curves.svg; none for a quick run`;

const COMMITTED = join(RESULTS_FOLDER, 'coder.json');
const SVG = join(ROOT, 'docs/coder-curves.svg');

/** Outputs of a large kernel that the curves are drawn of: NNCodec's trellis keeps some 70 bytes a weight. */
const LARGE_OUTPUTS = 64;

interface Setting {
  readonly peers: CoderPeers;
  readonly folder: string;
  readonly quick: boolean;
  /** Opened when something must be trained or tested. */
  readonly workspace: () => Promise<BenchWorkspace>;
}

async function run(values: BenchValues, args: readonly string[]): Promise<CoderResults> {
  const quick = values['quick'] === true;
  const wanted = values['networks'] === undefined ? '' : String(values['networks']);
  const cases = NETWORK_CASES.filter(({ name, large }) => name.includes(wanted) && !(quick && large));
  if (cases.length === 0) {
    const expected = NETWORK_CASES.map(({ name }) => `"${name}"`).join(', ');
    throw benchError('BENCH_OPTION', {
      option: '--networks',
      value: wanted,
      expected: `a part of ${expected}`,
    });
  }
  const seeds = quick ? [1] : numbers(values, 'seeds', [1, 2, 3, 4, 5]);
  const before = loadavg()[0];
  const folder = mkdtempSync(join(tmpdir(), 'espalier-coder-'));
  const networks: Omit<CoderNetworkResults, 'taken'>[] = [];
  try {
    let opened: Promise<BenchWorkspace> | undefined;
    const workspace = (): Promise<BenchWorkspace> => (opened ??= openBenchWorkspace({}));
    const setting = { peers: await installCoderPeers(), folder, quick, workspace };
    const startedMs = performance.now();
    for (const [i, item] of cases.entries()) {
      networks.push(await measureNetwork(item, seeds, setting));
      note(`${item.name} done${timeLeft(i + 1, cases.length, (performance.now() - startedMs) / 1000)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const taken = { circumstances: circumstances('coder', args), load: [before, loadavg()[0]] as const };
  const own = networks.map((network) => ({ ...network, taken }));
  const out = values['out'] ?? (quick ? undefined : COMMITTED);
  const results: CoderResults = {
    version: RESULTS_VERSION,
    bench: 'coder',
    ...taken,
    quick,
    networks: quick || out === undefined ? own : among(own, readResults<CoderResults>(String(out))),
  };
  note(coderTable(results));
  if (out !== undefined) {
    writeResults(String(out), results);
    note(`\nwritten: ${shown(String(out))}`);
  }
  if (out === COMMITTED) writeFileSync(SVG, curvesSvg(results));
  return results;
}

/** In the place of theirs among those that were measured before, in the bench's order. */
function among(
  own: readonly CoderNetworkResults[],
  before: CoderResults | undefined,
): readonly CoderNetworkResults[] {
  const all = new Map([...(before?.networks ?? []), ...own].map((network) => [network.name, network]));
  return NETWORK_CASES.flatMap(({ name }) => all.get(name) ?? []);
}

async function measureNetwork(
  item: NetworkCase,
  seeds: readonly number[],
  setting: Setting,
): Promise<Omit<CoderNetworkResults, 'taken'>> {
  const lossless: CoderNetworkResults['lossless'][number][] = [];
  let rateDistortion: RateDistortionResults | undefined;
  for (const seed of seeds) {
    const network = await loadNetwork(item, seed, setting.workspace);
    const testError = await tester(network, setting);
    const rows = await measureLossless(network, {
      ...setting,
      quick: setting.quick || network.large === true,
    });
    const { espalier, nncodec, 'nncodec-best': best } = rows.rows;
    note(
      `${item.name}, seed ${seed}: ${espalier.bytes} bytes, NNCodec ${nncodec.bytes}, at its best ${best.bytes}`,
    );
    const error = testError && (await testError(network.kernels));
    lossless.push({ seed, ...rows, ...(error !== undefined && { testError: error }) });
    rateDistortion ??= await curves(network, { ...setting, ...(testError && { testError }) });
  }
  const { name, what, leNet } = item;
  return { name, what, leNet, lossless, ...(rateDistortion && { rateDistortion }) };
}

async function curves(
  network: PrunedNetwork,
  setting: Parameters<typeof measureRateDistortion>[1],
): Promise<RateDistortionResults> {
  const { seed, large, kernels } = network;
  const part = large ? { part: `its first ${LARGE_OUTPUTS} outputs` } : {};
  const drawn = large ? kernels.map((kernel) => firstOutputs(kernel, LARGE_OUTPUTS)) : kernels;
  const startedMs = performance.now();
  const results = await measureRateDistortion({ ...network, kernels: drawn }, setting);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  const worst = results.goal ? (100 * (results.goal.worst - 1)).toFixed(1) : '?';
  note(`${network.name}: curves in ${seconds} s; from 1 to 6 bits at worst ${worst} % against NNCodec`);
  return { seed, ...part, ...results };
}

/** Test error of the network with other kernels. */
async function tester(
  { trained }: PrunedNetwork,
  { workspace }: Setting,
): Promise<((kernels: readonly Kernel[]) => Promise<number>) | undefined> {
  if (!trained) return undefined;
  const samples = (await workspace()).data.test;
  return async (kernels) => {
    const snapshot = withKernels(trained, kernels);
    return (await evaluateSnapshot({ network: trained.network, snapshot, samples })).error;
  };
}

void benchMain({
  usage: USAGE,
  options: {
    seeds: { type: 'string' },
    networks: { type: 'string' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
  },
  run,
});
