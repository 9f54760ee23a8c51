#!/usr/bin/env node
/**
 * Bench `size`: AlexNet and VGG-16 at full size with random weights, pruned to HAN15's shares and coded, by the services as
 * processes: bytes, seconds a stage, the most memory that each process held; then decoded and compared with what was given.
 */
import { sizeOf } from '@espalier/tensor';
import { parametersOf } from '@espalier/models';
import { PUBLISHED } from '@espalier/stages';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchMain, note, type BenchValues } from './bench-main';
import { circumstances } from './circumstances';
import { benchError } from './errors';
import { espalier, type RunOutput } from './espalier';
import { BENCH_RUNS, RESULTS_FOLDER } from './places';
import { RESULTS_VERSION, readResults, shown, writeResults } from './results-file';
import { compareWeights } from './size/compare-weights';
import { writeGivenNetwork } from './size/given-network';
import { watchMemory } from './size/peak-memory';
import type { SizeNetwork, SizeResults, SizeStage } from './size/results';
import { sizeTable } from './tables/size-table';

const NETWORKS = ['alexnet', 'vgg-16'];
const QUICK_NETWORKS = ['lenet-5'];

const USAGE = `espalier bench size [options]
  --network NAME    ${NETWORKS.join(' or ')}, or a LeNet; default: both. One alone replaces its own figures
  --quick           LeNet-5, in seconds; into .bench
  --out FILE        default: docs/results/size.json`;

/** What a service may hold beside two float32 networks. */
const LIMIT_BESIDE_BYTES = 500e6;

async function run(values: BenchValues, args: readonly string[]): Promise<SizeResults> {
  const quick = values['quick'] === true;
  const out = String(
    values['out'] ?? (quick ? join(BENCH_RUNS, 'size-quick.json') : join(RESULTS_FOLDER, 'size.json')),
  );
  const names = chosen(values['network'], quick);
  const before = values['network'] === undefined ? [] : (readResults<SizeResults>(out)?.networks ?? []);
  const measured = new Map(before.map((network) => [network.network, network]));
  for (const name of names) measured.set(name, await measure(name));
  const order = [...NETWORKS, ...measured.keys()];
  const results: SizeResults = {
    version: RESULTS_VERSION,
    bench: 'size',
    circumstances: circumstances('size', args),
    networks: [...measured.values()].sort((a, b) => order.indexOf(a.network) - order.indexOf(b.network)),
  };
  writeResults(out, results);
  note(`${sizeTable(results)}\n\nwritten: ${shown(out)}`);
  return results;
}

/** @throws BENCH_OPTION */
function chosen(name: BenchValues[string], quick: boolean): readonly string[] {
  if (name === undefined) return quick ? QUICK_NETWORKS : NETWORKS;
  if (typeof name === 'string' && Object.hasOwn(PUBLISHED, name)) return [name];
  const expected = `one of ${Object.keys(PUBLISHED).join(', ')}`;
  throw benchError('BENCH_OPTION', { option: '--network', value: String(name), expected });
}

async function measure(name: string): Promise<SizeNetwork> {
  const folder = join(BENCH_RUNS, 'size', name);
  rmSync(folder, { recursive: true, force: true });
  try {
    note(`${name}: making random weights`);
    const { network, weightsFile, recipeFile } = writeGivenNetwork(name, folder);
    const parameters = parametersOf(network).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    note(`${name}: ${parameters} parameters, ${4 * parameters} bytes`);
    const made = await watched<RunOutput>(['run', recipeFile, '--runs', join(folder, 'runs')]);
    const { artifact, weights, paperCoding } = made.output;
    const stages = stagesOf(made.output);
    for (const { stage, seconds } of stages) note(`${name}: ${stage} ${seconds.toFixed(1)} s`);
    const decodedFile = join(folder, 'decoded.safetensors');
    const decoded = await watched([
      'decode',
      join(made.output.folder, artifact.path),
      '--output',
      decodedFile,
    ]);
    const { keptShare } = PUBLISHED[name].han15;
    const { kept, distortion } = compareWeights(network, keptShare, {
      given: weightsFile,
      decoded: decodedFile,
    });
    return {
      network: name,
      weights: weights.total,
      kept,
      denseBytes: artifact.denseBytes,
      bytes: artifact.bytes,
      dc16Bytes: PUBLISHED[name].dc16.bytes,
      paperCodingBytes: (paperCoding as unknown as { bytesHuffman: number }[]).reduce(
        (sum, { bytesHuffman }) => sum + bytesHuffman,
        0,
      ),
      stages,
      runSeconds: made.seconds,
      decodeSeconds: decoded.seconds,
      peakBytes: { ...made.peakBytes, decode: decoded.peakBytes['cli'] },
      limitBytes: 2 * artifact.denseBytes + LIMIT_BESIDE_BYTES,
      distortion,
    };
  } finally {
    // The stores of a run hold the network several times.
    rmSync(folder, { recursive: true, force: true });
  }
}

interface LoggedEvent {
  readonly at: number;
  readonly type: string;
  readonly fields: { readonly title?: string };
}

/** From the log: a stage whose lease ran out while its service was busy is offered again, and then costs nothing. */
function stagesOf({ folder, stages }: RunOutput): SizeStage[] {
  const log = readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n');
  const events = log.map((line) => JSON.parse(line) as LoggedEvent);
  const timeOf = (type: string, stage: string): number =>
    events.find((event) => event.type === type && event.fields.title === stage)?.at ?? NaN;
  return stages.map(({ stage, wireBytes }) => ({
    stage,
    seconds: (timeOf('stage.done', stage) - timeOf('stage.started', stage)) / 1000,
    wireBytes,
  }));
}

interface Watched<T> {
  readonly output: T;
  readonly seconds: number;
  readonly peakBytes: Readonly<Record<string, number>>;
}

/** `espalier ARGS --json`, and the most memory that it and its processes held. */
async function watched<T>(args: readonly string[]): Promise<Watched<T>> {
  const startedMs = performance.now();
  let watch: ReturnType<typeof watchMemory> | undefined;
  const output = await espalier<T>(args, { onStart: (pid) => (watch = watchMemory(pid)) }).finally(() =>
    watch?.stop(),
  );
  return { output, seconds: (performance.now() - startedMs) / 1000, peakBytes: watch?.stop() ?? {} };
}

void benchMain({
  usage: USAGE,
  options: { network: { type: 'string' }, quick: { type: 'boolean' }, out: { type: 'string' } },
  run,
});
