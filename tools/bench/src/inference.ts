#!/usr/bin/env node
/** Bench `inference`: latency of libs/inference beside onnxruntime-node, PyTorch (both dense) and SciPy's CSR. */
import { createModel, describePlan, type Model } from '@espalier/inference';
import { readMnist } from '@espalier/datasets';
import { decodeArtifact } from '@espalier/encoding';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { benchError } from './errors';
import { benchMain, note, numbers, wholeNumber, type BenchValues } from './bench-main';
import { circumstances } from './circumstances';
import { CASE_NAMES, SAMPLES, caseOf, isMnist, namedCase, type InferenceCase } from './inference/cases';
import { answerOf, compareWithEngine } from './inference/engine-answers';
import { writePeerFiles } from './inference/peer-files';
import { PEERS, installPeers, type Peer, type Peers } from './inference/peers';
import type { InferenceCaseResults, InferenceResults, InferenceRow } from './inference/results';
import { median, timeCalls } from './inference/time-calls';
import { RESULTS_FOLDER } from './places';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import { inferenceTable } from './tables/inference-table';
import { timeLeft } from './time-left';

const USAGE = `espalier bench inference [FILE...] [options]
  FILE              an artifact; without one: random weights at HAN15's shares for LeNet-300-100, LeNet-5 and AlexNet's fc6-fc8
  --batch 1,64      samples a call
  --rounds 5        each runtime in turn, so often; the median of their medians counts
  --seconds 1       each time
  --alone           no peers: nothing is installed
  --quick           one short round, nothing is written: does everything run?
  --out FILE        default: docs/results/inference.json, or none for artifacts`;

/** Of threads, both are tried: of a peer the faster one counts, of Espalier both are shown. */
const THREADS = [1, 2].filter((threads) => threads <= cpus().length);

