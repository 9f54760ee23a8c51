/**
 * What pruning does to the tensors: removed weights become +0.0 and their optimizer state with them, since a kept
 * momentum would bring them back; survivors keep both (they are retrained from where they were, HAN15 section 3.3).
 */
import { TENSOR_SUFFIXES, asFloat32, float32, type Mask, type Tensor } from '@espalier/tensor';

const SLOTS = [
  '',
  TENSOR_SUFFIXES.momentum,
  TENSOR_SUFFIXES.firstMoment,
  TENSOR_SUFFIXES.secondMoment,
] as const;

/**
 * The same tensors with the masks applied to each masked parameter and its optimizer slots, and the masks themselves
 * stored as `NAME:mask`. Nothing is changed in place; tensors that no mask concerns are shared. Throws TENSOR_DTYPE.
 */
export function applyMasks(
  tensors: ReadonlyMap<string, Tensor>,
  masks: ReadonlyMap<string, Mask>,
): Map<string, Tensor> {
  const result = new Map(tensors);
  for (const [name, mask] of masks) {
    for (const suffix of SLOTS) {
      const value = tensors.get(name + suffix);
      if (!value) continue;
      const copy = asFloat32(value, name + suffix).slice();
      result.set(name + suffix, float32(value.shape, copy, name + suffix));
    }
    for (const [changed, value] of applyMaskInPlace(result, name, mask)) result.set(changed, value);
  }
  return result;
}

/**
 * Applies the mask of one parameter to its array and to those of its optimizer slots, for those who own them. Gives what is
 * new: these tensors, and the mask as `NAME:mask`. Throws TENSOR_DTYPE.
 */
export function applyMaskInPlace(
  tensors: ReadonlyMap<string, Tensor>,
  name: string,
  mask: Mask,
): Map<string, Tensor> {
  const changed = new Map<string, Tensor>();
  for (const suffix of SLOTS) {
    const value = tensors.get(name + suffix);
    if (!value) continue;
    mask.apply(asFloat32(value, name + suffix));
    changed.set(name + suffix, value);
  }
  changed.set(name + TENSOR_SUFFIXES.mask, mask.toTensor());
  return changed;
}
