/** The snapshots that bench `wire` sends: LeNet-300-100 dense, pruned to a share, and pruned with other biases. */
import { Random, type JsonValue } from '@espalier/base';
import { networkByName, parametersOf } from '@espalier/models';
import { applyMasks, criterionByName, granularityByName, prune } from '@espalier/pruning';
import { float32, sizeOf, type Snapshot, type Tensor } from '@espalier/tensor';

/** Normal values: nothing that would compress by itself. */
export function denseSnapshot(): Snapshot {
  const network = networkByName('lenet-300-100');
  const random = new Random(1);
  const tensors = new Map<string, Tensor>();
  for (const { name, shape } of parametersOf(network)) {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => 0.05 * random.normal());
    tensors.set(name, float32(shape, values));
  }
  return { network: network as unknown as JsonValue, tensors, info: {} };
}

/** The largest weights of each layer, with masks. */
export async function prunedSnapshot(dense: Snapshot, keep: number): Promise<Snapshot> {
  const kernels = [...dense.tensors].filter(([name]) => name.endsWith('/kernel'));
  const { masks } = await prune({
    layers: kernels.map(([name, { shape, data }]) => ({ name, shape, weights: data as Float32Array })),
    criterion: criterionByName('magnitude'),
    granularity: granularityByName('weight'),
    selection: { scope: 'layer', amounts: { keep } },
    random: new Random(1),
  });
  return { ...dense, tensors: applyMasks(dense.tensors, masks) };
}

/** As after a retraining with every kernel frozen. */
export function withOtherBiases(snapshot: Snapshot): Snapshot {
  const tensors = new Map(snapshot.tensors);
  for (const [name, { shape, data }] of snapshot.tensors) {
    if (name.endsWith('/bias'))
      tensors.set(
        name,
        float32(
          shape,
          (data as Float32Array).map((value) => value + 0.01),
        ),
      );
  }
  return { ...snapshot, tensors };
}
