import { Mask, float32, type Tensor } from '@espalier/tensor';
import { applyMasks } from './apply-masks';

describe('applyMasks', () => {
  const mask = Mask.fromFlags([4], [1, 0, 0, 1]);
  const values = (...data: number[]): Tensor => float32([4], Float32Array.from(data));
  const tensors = new Map<string, Tensor>([
    ['a/kernel', values(1, -2, 3, 4)],
    ['a/kernel:momentum', values(5, 6, -7, 8)],
    ['a/kernel:m', values(1, 1, 1, 1)],
    ['a/kernel:v', values(2, 2, 2, 2)],
    ['a/bias', values(1, 1, 1, 1)],
  ]);
  const masked = applyMasks(tensors, new Map([['a/kernel', mask]]));

  it('sets removed weights and their optimizer state to +0, never -0, and keeps that of survivors', () => {
    expect([...(masked.get('a/kernel') as Tensor).data]).toEqual([1, 0, 0, 4]);
    expect([...(masked.get('a/kernel:momentum') as Tensor).data]).toEqual([5, 0, 0, 8]);
    expect([...(masked.get('a/kernel:m') as Tensor).data]).toEqual([1, 0, 0, 1]);
    expect([...(masked.get('a/kernel:v') as Tensor).data]).toEqual([2, 0, 0, 2]);
    expect(Object.is((masked.get('a/kernel') as Tensor).data[1], 0)).toBe(true);
  });

  it('stores the mask, shares what no mask concerns, and changes nothing in place', () => {
    expect(Mask.fromTensor(masked.get('a/kernel:mask') as Tensor).equals(mask)).toBe(true);
    expect(masked.get('a/bias')).toBe(tensors.get('a/bias'));
    expect([...(tensors.get('a/kernel') as Tensor).data]).toEqual([1, -2, 3, 4]);
  });
});
