/** What a unit without inputs gives: act(bias), carried through the layers up to its reader. */
import { assertNever } from '@espalier/base';
import type { LayerSpec, UnitReader } from '@espalier/models';
import type { Tensor } from '@espalier/tensor';
import { requireFloat32 } from './read-weights';

/**
 * The value at the reader's inputs of a unit whose output is `value` everywhere. Pooling leaves a constant as it is (TensorFlow
 * leaves padding out of both the maximum and the average); dropout is the identity outside training; batch norm
 * uses its moving statistics.
 *
 * @param unit index of the unit in its layer
 * @param position index among the reader's `positions` of the unit
 */
export function constantAt(
  reader: UnitReader,
  tensors: ReadonlyMap<string, Tensor>,
  {
    value,
    unit,
    units,
    position,
  }: { readonly value: number; readonly unit: number; readonly units: number; readonly position: number },
): number {
  let current = value;
  let index = unit;
  for (const layer of reader.through) {
    switch (layer.type) {
      case 'relu':
        current = Math.max(0, current);
        break;
      case 'flatten':
        index = position * units + unit;
        break;
      case 'batchNorm':
        current = normalise(layer, tensors, { value: current, index });
        break;
      case 'maxPool':
      case 'averagePool':
      case 'globalAveragePool':
      case 'dropout':
        break;
      case 'dense':
      case 'conv2d':
      case 'localResponseNorm':
      case 'add':
      case 'concat':
        throw new TypeError(`a chain of units does not run through a ${layer.type}`);
      default:
        return assertNever(layer);
    }
  }
  return current;
}

/** May a constant be moved into the reader's bias? Zero always; another one not across zero padding, which is no constant. */
export function foldsExactly(reader: UnitReader, value: number): boolean {
  if (value === 0) return true;
  const { layer } = reader;
  if (!layer.bias) return false;
  return (
    layer.type === 'dense' || layer.padding === 'valid' || (layer.kernel[0] === 1 && layer.kernel[1] === 1)
  );
}

function normalise(
  layer: LayerSpec & { readonly type: 'batchNorm' },
  tensors: ReadonlyMap<string, Tensor>,
  { value, index }: { readonly value: number; readonly index: number },
): number {
  const read = (role: string): number => requireFloat32(tensors, `${layer.name}/${role}`)[index];
  const scale = read('gamma') / Math.sqrt(read('movingVariance') + layer.epsilon);
  return (value - read('movingMean')) * scale + read('beta');
}
