/** Sharing whose assignments go on while the weights are trained, as a run goes through it. */
import { Random } from '@espalier/base';
import { dataBlobs, dataManifest, dataManifestBytes, type DataSet, type Samples } from '@espalier/datasets';
import { evaluateSnapshot, type Metrics } from '@espalier/engine';
import type { NetworkSpec } from '@espalier/models';
import { parseRecipe, resolveRecipe, type ResolvedRecipe } from '@espalier/recipe';
import { BlobStore, RecordStore } from '@espalier/store';
import type { Snapshot } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInProcess, type InProcessOptions, type TimedStage } from './in-process';

const PIXELS = 36;
const HIDDEN = 8;
const CLASSES = 4;

/** Noise that a random network labels: every weight of the network that learns it counts. */
function labelled(count: number, seed: number): Samples {
  const teacher = new Random(11);
  const first = Float64Array.from({ length: PIXELS * HIDDEN }, () => teacher.normal());
  const second = Float64Array.from({ length: HIDDEN * CLASSES }, () => teacher.normal());
  const random = new Random(seed);
  const images = Uint8Array.from({ length: count * PIXELS }, () => random.below(256));
  const labels = Uint8Array.from({ length: count }, (_, n) => {
    const scores = new Float64Array(CLASSES);
    for (let h = 0; h < HIDDEN; h++) {
      let sum = 0;
      for (let i = 0; i < PIXELS; i++) sum += (images[n * PIXELS + i] / 255 - 0.5) * first[i * HIDDEN + h];
      for (let c = 0; c < CLASSES; c++) scores[c] += Math.max(0, sum) * second[h * CLASSES + c];
    }
    return scores.indexOf(Math.max(...scores));
  });
  return { images, labels, count, shape: [6, 6, 1] };
}

const data: DataSet = {
  name: 'noise',
  classes: CLASSES,
  train: labelled(3000, 1),
  test: labelled(1000, 2),
};

const RECIPE = `
version: 1
name: noise
network:
  input: [36]
  layers:
    - { type: dense, name: fc1, units: 16 }
    - { type: relu, name: relu1 }
    - { type: dense, name: fc2, units: 4 }
data:
  format: idx
  heldOut: 1000
  train: { images: train-images, labels: train-labels }
  test: { images: test-images, labels: test-labels }
train: { epochs: 10, batchSize: 50, learningRate: { kind: cosine, base: 0.01 } }
prune: { keep: { global: 0.5 } }
retrain: { epochs: 4, learningRate: { kind: cosine, base: 0.01 } }
share: { bits: 2, retrain: { epochs: 4, learningRate: { kind: cosine, base: 0.01 } } }
`;
const KERNELS = ['fc1/kernel', 'fc2/kernel'];

interface Place extends InProcessOptions {
  readonly digest: string;
}

let folder: string;
let here: Place;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-straight-through-'));
  here = await place('here');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function place(name: string): Promise<Place> {
  const store = await BlobStore.open(join(folder, name, 'blobs'));
  const cache = await RecordStore.open(join(folder, name, 'cache'));
  const manifest = dataManifest(data, sha256);
  for (const blob of dataBlobs(data, manifest).values()) await store.put(blob);
  return { store, cache, digest: await store.put(dataManifestBytes(manifest)) };
}

function recipeWith(...sets: string[]): ResolvedRecipe {
  const { recipe } = parseRecipe(RECIPE, { file: 'noise.yaml', sets });
  return resolveRecipe(recipe, {
    data: { digest: here.digest, shape: [6, 6, 1], classes: CLASSES },
    fingerprint: 'test',
    threads: 2,
    version: '0',
  });
}

interface Sharing {
  /** Before the sharing, after it, and after the training. */
  readonly latent: Snapshot;
  readonly shared: Snapshot;
  readonly trained: Snapshot;
  readonly artifact: string;
}

async function sharingOf(stages: readonly TimedStage[], { store }: Place): Promise<Sharing> {
  const share = stages.find(({ spec }) => spec.kind === 'share') as TimedStage;
  const training = stages.find((stage) => isCentroidTraining(stage)) as TimedStage;
  return {
    latent: await store.getSnapshot(share.spec.inputs['start'].digest),
    shared: await store.getSnapshot(share.result.outputs['snapshot'].digest),
    trained: await store.getSnapshot(training.result.outputs['snapshot'].digest),
    artifact: stages.find(({ spec }) => spec.kind === 'encode')?.result.outputs['artifact'].digest as string,
  };
}

