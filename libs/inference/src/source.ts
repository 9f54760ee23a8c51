/** What a model is made from. */
import type { DecodedArtifact } from '@espalier/encoding';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { sameShape, type Tensor } from '@espalier/tensor';
import { inferenceError } from './errors';

/** A decoded artifact, or any network with its tensors; `shared` is codes and codebook of those that have them. */
export interface ModelSource {
  readonly network: NetworkSpec;
  /** float32, by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly shared?: DecodedArtifact['shared'];
}

export interface Parameters {
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly shared: DecodedArtifact['shared'];
}

/** Every tensor that the network needs, checked. Throws INFERENCE_TENSOR. */
export function parametersFrom({ network, tensors, shared }: ModelSource): Parameters {
  const values = new Map<string, Float32Array>();
  for (const { name, shape } of parametersOf(network)) {
    const tensor = tensors.get(name);
    if (tensor?.dtype !== 'float32' || !sameShape(tensor.shape, shape)) {
      const actual = tensor ? `it is ${tensor.dtype} ${JSON.stringify(tensor.shape)}` : 'it is missing';
      throw inferenceError('INFERENCE_TENSOR', { name, expected: JSON.stringify(shape), actual });
    }
    values.set(name, tensor.data as Float32Array);
  }
  return { values, shared: shared ?? new Map() };
}

/** Weights that are not zero. */
export function countKept(kernel: Float32Array): number {
  let kept = 0;
  for (let i = 0; i < kernel.length; i++) if (kernel[i] !== 0) kept++;
  return kept;
}
