/** What `espalier bench FILE` puts beside each other: the file's network in three ways, each asked for logits. */
import type { JsonValue } from '@espalier/base';
import type { ImageShape, Samples } from '@espalier/datasets';
import type { DecodedArtifact } from '@espalier/encoding';
import { loadEngine, openSession, type EngineInfo } from '@espalier/engine';
import { createModel, type KernelChoice, type ModelPlan } from '@espalier/inference';

export interface Runtime {
  readonly name: string;
  readonly threads: number;
  /** Does it hold the weights as the file does, without those that were taken out? */
  readonly ofFile: boolean;
  readonly plan?: ModelPlan;
  /** Images `first` to `first + batch`, with nothing to do but to answer: what is timed. [batch, classes] */
  answer(first: number, batch: number): Float32Array | Promise<Float32Array>;
  close(): void | Promise<void>;
}

export interface RuntimeOptions {
  readonly artifact: DecodedArtifact;
  readonly samples: Samples;
  readonly batches: readonly number[];
  /** Of the engine, and of large layers of `libs/inference`: as many as pay, where it is left open. */
  readonly threads?: number;
}

/** Images that `libs/inference` measures its kernels with. */
const SAMPLE_IMAGES = 8;

/** The kernels that are fastest here (by one thread too, where more pay), dense ones for all layers, and the engine that trains. */
export async function openRuntimes(options: RuntimeOptions): Promise<readonly Runtime[]> {
  const pixels = Float32Array.from(options.samples.images, (pixel) => pixel / 255);
  const open = (name: string, kernels: KernelChoice, threads?: number): Promise<Runtime> =>
    inference({ name, kernels, threads }, pixels, options);
  const own = await open('Espalier', 'measure', options.threads);
  return [
    own,
    ...(own.threads > 1 ? [await open('Espalier, one thread', 'measure', 1)] : []),
    await open('Espalier, dense kernels', 'dense', options.threads),
    await engine(options),
  ];
}

async function inference(
  {
    name,
    kernels,
    threads,
  }: { readonly name: string; readonly kernels: KernelChoice; readonly threads?: number },
  pixels: Float32Array,
  { artifact, samples, batches }: RuntimeOptions,
): Promise<Runtime> {
  const size = pixels.length / samples.count;
  const sample = pixels.subarray(0, size * Math.min(SAMPLE_IMAGES, samples.count));
  const model = await createModel(artifact, { kernels, threads, batch: Math.max(...batches), sample });
  return {
    name,
    threads: Math.max(1, ...model.plan.layers.map((layer) => layer.threads ?? 1)),
    ofFile: kernels === 'measure',
    plan: model.plan,
    answer: (first, batch) => model.run(pixels.subarray(first * size, (first + batch) * size), batch),
    close: () => model.dispose(),
  };
}

/** A session for each size of batch: its program takes as many images as it was given. */
async function engine({ artifact, samples, batches, threads }: RuntimeOptions): Promise<Runtime> {
  const info = await loadEngine(threads === undefined ? {} : { threads });
  const { network, tensors } = artifact;
  const size = samples.images.length / samples.count;
  const sessions = new Map<number, Awaited<ReturnType<typeof openSession>>>();
  for (const batch of batches) {
    const session = await openSession({
      network,
      initial: { network: network as unknown as JsonValue, tensors, info: {} },
      data: { train: firstSamples(samples, batch) },
      seed: 0,
      batchSize: 1,
      optimizer: { kind: 'sgd', momentum: 0 },
      learningRate: { kind: 'constant', base: 0 },
      frozen: network.layers.map(({ name }) => name),
    });
    sessions.set(batch, session);
  }
  return {
    name: engineName(info),
    threads: info.threads,
    ofFile: false,
    answer(first, batch) {
      const session = sessions.get(batch) as Awaited<ReturnType<typeof openSession>>;
      return session.logits(samples.images.subarray(first * size, (first + batch) * size), batch);
    },
    async close() {
      for (const session of sessions.values()) await session[Symbol.asyncDispose]();
    },
  };
}

function engineName({ backend, version }: EngineInfo): string {
  return backend === 'native' ? `TensorFlow ${version}` : `TensorFlow.js ${version} (WASM)`;
}

function firstSamples({ images, labels, count, shape }: Samples, wanted: number): Samples {
  const size = images.length / count;
  return {
    images: images.subarray(0, wanted * size),
    labels: labels.subarray(0, wanted),
    count: wanted,
    shape,
  };
}

/** Half of the bytes 0, for networks without a test set. The labels mean nothing. */
export function randomSamples(shape: ImageShape, count: number, random: { uniform(): number }): Samples {
  const size = shape[0] * shape[1] * shape[2];
  const images = Uint8Array.from({ length: count * size }, () =>
    random.uniform() < 0.5 ? 0 : Math.floor(256 * random.uniform()),
  );
  return { images, labels: new Uint8Array(count), count, shape };
}
