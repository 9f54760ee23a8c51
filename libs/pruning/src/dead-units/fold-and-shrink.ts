/**
 * Makes a network smaller by its dead units: the same function in smaller dense shapes (HAN15 section 3.5). The order of hidden
 * units means nothing, so they are put in the order in which they cost the fewest bytes.
 */
import {
  checkNetwork,
  parametersOf,
  unitChains,
  type LayerSpec,
  type NetworkSpec,
  type ParameterSpec,
} from '@espalier/models';
import { Mask, TENSOR_SUFFIXES, float32, type Tensor } from '@espalier/tensor';
import { findDeadUnits, type DeadUnits } from './find-dead-units';
import { take, takeInputsAndUnits } from './take';

export interface ShrunkNetwork {
  readonly network: NetworkSpec;
  readonly tensors: Map<string, Tensor>;
  readonly masks: Map<string, Mask>;
  /** What became of each layer's units, by layer name. */
  readonly removed: Map<string, DeadUnits>;
  /** For each layer with a kernel, which of its former units the present ones are, in their present order. */
  readonly keptUnits: Map<string, Uint32Array>;
}

/** Tensors that lie beside a parameter and have its shape. */
const COMPANIONS = [
  '',
  TENSOR_SUFFIXES.mask,
  TENSOR_SUFFIXES.codes,
  TENSOR_SUFFIXES.momentum,
  TENSOR_SUFFIXES.firstMoment,
  TENSOR_SUFFIXES.secondMoment,
] as const;

/**
 * The network without its dead units, the others sorted by their connections. Its outputs are the same: bit by bit up to the order
 * of additions where units that nothing reads were dropped, to float32 rounding where constants were folded into biases; with batch norm, the same outside
 * training. The network's inputs and outputs stay. Removed weights must be 0 in `tensors` (see `applyMasks`).
 *
 * @param masks by kernel tensor name; those among `tensors` (`NAME:mask`) are shrunk as well
 */
export function foldAndShrink(
  network: NetworkSpec,
  tensors: ReadonlyMap<string, Tensor>,
  masks: ReadonlyMap<string, Mask>,
): ShrunkNetwork {
  const { layers: removed, connections, biases } = findDeadUnits(network, tensors, masks);
  const keptUnits = new Map<string, Uint32Array>();
  /** For kernels: which inputs stay. For batch norm: which channels. By layer name, where not all do. */
  const keptInputs = new Map<string, Uint32Array>();
  for (const { layer, units, readers, blockedBy } of unitChains(network)) {
    const kept = keptOf(units, removed.get(layer.name) as DeadUnits);
    if (!blockedBy) sortByConnections(kept, connections.get(layer.name) as Uint32Array);
    keptUnits.set(layer.name, kept);
    if (kept.every((unit, i) => unit === i) && kept.length === units) continue;
    for (const reader of readers) {
      keptInputs.set(reader.layer.name, spread(kept, units, reader.positions));
      let positions = 1;
      for (const between of reader.through) {
        if (between.type === 'flatten') positions = reader.positions;
        if (between.type === 'batchNorm') keptInputs.set(between.name, spread(kept, units, positions));
      }
    }
  }

  const smaller = checkNetwork({
    ...network,
    layers: network.layers.map((layer) => withUnits(layer, keptUnits.get(layer.name)?.length)),
  });
  const former = new Map(parametersOf(network).map((parameter) => [parameter.name, parameter]));
  const result = new Map(tensors);
  const resultMasks = new Map(masks);
  for (const parameter of parametersOf(smaller)) {
    const shrink = shrinker(parameter, former.get(parameter.name) as ParameterSpec, {
      keptUnits,
      keptInputs,
    });
    for (const suffix of COMPANIONS) {
      const name = parameter.name + suffix;
      const bias = suffix === '' ? biases.get(name) : undefined;
      const value = bias ? float32([bias.length], bias, name) : tensors.get(name);
      if (value) result.set(name, shrink(value));
    }
    const mask = masks.get(parameter.name);
    if (mask) resultMasks.set(parameter.name, Mask.fromTensor(shrink(mask.toTensor())));
  }
  return { network: smaller, tensors: result, masks: resultMasks, removed, keptUnits };
}

function keptOf(units: number, { unread, folded }: DeadUnits): Uint32Array {
  const gone = new Set([...unread, ...folded]);
  return Uint32Array.from({ length: units }, (_, unit) => unit).filter((unit) => !gone.has(unit));
}

/**
 * Most connections first, ties by index, in place: neighbours are then alike, and a coder that looks at neighbours guesses
 * better.
 */
function sortByConnections(units: Uint32Array, connections: Uint32Array): void {
  units.sort((a, b) => connections[b] - connections[a] || a - b);
}

/** Where the kept units stand on an axis that has them `positions` times, channels last. */
function spread(kept: Uint32Array, units: number, positions: number): Uint32Array {
  return Uint32Array.from(
    { length: positions * kept.length },
    (_, i) => Math.floor(i / kept.length) * units + kept[i % kept.length],
  );
}

function withUnits(layer: LayerSpec, count: number | undefined): LayerSpec {
  if (count === undefined) return layer;
  if (layer.type === 'dense') return { ...layer, units: count };
  return layer.type === 'conv2d' ? { ...layer, filters: count } : layer;
}

/** How tensors with the shape of this parameter shrink. */
function shrinker(
  { layer, role, shape }: ParameterSpec,
  former: ParameterSpec,
  {
    keptUnits,
    keptInputs,
  }: {
    readonly keptUnits: ReadonlyMap<string, Uint32Array>;
    readonly keptInputs: ReadonlyMap<string, Uint32Array>;
  },
): (value: Tensor) => Tensor {
  const units = keptUnits.get(layer);
  const all = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);
  if (role === 'kernel') {
    const [inputs, outputs] = former.shape.slice(-2);
    return (value) =>
      takeInputsAndUnits(value, {
        shape,
        from: { inputs, units: outputs },
        inputs: keptInputs.get(layer) ?? all(inputs),
        units: units as Uint32Array,
      });
  }
  const indices = role === 'bias' ? units : keptInputs.get(layer);
  return (value) => take(value, indices ?? all(former.shape[0]), shape);
}
