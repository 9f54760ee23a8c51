/** Rules of shapes that several operations share. */
import type { Shape } from '@espalier/tensor';
import { engineError } from '../errors';
import type { Value } from './node';

/** The shape of a result whose inputs are broadcast against each other, last axes aligned (NumPy's rule). */
export function broadcastShape(operation: string, a: Value, b: Value): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a.shape[a.shape.length - rank + axis] ?? 1;
    const right = b.shape[b.shape.length - rank + axis] ?? 1;
    if (left !== right && left !== 1 && right !== 1) throw refuse(operation, [a, b], 'the shapes do not fit');
    return left === 1 ? right : left;
  });
}

/** ENGINE_GRAPH for inputs that an operation cannot take. */
export function refuse(operation: string, inputs: readonly Value[], problem: string): Error {
  const shown = inputs.map(({ dtype, shape }) => `${dtype}[${shape.join(', ')}]`).join(' and ');
  return engineError('ENGINE_GRAPH', { operation, inputs: shown, problem });
}

/** Throws ENGINE_GRAPH unless each input has the rank that is expected of it. */
export function requireRanks(operation: string, inputs: readonly Value[], ranks: readonly number[]): void {
  ranks.forEach((rank, i) => {
    if (inputs[i].shape.length !== rank)
      throw refuse(operation, inputs, `input ${i} should have ${rank} axes`);
  });
}

/** Output size of a window that slides along one axis, and the padding on both sides (TensorFlow's rules). */
export function windowOutput(
  input: number,
  window: number,
  stride: number,
  padding: 'valid' | 'same',
): number {
  return padding === 'same' ? Math.ceil(input / stride) : Math.floor((input - window) / stride) + 1;
}
