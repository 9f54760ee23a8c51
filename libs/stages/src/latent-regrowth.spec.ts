/** Regrowth from weights that are trained on behind their masks, inside a training. */
import { Random, silentLogger } from '@espalier/base';
import { dataBlobs, dataManifest, dataManifestBytes, type DataSet, type Samples } from '@espalier/datasets';
import { definePlugin, type RegrowInput } from '@espalier/plugin-api';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { BlobStore, RecordStore } from '@espalier/store';
import { Mask, float32, requireTensor, sizeOf, type Snapshot } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingConfig } from './config';
import type { StageContext } from './context';
import { pluginsInProcess } from './plugins';
import { runStage } from './run-stage';
import { ALGORITHM_VERSIONS, type StageResult, type StageSpec } from './stage';

const network: NetworkSpec = {
  version: 1,
  name: 'small',
  input: [16],
  layers: [
    { type: 'dense', name: 'fc1', inputs: ['input'], units: 8, bias: true },
    { type: 'relu', name: 'relu1', inputs: ['fc1'] },
    { type: 'dense', name: 'fc2', inputs: ['relu1'], units: 4, bias: true },
  ],
};

function samples(count: number, seed: number): Samples {
  const random = new Random(seed);
  const labels = Uint8Array.from({ length: count }, () => random.below(4));
  const images = Uint8Array.from(
    { length: count * 16 },
    (_, i) => random.below(100) + (Math.floor((i % 16) / 4) === labels[Math.floor(i / 16)] ? 150 : 0),
  );
  return { images, labels, count, shape: [4, 4, 1] };
}
const data: DataSet = { name: 'bars', classes: 4, train: samples(400, 1), test: samples(100, 2) };

/** What the regrowth was given at `fc1/kernel`, in order. */
interface Seen {
  readonly latent: Float32Array;
  readonly weights: Float32Array;
  readonly previousMask: Mask;
}

let folder: string;
let seen: Seen[];
let stop: AbortController;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-latent-'));
  seen = [];
  stop = new AbortController();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Brings back what is larger behind its mask than the least that stays; may end the training at one of its calls. */
function pluginThatStopsAt(call = Infinity): Parameters<typeof pluginsInProcess>[0] {
  const regrow = ({ name, latent = new Float32Array(0), weights, previousMask, mask }: RegrowInput): Mask => {
    if (name === 'fc1/kernel') seen.push({ latent: latent.slice(), weights: weights.slice(), previousMask });
    if (seen.length === call) stop.abort();
    const least = weights.reduce((low, w, i) => (mask.get(i) ? Math.min(low, Math.abs(w)) : low), Infinity);
    const grown = mask.clone();
    latent.forEach((value, i) => Math.abs(value) > least && grown.set(i, true));
    return grown;
  };
  const plugin = definePlugin({
    name: 'spliced',
    version: '1.0.0',
    host: '^1.0.0',
    regrowths: { back: { needs: ['latent'], regrow } },
  });
  return [{ plugin, digest: 'd'.repeat(64) }];
}

const config: Partial<TrainingConfig> = {
  epochs: 4,
  epochsBefore: 0,
  epochsTotal: 4,
  batchSize: 20,
  optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  learningRate: { kind: 'constant', base: 0.02, warmupEpochs: 0 },
  l1: 0,
  l2: 0,
  labelSmoothing: 0,
  shared: false,
  keepOptimizer: true,
  heldOut: 0,
  during: {
    criterion: 'magnitude',
    granularity: 'weight',
    minimumKept: 1,
    schedule: 'cubic',
    everySteps: 10,
    fromEpoch: 1,
    untilShare: 0.8,
    keep: { global: 0.3 },
    regrowth: {
      name: 'back',
      options: {},
      plugin: { name: 'spliced', version: '1.0.0', digest: 'd'.repeat(64) },
    },
  },
};

async function train(place: string, stopAt?: number): Promise<{ result: StageResult; after: Snapshot }> {
  const store = await BlobStore.open(join(folder, place, 'blobs'));
  const cache = await RecordStore.open(join(folder, place, 'cache'));
  const manifest = dataManifest(data, sha256);
  for (const blob of dataBlobs(data, manifest).values()) await store.put(blob);
  const random = new Random(3);
  const tensors = parametersOf(network).map(({ name, shape }) => {
    return [
      name,
      float32(
        shape,
        Float32Array.from({ length: sizeOf(shape) }, () => 0.3 * random.normal()),
      ),
    ] as const;
  });
  const start = { network: network as unknown as Snapshot['network'], tensors: new Map(tensors), info: {} };
  const { id } = await store.putSnapshot(start);
  const spec: StageSpec = {
    kind: 'retrain',
    algorithm: ALGORITHM_VERSIONS.retrain,
    config: config as unknown as StageSpec['config'],
    seed: 5,
    inputs: { start: { kind: 'snapshot', digest: id } },
    data: await store.put(dataManifestBytes(manifest)),
    fingerprint: 'test',
  };
  const context: StageContext = {
    store,
    cache,
    emit: () => undefined,
    logger: silentLogger,
    threads: 2,
    checkpointSeconds: 1e6,
    plugins: pluginsInProcess(pluginThatStopsAt(stopAt)),
    get signal() {
      return stop.signal;
    },
  };
  seen = [];
  if (stopAt !== undefined) {
    await expect(runStage(spec, context)).rejects.toThrow('STAGE_CANCELLED');
    stop = new AbortController();
  }
  const result = await runStage(spec, context);
  return { result, after: await store.getSnapshot(result.outputs['snapshot'].digest) };
}

it('gives the regrowth what removed weights have become, and they come back as that', async () => {
  const { after } = await train('whole');
  const removed = (at: Seen): number[] => [...at.latent.keys()].filter((i) => !at.previousMask.get(i));
  const later = seen.filter((at) => removed(at).length > 0);
  expect(later.length).toBeGreaterThan(2);
  for (const at of later) {
    for (const i of removed(at)) expect(at.weights[i]).toBe(0);
    for (const i of [...at.latent.keys()])
      if (at.previousMask.get(i)) expect(at.weights[i]).toBe(at.latent[i]);
  }
  // Trained on: from one pruning to the next removed weights move.
  const [first, second] = later;
  const moved = removed(first).filter((i) => first.latent[i] !== second.latent[i]);
  expect(moved.length).toBeGreaterThan(removed(first).length / 2);
  const returned = seen.some((at, n) => n > 0 && removed(seen[n - 1]).some((i) => at.previousMask.get(i)));
  expect(returned).toBe(true);

  const mask = Mask.fromTensor(requireTensor(after, 'fc1/kernel:mask'));
  for (const name of ['fc1/kernel', 'fc1/kernel:m', 'fc1/kernel:v']) {
    const { data: values } = requireTensor(after, name);
    for (let i = 0; i < mask.size; i++) if (!mask.get(i)) expect(Object.is(values[i], 0)).toBe(true);
  }
  expect([...after.tensors.keys()].some((name) => name.endsWith(':latent'))).toBe(false);
});

it('goes on from a checkpoint to the same bits', async () => {
  const whole = await train('whole');
  const cut = await train('cut', 4);
  expect(cut.result.outputs).toEqual(whole.result.outputs);
});
