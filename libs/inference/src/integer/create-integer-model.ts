/** A model that computes in whole numbers. In Node alone: a page need not load it. */
import { decodeArtifact } from '@espalier/encoding';
import type { NetworkSpec } from '@espalier/models';
import { sizeOf } from '@espalier/tensor';
import { inferenceError, integerError } from '../errors';
import type { ModelSource } from '../source';
import { Arena } from '../wasm/arena';
import { ModuleBuilder } from '../wasm/module-builder';
import { wasmPlatform } from '../wasm/platform';
import { addKernelStep, addPoolStep } from './integer-kernels';
import { quantiseInput, runIntegerReference } from './integer-reference';
import { quantiseNetwork, type Calibration, type QuantisedNetwork } from './quantised-network';

export interface IntegerModel {
  readonly network: NetworkSpec;
  /** Of all of the model's memory: weights, activations, windows. */
  readonly memoryBytes: number;
  /** By layer with weights: the scale of what comes in. */
  readonly quantised: QuantisedNetwork;
  /** input [batch, ...network.input], as `createModel`'s -> logits [batch, classes]. Throws INFERENCE_INPUT. */
  run(input: Float32Array, batch?: number): Float32Array;
}

/**
 * Weights as int8 by output channel, activations in 8 bits whose ranges are those of the samples, sums in int32. The same bits everywhere.
 * Throws ARTIFACT_*, INFERENCE_TENSOR, INFERENCE_INTEGER for a network that has other layers than conv2d, dense, maxPool, relu, flatten
 * and dropout in a chain.
 */
export async function createIntegerModel(
  artifact: Uint8Array | ModelSource,
  calibration: Calibration,
): Promise<IntegerModel> {
  const source = ArrayBuffer.isView(artifact)
    ? decodeArtifact(artifact as Uint8Array)
    : (artifact as ModelSource);
  const { network } = source;
  const size = sizeOf(network.input);
  if (calibration.samples.length === 0 || calibration.samples.length % size !== 0) {
    throw integerError('INFERENCE_CALIBRATION', { size, actual: calibration.samples.length });
  }
  const quantised = await quantiseNetwork(source, calibration);
  const platform = await wasmPlatform();
  const { memoryBytes, one } = platform
    ? await compile(quantised, platform)
    : { memoryBytes: 0, one: (sample: Float32Array) => runIntegerReference(quantised, sample) };
  return {
    network,
    memoryBytes,
    quantised,
    run(input, batch = 1) {
      if (!Number.isInteger(batch) || batch < 1) throw inferenceError('INFERENCE_BATCH', { batch });
      if (input.length !== batch * size) {
        const shape = JSON.stringify(network.input);
        const details = { network: network.name, batch, shape, expected: batch * size, actual: input.length };
        throw inferenceError('INFERENCE_INPUT', details);
      }
      if (batch === 1) return one(input);
      const answers = Array.from({ length: batch }, (_, b) => one(input.subarray(b * size, (b + 1) * size)));
      const logits = new Float32Array(batch * answers[0].length);
      answers.forEach((answer, b) => logits.set(answer, b * answer.length));
      return logits;
    },
  };
}

type Platform = NonNullable<Awaited<ReturnType<typeof wasmPlatform>>>;

async function compile(
  { network, input, steps }: QuantisedNetwork,
  platform: Platform,
): Promise<{ readonly memoryBytes: number; one(sample: Float32Array): Float32Array }> {
  const arena = new Arena();
  const module = new ModuleBuilder();
  const inputBytes = sizeOf(network.input);
  const inputAt = arena.reserve(inputBytes / 4);
  let at = inputAt;
  for (const [i, step] of steps.entries()) {
    const target = { arena, module, name: `${i}` };
    at = step.kind === 'pool' ? addPoolStep(target, step, at) : addKernelStep(target, step, at);
  }
  const pages = arena.pages();
  const { exports, memory } = await platform.instantiate(module.bytes(pages), pages);
  arena.fill(memory.buffer);
  const functions = steps.map((_, i) => exports[`${i}`] as () => void);
  const codes = new Uint8Array(memory.buffer, inputAt, inputBytes);
  const { to } = steps[steps.length - 1];
  const padded = new Float32Array(memory.buffer, at, to.height * to.width * to.stride);
  return {
    memoryBytes: arena.bytes,
    one(sample) {
      codes.set(quantiseInput(sample, input));
      for (const run of functions) run();
      return to.stride === to.channels
        ? padded.slice()
        : padded.filter((_, i) => i % to.stride < to.channels);
    },
  };
}
