/** Is what came out of the file what went in, but for pruning and sharing? */
import { decodeSafetensors } from '@espalier/encoding';
import type { NetworkSpec } from '@espalier/models';
import { parametersOf } from '@espalier/models';
import { asFloat32, sizeOf, type Tensor } from '@espalier/tensor';
import { readFileSync } from 'node:fs';
import { benchError } from '../errors';

export interface WeightComparison {
  readonly kept: number;
  readonly distortion: number;
}

/** @throws BENCH_WEIGHTS when a kernel keeps another share, or loses a weight that is larger than one that it keeps */
export function compareWeights(
  network: NetworkSpec,
  keptShares: Readonly<Record<string, number>>,
  files: { readonly given: string; readonly decoded: string },
): WeightComparison {
  const given = decodeSafetensors(readFileSync(files.given)).tensors;
  const decoded = decodeSafetensors(readFileSync(files.decoded)).tensors;
  let [kept, squares, errors] = [0, 0, 0];
  for (const { name, layer, shape, prunable } of parametersOf(network)) {
    if (!prunable) continue;
    const before = asFloat32(given.get(name) as Tensor, name);
    const after = asFloat32(decoded.get(name) as Tensor, name);
    let [own, largestLost, leastKept] = [0, 0, Infinity];
    for (let i = 0; i < before.length; i++) {
      const size = Math.abs(before[i]);
      if (after[i] === 0) {
        largestLost = Math.max(largestLost, size);
        continue;
      }
      own++;
      leastKept = Math.min(leastKept, size);
      squares += before[i] ** 2;
      errors += (after[i] - before[i]) ** 2;
    }
    const expected = Math.ceil(keptShares[layer] * sizeOf(shape) - 1e-6);
    if (own !== expected || largestLost > leastKept) {
      throw benchError('BENCH_WEIGHTS', { name, expected, actual: own, largestLost, leastKept });
    }
    kept += own;
  }
  return { kept, distortion: Math.sqrt(errors / squares) };
}
