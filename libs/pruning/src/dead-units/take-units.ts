/** A network with some of its units only: their kernels, biases and all that lies beside them, in smaller dense shapes. */
import {
  checkNetwork,
  parametersOf,
  unitChains,
  type LayerSpec,
  type NetworkSpec,
  type ParameterSpec,
} from '@espalier/models';
import { Mask, TENSOR_SUFFIXES, type Tensor } from '@espalier/tensor';
import { pruningError } from '../errors';
import { take, takeInputsAndUnits } from './take';

export interface TakenUnits {
  readonly network: NetworkSpec;
  readonly tensors: Map<string, Tensor>;
  readonly masks: Map<string, Mask>;
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
 * The network with these units, in this order. Units that are not among them go with all of their connections, as if they
 * gave 0; what they did is lost.
 *
 * @param keptUnits by layer name; a layer that is not named keeps all
 * @param tensors by name; those whose names start with that of a parameter are taken from as well
 * @param masks by kernel tensor name
 * @throws PRUNING_UNITS_STAY when a layer's units cannot be taken out
 */
export function takeUnits(
  network: NetworkSpec,
  keptUnits: ReadonlyMap<string, Uint32Array>,
  {
    tensors,
    masks,
  }: { readonly tensors: ReadonlyMap<string, Tensor>; readonly masks: ReadonlyMap<string, Mask> },
): TakenUnits {
  /** For kernels: which inputs stay. For batch norm: which channels. By layer name, where not all do. */
  const keptInputs = new Map<string, Uint32Array>();
  for (const { layer, units, readers, blockedBy } of unitChains(network)) {
    const kept = keptUnits.get(layer.name);
    if (!kept || (kept.length === units && kept.every((unit, i) => unit === i))) continue;
    if (blockedBy) {
      const { layer: by, reason } = blockedBy;
      throw pruningError('PRUNING_UNITS_STAY', { layer: layer.name, by, reason });
    }
    for (const reader of readers) {
      keptInputs.set(reader.layer.name, spread(kept, units, reader.positions));
      let positions = 1;
      for (const between of reader.through) {
        if (between.type === 'flatten') positions = reader.positions;
        if (between.type === 'batchNorm') keptInputs.set(between.name, spread(kept, units, positions));
      }
    }
  }
  const counts = new Map([...keptUnits].map(([layer, kept]) => [layer, kept.length]));
  const smaller = networkWithUnits(network, counts);
  const former = new Map(parametersOf(network).map((parameter) => [parameter.name, parameter]));
  const result = new Map(tensors);
  const resultMasks = new Map(masks);
  for (const parameter of parametersOf(smaller)) {
    const taker = takerOf(parameter, former.get(parameter.name) as ParameterSpec, { keptUnits, keptInputs });
    for (const suffix of COMPANIONS) {
      const name = parameter.name + suffix;
      const value = tensors.get(name);
      if (value) result.set(name, taker(value));
    }
    const mask = masks.get(parameter.name);
    if (mask) resultMasks.set(parameter.name, Mask.fromTensor(taker(mask.toTensor())));
  }
  return { network: smaller, tensors: result, masks: resultMasks };
}

/** The network with so many units in these layers, by layer name. Throws NETWORK_*. */
export function networkWithUnits(network: NetworkSpec, counts: ReadonlyMap<string, number>): NetworkSpec {
  return checkNetwork({
    ...network,
    layers: network.layers.map((layer) => withUnits(layer, counts.get(layer.name))),
  });
}

function withUnits(layer: LayerSpec, count: number | undefined): LayerSpec {
  if (count === undefined) return layer;
  if (layer.type === 'dense') return { ...layer, units: count };
  return layer.type === 'conv2d' ? { ...layer, filters: count } : layer;
}

/** Where the kept units stand on an axis that has them `positions` times, channels last. */
function spread(kept: Uint32Array, units: number, positions: number): Uint32Array {
  return Uint32Array.from(
    { length: positions * kept.length },
    (_, i) => Math.floor(i / kept.length) * units + kept[i % kept.length],
  );
}

/** How tensors with the shape of this parameter get smaller. */
function takerOf(
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
        units: units ?? all(outputs),
      });
  }
  const indices = role === 'bias' ? units : keptInputs.get(layer);
  return (value) => take(value, indices ?? all(former.shape[0]), shape);
}
