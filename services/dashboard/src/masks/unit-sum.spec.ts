import { entryInWords, maskChange } from './mask-change';
import { maskOfValues } from './mask-picture';
import { unitSum } from './unit-sum';

// Image 2 x 1, three units: pixel 1 has one weight left of three, pixel 2 all; before, all but one.
const before = maskOfValues('fc1', [2, 3], Float32Array.of(1, 1, 0, 1, 1, 1));
const now = maskOfValues('fc1', [2, 3], Float32Array.of(0, 1, 0, 1, 1, 1));

describe('the sum over all units', () => {
  it('counts by pixel, now and before', () => {
    const sum = unitSum(maskChange(now, before), [2, 1, 1]);
    expect([...(sum?.picture.shares ?? [])]).toEqual([1, 3]);
    expect([...(sum?.before.shares ?? [])]).toEqual([2, 3]);
    expect(sum?.picture.full).toBe(3);
    expect(sum?.counts).toMatchObject({ removed: 1 });
    expect([0, 1].map((pixel) => sum && entryInWords(sum, pixel))).toEqual(['1 kept, 2 before', '3 kept']);
  });

  it('is none for a layer that reads no such image', () => {
    expect(unitSum(maskChange(now), [3, 1, 1])).toBeUndefined();
  });
});
