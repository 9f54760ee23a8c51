/** Masks apart from the other tensors of a snapshot, and among them again. */
import { Mask, TENSOR_SUFFIXES, type Snapshot, type Tensor } from '@espalier/tensor';

interface Parts {
  readonly tensors: Map<string, Tensor>;
  /** By kernel. */
  readonly masks: Map<string, Mask>;
}

export function splitMasks(snapshot: Snapshot): Parts {
  const tensors = new Map<string, Tensor>();
  const masks = new Map<string, Mask>();
  for (const [name, value] of snapshot.tensors) {
    if (name.endsWith(TENSOR_SUFFIXES.mask)) {
      masks.set(name.slice(0, -TENSOR_SUFFIXES.mask.length), Mask.fromTensor(value, name));
    } else tensors.set(name, value);
  }
  return { tensors, masks };
}

export function joinMasks({ tensors, masks }: Parts): Map<string, Tensor> {
  const joined = new Map(tensors);
  for (const [name, mask] of masks) joined.set(name + TENSOR_SUFFIXES.mask, mask.toTensor());
  return joined;
}
