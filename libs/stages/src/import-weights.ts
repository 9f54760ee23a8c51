/** Somebody's trained weights (safetensors) as the start snapshot of a network of ours: names mapped, shapes checked. */
import type { JsonValue } from '@espalier/base';
import { decodeSafetensors } from '@espalier/encoding';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { sameShape, type Snapshot, type Tensor } from '@espalier/tensor';
import { stagesError } from './errors';

/** @param names ours to theirs; what is not named is looked up under our own name. Throws STAGE_INIT_*. */
export function importWeights(
  network: NetworkSpec,
  file: Uint8Array,
  names: Readonly<Record<string, string>>,
): Snapshot {
  const given = decodeSafetensors(file).tensors;
  const tensors = new Map<string, Tensor>();
  for (const { name: parameter, shape } of parametersOf(network)) {
    const name = names[parameter] ?? parameter;
    const value = given.get(name);
    if (!value) {
      const present = [...given.keys()].join(', ');
      throw stagesError('STAGE_INIT_MISSING', { source: 'init.from', name, parameter, present });
    }
    if (!sameShape(value.shape, shape)) {
      const actual = JSON.stringify(value.shape);
      throw stagesError('STAGE_INIT_SHAPE', { name, actual, parameter, expected: JSON.stringify(shape) });
    }
    tensors.set(parameter, value);
  }
  return { network: network as unknown as JsonValue, tensors, info: {} };
}
