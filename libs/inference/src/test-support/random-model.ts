/** Networks with random, pruned weights for specs. */
import { Random } from '@espalier/base';
import { checkNetwork, parametersOf, type NetworkSpec } from '@espalier/models';
import { float32, sizeOf } from '@espalier/tensor';
import type { ModelSource } from '../source';

type Layer = Readonly<Record<string, unknown>>;

/** `keep`: the share of the kernels' weights that is not 0. With `levels`, the kept ones share a codebook. */
export function randomModel(
  input: readonly number[],
  layers: readonly Layer[],
  { keep = 0.3, seed = 1, levels }: { keep?: number; seed?: number; levels?: number } = {},
): ModelSource {
  return randomWeights(checkNetwork({ name: 'random', input, layers }), { keep, seed, levels });
}

export function randomWeights(
  network: NetworkSpec,
  { keep, seed, levels }: { keep: number; seed: number; levels?: number },
): ModelSource {
  const random = new Random(seed, 'weights');
  const codebook =
    levels === undefined ? undefined : Float32Array.from({ length: levels }, () => random.normal()).sort();
  const shared = new Map<string, { codes: Uint16Array; codebook: Float32Array }>();
  const tensors = parametersOf(network).map(({ name, shape, role }) => {
    const size = sizeOf(shape);
    if (role === 'kernel' && codebook) {
      const codes = Uint16Array.from({ length: size }, () =>
        random.uniform() < keep ? 1 + random.below(codebook.length) : 0,
      );
      shared.set(name, { codes, codebook });
      return [name, Float32Array.from(codes, (code) => (code === 0 ? 0 : codebook[code - 1]))] as const;
    }
    const value = (): number => {
      if (role === 'kernel') return random.uniform() < keep ? random.normal() : 0;
      return role === 'movingVariance' ? 0.5 + random.uniform() : random.normal();
    };
    return [name, Float32Array.from({ length: size }, value)] as const;
  });
  return {
    network,
    tensors: new Map(
      tensors.map(([name, data], i) => [name, float32(parametersOf(network)[i].shape, data, name)]),
    ),
    shared,
  };
}

/** Pixels, half of them 0. */
export function randomImages(network: NetworkSpec, batch: number, seed = 1): Float32Array {
  const random = new Random(seed, 'images');
  return Float32Array.from({ length: batch * sizeOf(network.input) }, () =>
    random.uniform() < 0.5 ? 0 : random.uniform(),
  );
}

/** The largest difference, relative to the largest value. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    const each = Math.abs(actual[i] - expected[i]);
    difference = Number.isNaN(each) ? Infinity : Math.max(difference, each);
  }
  return actual.length === expected.length ? difference / (largest || 1) : Infinity;
}