async function run(values: BenchValues, args: readonly string[], files: readonly string[]): Promise<unknown> {
  const quick = values['quick'] === true;
  const rounds = wholeNumber(values, 'rounds', quick ? 1 : 5);
  const seconds = Number(values['seconds'] ?? (quick ? 0.05 : 1));
  const batches = numbers(values, 'batch', [1, 64]);
  if (batches.some((batch) => !Number.isInteger(batch) || batch < 1 || batch > SAMPLES)) {
    throw benchError('BENCH_OPTION', {
      option: '--batch',
      value: batches.join(','),
      expected: `whole numbers from 1 to ${SAMPLES}`,
    });
  }
  const before = loadavg()[0];
  const measured: Measured[] = [];
  const startedMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'espalier-inference-'));
  try {
    const peers = values['alone'] ? undefined : await installPeers();
    const makers =
      files.length > 0
        ? files.map((file) => () => fileCase(file))
        : CASE_NAMES.map((name) => () => namedCase(name));
    for (const make of makers) {
      measured.push(await measureCase(make(), { peers, folder, rounds, seconds, batches }));
      const passed = (performance.now() - startedMs) / 1000;
      note(
        `${measured.length} of ${makers.length} networks${timeLeft(measured.length, makers.length, passed)}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // Last, as the engine's threads stay once it is loaded.
  const cases: InferenceCaseResults[] = [];
  for (const { item, model, results } of measured) {
    cases.push({ ...results, ...(await answersOf(item, model)) });
    model.dispose();
  }
  const results: InferenceResults = {
    version: RESULTS_VERSION,
    bench: 'inference',
    circumstances: circumstances('inference', args),
    load: [before, loadavg()[0]],
    rounds,
    secondsEach: seconds,
    cases,
  };
  const out =
    values['out'] ?? (quick || files.length > 0 ? undefined : join(RESULTS_FOLDER, 'inference.json'));
  note(inferenceTable(results));
  if (out !== undefined) {
    writeResults(String(out), results);
    note(`\nwritten: ${shown(String(out))}`);
  }
  return results;
}

function fileCase(file: string): InferenceCase {
  return { ...caseOf(basename(file), decodeArtifact(readFileSync(file))), bytes: statSync(file).size };
}

interface Setting {
  readonly peers?: Peers;
  readonly folder: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly batches: readonly number[];
}

interface Measured {
  readonly item: InferenceCase;
  readonly model: Model;
  readonly results: InferenceCaseResults;
}

async function measureCase(item: InferenceCase, setting: Setting): Promise<Measured> {
  const { peers, rounds, seconds, batches } = setting;
  const startedMs = performance.now();
  const options = { batch: Math.max(...batches), sample: item.images };
  const model = await createModel(item.source, options);
  const createMs = performance.now() - startedMs;
  const ours = new Map([[1, model]]);
  // Where layers are too small for threads, the one model is all there is.
  if (model.plan.layers.some((layer) => layer.threads !== undefined)) {
    for (const threads of THREADS) ours.set(threads, await createModel(item.source, { ...options, threads }));
  }
  const plan = describePlan(model.plan).split('\n');
  note(plan.join('\n'));
  const own = writePeerFiles(setting.folder, item, model);
  await peers?.writeOnnx(own);

  const rows: InferenceRow[] = [];
  for (const batch of batches) {
    const times = new Map<string, Omit<InferenceRow, 'us'> & { us: number[] }>();
    const add = (row: InferenceRow): void => {
      const key = `${row.runtime} ${row.threads}`;
      const known = times.get(key);
      if (known) known.us.push(row.us);
      else times.set(key, { ...row, us: [row.us] });
    };
    for (let round = 0; round < rounds; round++) {
      for (const [threads, own] of ours) {
        const { us } = await timeOurs(own, { item, batch, seconds });
        add({ runtime: 'espalier', version: '', threads, batch, us, difference: 0 });
      }
      for (const [peer, threads] of peers ? turns() : []) {
        const timed = await peers?.time({ peer, folder: own, batch, threads, seconds });
        if (timed)
          add({
            runtime: peer,
            version: timed.version,
            threads,
            batch,
            us: timed.us,
            difference: timed.difference,
          });
      }
    }
    const medians = [...times.values()].map((row) => ({ ...row, us: median(row.us) }));
    // Of each peer, the better number of threads.
    for (const runtime of new Set(medians.map((row) => row.runtime))) {
      const ofRuntime = medians.filter((row) => row.runtime === runtime).sort((a, b) => a.us - b.us);
      for (const row of runtime === 'espalier' ? ofRuntime : ofRuntime.slice(0, 1)) {
        rows.push(row);
        const threads = `${row.threads} thread${row.threads > 1 ? 's' : ''}`;
        note(`${item.name}, batch ${batch}, ${runtime} (${threads}): ${row.us.toFixed(1)} us`);
      }
    }
  }
  for (const own of ours.values()) if (own !== model) own.dispose();
  const layers = model.plan.layers;
  const sum = (field: 'weights' | 'kept'): number =>
    layers.reduce((total, layer) => total + (layer[field] ?? 0), 0);
  const file = item.bytes === undefined ? {} : fileFacts(item, model);
  const results = {
    name: item.name,
    inputs: item.inputs,
    weights: sum('weights'),
    kept: sum('kept'),
    ...file,
    createMs,
    plan,
    rows,
  };
  return { item, model, results };
}

async function answersOf(
  { name, source }: InferenceCase,
  model: Model,
): Promise<Pick<InferenceCaseResults, 'answers'>> {
  if (!isMnist(source.network)) return {};
  const answers = await compareWithEngine(source, model);
  note(`${name}: other answers than the engine's on ${answers.differing} of ${answers.compared} test images`);
  return { answers };
}

/** Size and error beside the latency: the dense network's size is that of its tensors as float32. */
function fileFacts({ name, bytes, source }: InferenceCase, model: Model): Partial<InferenceCaseResults> {
  const denseBytes = [...source.tensors.values()].reduce((total, { data }) => total + data.byteLength, 0);
  const error = isMnist(source.network) ? testError(model) : undefined;
  note(
    `${name}: ${bytes} bytes, as float32 ${denseBytes}${error === undefined ? '' : `, error ${(100 * error).toFixed(2)} % on MNIST's test images`}`,
  );
  return { bytes, denseBytes, error };
}

function testError(model: Model): number {
  const { images, labels, count } = readMnist().test;
  const pixels = Float32Array.from(images, (pixel) => pixel / 255);
  const logits = model.run(pixels, count);
  const classes = logits.length / count;
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    if (answerOf(logits.subarray(i * classes, (i + 1) * classes)) !== labels[i]) wrong++;
  }
  return wrong / count;
}

/** SciPy's CSR product has one thread. */
function turns(): readonly (readonly [Peer, number])[] {
  return PEERS.flatMap((peer) =>
    (peer === 'scipy' ? [1] : THREADS).map((threads) => [peer, threads] as const),
  );
}

function timeOurs(
  model: Model,
  {
    item,
    batch,
    seconds,
  }: { readonly item: InferenceCase; readonly batch: number; readonly seconds: number },
): ReturnType<typeof timeCalls> {
  const size = (item.images.length / item.samples) * batch;
  const inputs = Array.from({ length: Math.floor(item.samples / batch) }, (_, i) =>
    item.images.subarray(i * size, (i + 1) * size),
  );
  return timeCalls((i) => model.run(inputs[i % inputs.length], batch), seconds);
}

void benchMain({
  usage: USAGE,
  options: {
    batch: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    alone: { type: 'boolean' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
  },
  positionals: true,
  run,
});
