import { decodeArtifact, type ArtifactLimits } from '@espalier/encoding';
import type { NetworkSpec } from '@espalier/models';
import { sizeOf } from '@espalier/tensor';
import { chooseKernels, type Choice, type KernelChoice } from './choose-kernels';
import { inferenceError } from './errors';
import type { KernelName, LayerPlan, ModelPlan } from './plan';
import { buildProgram, fusedRelus, type Program, type ProgramSpec } from './program';
import { runReference } from './reference/run-reference';
import { countKept, parametersFrom, type ModelSource, type Parameters } from './source';
import { wasmPlatform, type WasmPlatform } from './wasm/platform';

export interface ModelOptions {
  /**
   * `measure` (default): each kernel that could run a layer is timed for some milliseconds. A name, or names by layer: nothing is
   * timed, and the same kernels run everywhere. `reference`: plain TypeScript.
   */
  readonly kernels?: KernelChoice | 'reference';
  /** How many samples mostly come at once (default 1). From 2 on, 8 or 32 are worked on together, for which weights are held twice. */
  readonly batch?: number;
  /**
   * Typical inputs [any, ...network.input], for `measure`: kernels are timed with as many zeros as these leave before each layer.
   * Without it, half of what comes in or from a ReLU is taken to be 0.
   */
  readonly sample?: Float32Array;
  readonly limits?: ArtifactLimits;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

export interface Model {
  readonly network: NetworkSpec;
  readonly plan: ModelPlan;
  /**
   * input [batch, ...network.input], pixels from 0 to 1 -> logits [batch, classes]. Throws INFERENCE_INPUT, INFERENCE_BATCH,
   * INFERENCE_DISPOSED.
   */
  run(input: Float32Array, batch?: number): Float32Array;
  dispose(): void;
}

/** Takes several samples at once. */
const BATCH_PASSES = [1, 8, 32];

/** A program, and what is to be known of the layers that several threads do. */
export interface BuiltProgram extends Program {
  readonly layers?: ReadonlyMap<string, Required<Pick<LayerPlan, 'threads' | 'tried'>>>;
  close?(): void;
}

export type ProgramBuilder = (platform: WasmPlatform, spec: ProgramSpec) => Promise<BuiltProgram>;

/**
 * A model that runs a decoded artifact. Throws ARTIFACT_* for bytes that are none, INFERENCE_TENSOR, INFERENCE_KERNEL,
 * INFERENCE_MEMORY, and for a sample INFERENCE_INPUT, INFERENCE_BATCH.
 */
export const createModel = (artifact: Uint8Array | ModelSource, options: ModelOptions = {}): Promise<Model> =>
  createModelBy(buildProgram, artifact, options);

/** The same, with a program that is made otherwise. */
export async function createModelBy(
  build: ProgramBuilder,
  artifact: Uint8Array | ModelSource,
  options: ModelOptions,
): Promise<Model> {
  const source = isBytes(artifact) ? decodeArtifact(artifact, options.limits) : artifact;
  const { network } = source;
  const parameters = parametersFrom(source);
  if (options.sample) checkInput(network, options.sample, options.sample.length / sizeOf(network.input));
  const platform = options.kernels === 'reference' ? undefined : await wasmPlatform();
  const { plan, run, close } = platform
    ? await onWasm(platform, { network, parameters, options, build })
    : onReference(network, parameters);

  let program: Program['run'] | undefined = run;
  return {
    network,
    plan,
    run(input, batch = 1) {
      if (program === undefined) throw inferenceError('INFERENCE_DISPOSED', { network: network.name });
      checkInput(network, input, batch);
      return program(input, batch);
    },
    dispose() {
      program = undefined;
      close?.();
    },
  };
}

function checkInput({ name, input: shape }: NetworkSpec, input: Float32Array, batch: number): void {
  if (!Number.isInteger(batch) || batch < 1) throw inferenceError('INFERENCE_BATCH', { batch });
  const expected = batch * sizeOf(shape);
  if (input.length === expected) return;
  const details = { network: name, batch, shape: JSON.stringify(shape), expected };
  throw inferenceError('INFERENCE_INPUT', { ...details, actual: input.length });
}

interface Wanted {
  readonly network: NetworkSpec;
  readonly parameters: Parameters;
  readonly options: ModelOptions;
  readonly build: ProgramBuilder;
}

type Running = Pick<Model, 'plan'> & Pick<BuiltProgram, 'run' | 'close'>;

async function onWasm(
  platform: WasmPlatform,
  { network, parameters, options, build }: Wanted,
): Promise<Running> {
  const passes = (options.batch ?? 1) > 1 ? BATCH_PASSES : [1];
  const choices = await chooseKernels(platform, {
    network,
    parameters,
    passes,
    kernels: (options.kernels ?? 'measure') as KernelChoice,
    ...(options.sample ? { sample: options.sample } : {}),
    now: options.now ?? (() => performance.now()),
  });
  const kernels = (layer: string): Choice => choices.get(layer) as Choice;
  const program = await build(platform, { network, parameters, passes, kernels });
  const relus = fusedRelus(network);
  const done = new Set(relus.values());
  const layers = network.layers
    .filter(({ name, type }) => !done.has(name) && type !== 'dropout')
    .map(({ name, type }): LayerPlan => {
      const relu = relus.get(name);
      const base = { layer: name, type, includes: relu === undefined ? [] : [relu] };
      const choice = choices.get(name);
      if (!choice)
        return { ...base, kernel: type === 'maxPool' || type === 'averagePool' ? 'wasm' : 'plain' };
      const { single, batch, weights, kept, chosen, tried } = choice;
      const batchKernel: { batchKernel?: KernelName } =
        type === 'dense' && passes.length > 1 ? { batchKernel: batch } : {};
      const split = program.layers?.get(name);
      const all = { ...tried, ...split?.tried };
      return { ...base, ...split, kernel: single, ...batchKernel, weights, kept, chosen, tried: all };
    });
  const plan: ModelPlan = {
    network: network.name,
    backend: 'wasm-simd',
    passes,
    memoryBytes: program.bytes,
    layers,
  };
  return { plan, run: program.run, close: program.close };
}

function onReference(network: NetworkSpec, parameters: Parameters): Running {
  const layers = network.layers.map(({ name, type }): LayerPlan => {
    const kernel = parameters.values.get(`${name}/kernel`);
    const weights = kernel && { weights: kernel.length, kept: countKept(kernel) };
    return { layer: name, type, kernel: 'reference', includes: [], ...weights };
  });
  const plan: ModelPlan = {
    network: network.name,
    backend: 'reference',
    passes: [1],
    memoryBytes: 0,
    layers,
  };
  return { plan, run: (input, batch) => runReference(network, parameters, { input, batch }) };
}

/** By its tag: an array of another realm is no instance of ours. */
function isBytes(value: Uint8Array | ModelSource): value is Uint8Array {
  return (value as Partial<Uint8Array>)[Symbol.toStringTag] === 'Uint8Array';
}
