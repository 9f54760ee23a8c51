/** Parts of tensors by index. */
import { Mask, tensor, type Tensor } from '@espalier/tensor';

/**
 * The entries of a tensor seen as [window, inputs, units] whose input is in `inputs` and whose unit is in `units`. Works for any
 * dtype, bitmaps too.
 *
 * @param shape of the result; its size must be window * inputs.length * units.length
 */
export function takeInputsAndUnits(
  value: Tensor,
  {
    shape,
    from,
    inputs,
    units,
  }: {
    readonly shape: readonly number[];
    readonly from: { readonly inputs: number; readonly units: number };
    readonly inputs: Uint32Array;
    readonly units: Uint32Array;
  },
): Tensor {
  const window = shape.slice(0, -2).reduce((product, axis) => product * axis, 1);
  const indices = new Uint32Array(window * inputs.length * units.length);
  let next = 0;
  for (let w = 0; w < window; w++) {
    for (const input of inputs) {
      const row = (w * from.inputs + input) * from.units;
      for (const unit of units) indices[next++] = row + unit;
    }
  }
  return take(value, indices, shape);
}

/** The elements at `indices` of the flattened tensor, as a tensor of `shape`. */
export function take(value: Tensor, indices: Uint32Array, shape: readonly number[]): Tensor {
  if (value.dtype === 'bit') {
    const from = Mask.fromTensor(value);
    const mask = Mask.empty(shape);
    indices.forEach((index, i) => {
      if (from.get(index)) mask.set(i, true);
    });
    return mask.toTensor();
  }
  const data = value.data.slice(0, indices.length);
  for (let i = 0; i < indices.length; i++) data[i] = value.data[indices[i]];
  return tensor(value.dtype, shape, data);
}