function isCentroidTraining({ spec }: Pick<TimedStage, 'spec'>): boolean {
  return spec.kind === 'retrain' && spec.round === undefined;
}

function onTest(snapshot: Snapshot): Promise<Metrics> {
  return evaluateSnapshot({
    network: snapshot.network as unknown as NetworkSpec,
    snapshot,
    samples: data.test,
  });
}

function valuesOf({ tensors }: Snapshot, name: string): Float32Array {
  return tensors.get(name)?.data as Float32Array;
}

function codesOf({ tensors }: Snapshot, kernel: string): Uint16Array {
  return tensors.get(`${kernel}:codes`)?.data as Uint16Array;
}

describe.each(['{ share: 0.6, everySteps: 7 }', '{ share: 1, everySteps: 1 }'])(
  'sharing with straightThrough %s',
  (straightThrough) => {
    const option = `share.retrain.straightThrough=${straightThrough}`;
    let sharing: Sharing;
    beforeAll(async () => {
      sharing = await sharingOf(await runInProcess(recipeWith(option), here), here);
    });

    it('gives codes and codebooks that say what the kernels are', () => {
      const { trained } = sharing;
      for (const name of KERNELS) {
        const [codes, codebook] = [codesOf(trained, name), valuesOf(trained, `${name}:codebook`)];
        expect(codebook.length).toBeLessThanOrEqual(4);
        valuesOf(trained, name).forEach((value, i) => {
          expect(Object.is(value, codes[i] === 0 ? 0 : codebook[codes[i] - 1])).toBe(true);
        });
      }
    });

    it('removes what was removed before, and nothing else', () => {
      const { latent, trained } = sharing;
      for (const name of KERNELS) {
        const isRemoved = [...valuesOf(latent, name)].map((value) => value === 0);
        expect([...codesOf(trained, name)].map((code) => code === 0)).toEqual(isRemoved);
        expect([...valuesOf(trained, name)].map((value) => Object.is(value, 0))).toEqual(isRemoved);
        expect(isRemoved).toContain(true);
      }
    });

    it('lets weights go over to other centroids', () => {
      const { shared, trained } = sharing;
      const before = codesOf(shared, 'fc1/kernel');
      expect(codesOf(trained, 'fc1/kernel').filter((code, i) => code !== before[i]).length).toBeGreaterThan(
        0,
      );
    });

    it('gives the same artifact again, also when it was stopped on the way', async () => {
      const there = await place(`there ${straightThrough}`);
      // 160 steps in all; 96 of them, or all, train the latent weights.
      const stopAt = [10, 60, 120, 130];
      const seen: number[] = [];
      let stages: TimedStage[] | undefined;
      while (!stages) {
        const controller = new AbortController();
        stages = await runInProcess(recipeWith(option), {
          ...there,
          signal: controller.signal,
          onStageEvent: (spec, { fields }) => {
            const step = fields['step'] as number;
            if (!isCentroidTraining({ spec }) || controller.signal.aborted || !(step >= stopAt[seen.length]))
              return;
            seen.push(step);
            controller.abort();
          },
        }).catch((error: { code?: string }) => {
          if (error.code === 'STAGE_CANCELLED') return undefined;
          throw error;
        });
      }
      expect(seen).toHaveLength(stopAt.length);
      expect((await sharingOf(stages, there)).artifact).toBe(sharing.artifact);
    });
  },
);

describe('beside centroids alone', () => {
  const trainedWith = async (...sets: string[]): Promise<Sharing> =>
    sharingOf(await runInProcess(recipeWith(...sets), here), here);

  it('a network that has not learned all yet goes on learning: its loss on unseen samples gets lower', async () => {
    const early = ['train.epochs=1', 'retrain.epochs=1', 'share.retrain.epochs=8'];
    const through = 'share.retrain.straightThrough={ share: 0.6, everySteps: 5 }';
    const [centroids, weights] = [await trainedWith(...early), await trainedWith(...early, through)];
    expect(weights.shared).toEqual(centroids.shared);
    expect((await onTest(weights.trained)).loss).toBeLessThan((await onTest(centroids.trained)).loss);
  });

  it('the codes of the sharing stay where straightThrough is left out', async () => {
    const { shared, trained } = await trainedWith();
    for (const name of KERNELS) expect(codesOf(trained, name)).toEqual(codesOf(shared, name));
  });
});
