/**
 * LeNet-300-100 hashed, in 8 bits, pruned and shared, alone and combined: by the libraries, with the plugins' own functions. One dense and one
 * pruned network a seed; everything else begins with one of those.
 */
import { Random } from '@espalier/base';
import { readMnist, splitTrain, type DataSet } from '@espalier/datasets';
import { encodeArtifact, shareWeights, type ArtifactTensor } from '@espalier/encoding';
import { evaluateWeights, openSession, type SessionOptions, type TrainingSession } from '@espalier/engine';
import { networkByName, parametersOf } from '@espalier/models';
import {
  bindCodec,
  bindQuantizer,
  type CodebookQuantized,
  type Codec,
  type OptionValues,
} from '@espalier/plugin-api';
import hashed from '@espalier/plugin-hashed';
import int8 from '@espalier/plugin-int8';
import { CRITERIA, GRANULARITIES, SCHEDULES, keptShareOf, prune } from '@espalier/pruning';
import {
  Mask,
  TENSOR_SUFFIXES,
  asFloat32,
  float32,
  requireTensor,
  tensor,
  type Snapshot,
  type Tensor,
} from '@espalier/tensor';

/** Trainings that are alike; as HAN15 8 % of the weights are kept. In a smoke run each is one epoch. */
const PLAN = {
  batchSize: 128,
  denseEpochs: 12,
  denseRate: 2e-3,
  keep: { 'fc1/kernel': 0.08, 'fc2/kernel': 0.09, 'fc3/kernel': 0.26 },
  rounds: 4,
  roundEpochs: 1,
  lastEpochs: 6,
  prunedRate: 1.5e-3,
  levels: 16,
  sharedEpochs: 3,
  sharedRate: 3e-4,
  /** Buckets begin as means of what they join, which is nearly a fresh start. */
  hashedEpochs: 12,
  hashedRate: 2e-3,
  heldOut: 5000,
  augment: { rotationDegrees: 8, scale: 0.08, shiftPx: 1, shear: 0.1, probability: 0.6 },
} as const;

/** Buckets as a share of the weights there are. */
const DENSE_BUCKETS = 0.125;
const PRUNED_BUCKETS = 0.25;

export interface Combination {
  readonly name: string;
  readonly bytes: number;
  readonly error: number;
  readonly kept: number;
}

interface Setting {
  readonly seed: number;
  readonly quick: boolean;
  tell(done: Combination): void;
}

export const COMBINATIONS = [
  'dense',
  'int8',
  'shared',
  'hashed',
  'pruned',
  'pruned + int8',
  'pruned + shared',
  'pruned + shared + int8',
  'pruned + hashed',
  'pruned + hashed, buckets in int8',
] as const;

export async function combinations({ seed, quick, tell }: Setting): Promise<Combination[]> {
  const bench = new CombinationBench(readMnist(), { seed, quick });
  const done: Combination[] = [];
  const add = async (name: (typeof COMBINATIONS)[number], state: Snapshot, codec?: Codec): Promise<void> => {
    const combination = { name, ...(await bench.measure(state, codec)) };
    done.push(combination);
    tell(combination);
  };
  const byChannel = bindCodec(int8, 'int8', { channels: true });
  const dense = await bench.dense();
  await add('dense', dense);
  await add('int8', dense, byChannel);
  await add('shared', await bench.shared(dense));
  const onDense = { share: DENSE_BUCKETS };
  await add('hashed', await bench.hashed(dense, onDense), bindCodec(hashed, 'hashed', onDense));
  const pruned = await bench.pruned(dense);
  await add('pruned', pruned);
  await add('pruned + int8', pruned, byChannel);
  const shared = await bench.shared(pruned);
  await add('pruned + shared', shared);
  // One scale a layer, so that its 16 levels stay 16.
  await add('pruned + shared + int8', shared, bindCodec(int8, 'int8', { channels: false }));
  const onPruned = { share: PRUNED_BUCKETS };
  const tied = await bench.hashed(pruned, onPruned);
  await add('pruned + hashed', tied, bindCodec(hashed, 'hashed', onPruned));
  const inInt8 = bindCodec(hashed, 'hashed', { ...onPruned, values: 'int8' });
  await add('pruned + hashed, buckets in int8', tied, inInt8);
  return done;
}

class CombinationBench {
  private readonly network = networkByName('lenet-300-100');
  private readonly kernels = parametersOf(this.network).filter(({ prunable }) => prunable);
  private readonly data: Pick<DataSet, 'train' | 'test'>;

  constructor(
    { train, test }: Pick<DataSet, 'train' | 'test'>,
    private readonly setting: Pick<Setting, 'seed' | 'quick'>,
  ) {
    this.data = { train: splitTrain(train, PLAN.heldOut).train, test };
  }

  async dense(): Promise<Snapshot> {
    await using session = await this.open(PLAN.denseEpochs, PLAN.denseRate, {});
    await session.train({ untilStep: this.epochs(PLAN.denseEpochs) * session.stepsPerEpoch });
    return session.read();
  }

  /** In rounds, along a cubic schedule, by magnitude. */
  async pruned(start: Snapshot): Promise<Snapshot> {
    const epochs = (PLAN.rounds - 1) * PLAN.roundEpochs + PLAN.lastEpochs;
    await using session = await this.open(epochs, PLAN.prunedRate, { initial: start });
    for (let round = 1; round <= PLAN.rounds; round++) {
      session.setMasks(await this.masksOf(session, round));
      const own = round === PLAN.rounds ? PLAN.lastEpochs : PLAN.roundEpochs;
      const share = ((round - 1) * PLAN.roundEpochs + own) / epochs;
      await session.train({ untilStep: Math.round(share * this.epochs(epochs) * session.stepsPerEpoch) });
    }
    return session.read();
  }

