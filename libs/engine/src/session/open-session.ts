import type { Samples } from '@espalier/datasets';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import type { Snapshot, Tensor } from '@espalier/tensor';
import { CompiledExecutor } from '../compiled/compiled-executor';
import { EagerExecutor } from '../eager/eager-executor';
import { engineError } from '../errors';
import { SparseExecutor } from '../sparse/sparse-executor';
import { loadEngine, tensorflowBinding, tensorflowJs, type EngineInfo } from '../load-tensorflow';
import type { Metrics } from './metrics';
import type { SessionOptions } from './options';
import { Session, type TrainingSession } from './training-session';

/**
 * Opens a session, loading the engine if nobody has. Throws ENGINE_WASM_CONV for a network whose convolutions are to be
 * trained where only WASM is to be had, ENGINE_OPTION, ENGINE_DATA and ENGINE_SNAPSHOT for input that does not fit.
 */
export async function openSession(options: SessionOptions): Promise<TrainingSession> {
  const info = await loadEngine();
  requireTrainable(options.network, info, options.frozen);
  return open(options, info.backend);
}

async function open(options: SessionOptions, backend: 'native' | 'wasm'): Promise<TrainingSession> {
  const info = await loadEngine();
  const { executor: asked = 'auto' } = options;
  const executor = asked === 'auto' && backend === 'wasm' ? 'eager' : asked;
  if (executor === 'eager') {
    const tf = await tensorflowJs();
    return new Session(info, options, (program) => new EagerExecutor(program, tf));
  }
  const binding = tensorflowBinding();
  if (!binding) {
    const problem = 'the WASM engine runs op by op only';
    throw engineError('ENGINE_OPTION', { option: 'executor', value: executor, problem });
  }
  return new Session(info, options, (program) => {
    const compiled = new CompiledExecutor(program, binding);
    if (executor === 'compiled') return compiled;
    const use = executor === 'sparse' ? 'always' : 'auto';
    return new SparseExecutor(program, compiled, { use, threads: info.threads });
  });
}

export interface SnapshotQuestion {
  readonly network: NetworkSpec;
  readonly snapshot: Snapshot;
  /** For `predictSnapshot` the labels may be anything. */
  readonly samples: Samples;
  readonly executor?: SessionOptions['executor'];
}

export interface WeightsQuestion {
  readonly network: NetworkSpec;
  /** Every parameter once. They are asked for one by one and not held, and other work goes on in between. */
  readonly tensors: Iterable<NamedTensor> | AsyncIterable<NamedTensor>;
  readonly samples: Samples;
}

type NamedTensor = readonly [name: string, tensor: Tensor];

/** Loss and errors of weights that are in memory one tensor at a time, but for the engine's own. Throws ENGINE_SNAPSHOT. */
export async function evaluateWeights({ network, tensors, samples }: WeightsQuestion): Promise<Metrics> {
  await using session = await openFrozen({ network, samples });
  const missing = new Set(parametersOf(network).map(({ name }) => name));
  for await (const [name, tensor] of tensors) {
    session.setWeights(new Map([[name, tensor]]));
    missing.delete(name);
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const tensor of missing) {
    throw engineError('ENGINE_SNAPSHOT', { network: network.name, tensor, problem: 'is missing' });
  }
  return await session.evaluate('train');
}

/** Loss and errors of a snapshot on some samples; nothing is trained. */
export async function evaluateSnapshot(question: SnapshotQuestion): Promise<Metrics> {
  await using session = await openFrozen(question);
  return await session.evaluate('train');
}

/** The logits [count, classes] that a snapshot gives for some samples; nothing is trained. */
export async function predictSnapshot(question: SnapshotQuestion): Promise<Float32Array> {
  await using session = await openFrozen(question);
  return await session.logits(question.samples.images, question.samples.count);
}

async function openFrozen({
  network,
  snapshot,
  samples,
  executor,
}: Omit<SnapshotQuestion, 'snapshot'> & Partial<SnapshotQuestion>): Promise<TrainingSession> {
  const info = await loadEngine();
  return open(
    {
      network,
      ...(snapshot ? { initial: snapshot } : { weightsLater: true }),
      data: { train: samples },
      executor,
      seed: 0,
      batchSize: 1,
      optimizer: { kind: 'sgd', momentum: 0 },
      learningRate: { kind: 'constant', base: 0 },
      // Nothing is trained: no slots are held, and WASM can do it for convolutions too.
      frozen: network.layers.map(({ name }) => name),
    },
    info.backend,
  );
}

/**
 * Can that engine train the network, but for its frozen layers? The WASM backend has no kernel for the gradient of a
 * convolution's weights. Throws ENGINE_WASM_CONV. For those who want to know before anything starts.
 */
export function requireTrainable(
  network: NetworkSpec,
  { backend }: Pick<EngineInfo, 'backend'>,
  frozen: readonly string[] = [],
): void {
  if (backend !== 'wasm') return;
  const trained = network.layers.find(({ type, name }) => type === 'conv2d' && !frozen.includes(name));
  if (trained) throw engineError('ENGINE_WASM_CONV', { network: network.name, layer: trained.name });
}