  /** By k-means, its centroids trained. */
  async shared(start: Snapshot): Promise<Snapshot> {
    const tensors = new Map(start.tensors);
    for (const { name, shape } of this.kernels) {
      const weights = asFloat32(requireTensor(start, name), name);
      const random = new Random(this.setting.seed).fork(name);
      const { codes, codebook } = shareWeights(weights, { levels: PLAN.levels, start: 'linear', random });
      tensors.set(name + TENSOR_SUFFIXES.codes, tensor('uint16', shape, codes));
      tensors.set(name + TENSOR_SUFFIXES.codebook, float32([codebook.length], codebook));
    }
    return this.centroids({ ...start, tensors }, PLAN.sharedEpochs, PLAN.sharedRate);
  }

  /** By the plugin's quantizer, its buckets trained by summed gradients. */
  async hashed(start: Snapshot, options: OptionValues): Promise<Snapshot> {
    const quantizer = bindQuantizer(hashed, 'hashed', options);
    const tensors = new Map(start.tensors);
    for (const { name, shape } of this.kernels) {
      const values = asFloat32(requireTensor(start, name), name);
      const random = new Random(this.setting.seed).fork(name);
      const found = (await quantizer.quantize({ name, shape, values, random })) as CodebookQuantized;
      tensors.set(name + TENSOR_SUFFIXES.codes, tensor('uint16', shape, found.codes));
      tensors.set(name + TENSOR_SUFFIXES.codebook, float32([found.codebook.length], found.codebook));
      tensors.set(name + TENSOR_SUFFIXES.signs, (found.signs as Mask).toTensor());
    }
    return this.centroids({ ...start, tensors }, PLAN.hashedEpochs, PLAN.hashedRate);
  }

  /**
   * What the network costs and is worth: kernels by the codec, or by our own codings without one; biases as float16 and the description of the
   * network by our container in both cases.
   */
  async measure(state: Snapshot, codec?: Codec): Promise<Omit<Combination, 'name'>> {
    const own: ArtifactTensor[] = [];
    const tensors = new Map<string, Tensor>();
    let [coded, kept] = [0, 0];
    for (const { name, shape, prunable } of parametersOf(this.network)) {
      const values = asFloat32(requireTensor(state, name), name);
      let decoded = values;
      if (!prunable) {
        own.push({ kind: 'dense', name, shape, values, precision: 'float16' });
      } else if (codec) {
        const bytes = await codec.encode({ name, shape, values });
        coded += bytes.length;
        decoded = await codec.decode({ name, shape, bytes });
      } else {
        own.push(kernelOf(state, name));
      }
      if (prunable) for (const value of decoded) if (value !== 0) kept++;
      tensors.set(name, float32(shape, decoded));
    }
    const file = encodeArtifact({ network: this.network, tensors: own, options: { codebook: 'float16' } });
    const { network } = this;
    const { error } = await evaluateWeights({ network, tensors, samples: this.data.test });
    return { bytes: file.bytes.length + coded, error, kept };
  }

  private async centroids(initial: Snapshot, epochs: number, base: number): Promise<Snapshot> {
    await using session = await this.open(epochs, base, { initial: withoutMasks(initial), shared: true });
    await session.train({ untilStep: this.epochs(epochs) * session.stepsPerEpoch });
    return session.read();
  }

  private async open(
    epochs: number,
    base: number,
    options: Pick<SessionOptions, 'initial' | 'shared'>,
  ): Promise<TrainingSession> {
    const { train, test } = this.data;
    const totalSteps = this.epochs(epochs) * Math.ceil(train.count / PLAN.batchSize);
    return openSession({
      ...options,
      network: this.network,
      seed: this.setting.seed,
      optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      learningRate: { kind: 'cosine', base, totalSteps },
      batchSize: PLAN.batchSize,
      augment: { ...PLAN.augment, strength: 1 },
      data: { train, test },
    });
  }

  private epochs(planned: number): number {
    return this.setting.quick ? 1 : planned;
  }

  private async masksOf(session: TrainingSession, round: number): Promise<Map<string, Mask>> {
    const state = session.read();
    const completion = await SCHEDULES['cubic'].completion(round / PLAN.rounds);
    const shares = Object.entries(PLAN.keep).map(
      ([name, share]) => [name, { keep: keptShareOf(completion, share) }] as const,
    );
    const { masks } = await prune({
      layers: this.kernels.map(({ name, shape }) => {
        const mask = state.tensors.get(name + TENSOR_SUFFIXES.mask);
        const weights = asFloat32(requireTensor(state, name), name);
        return { name, shape, weights, ...(mask && { previousMask: Mask.fromTensor(mask) }) };
      }),
      criterion: CRITERIA['magnitude'],
      granularity: GRANULARITIES['weight'],
      selection: { scope: 'layer', amounts: new Map(shares) },
      random: new Random(this.setting.seed),
    });
    return masks;
  }
}

/** Code 0 says what is removed. */
function withoutMasks(state: Snapshot): Snapshot {
  const tensors = [...state.tensors].filter(([name]) => !name.endsWith(TENSOR_SUFFIXES.mask));
  return { ...state, tensors: new Map(tensors) };
}

function kernelOf(state: Snapshot, name: string): ArtifactTensor {
  const { shape } = requireTensor(state, name);
  const codes = state.tensors.get(name + TENSOR_SUFFIXES.codes);
  if (!codes) return { kind: 'sparse', name, shape, values: asFloat32(requireTensor(state, name), name) };
  const codebook = asFloat32(requireTensor(state, name + TENSOR_SUFFIXES.codebook), name);
  return { kind: 'shared', name, shape, codes: codes.data as Uint16Array, codebook };
}
