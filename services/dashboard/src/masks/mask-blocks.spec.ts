import { VIEW_LIMITS } from '@espalier/protocol/view';
import { blocksOf, MOST_BITS } from './mask-blocks';

describe('blocks of a large mask', () => {
  it('begin where the wire has them', () => {
    expect(MOST_BITS).toBe(VIEW_LIMITS.maxBitWeights);
  });

  it('are at most 256 a side, and no weight is left out', () => {
    const values = new Float32Array(600 * 300);
    values[599 * 300 + 299] = 1;
    const { grid, shares } = blocksOf([600, 300], values);
    expect(grid).toEqual([256, 256]);
    expect([...shares].flatMap((share, at) => (share > 0 ? [[at, share]] : []))).toEqual([
      [256 * 256 - 1, Math.round(15 * Math.sqrt(1 / 6))],
    ]);
  });

  it('go by the square root of what they keep; 15 is everything, and 0 nothing', () => {
    const values = new Float32Array(512 * 512).fill(1);
    values[0] = 0;
    values.fill(0, 2, 4);
    values.fill(0, 512 + 2, 512 + 4);
    expect([...blocksOf([2, 256, 512], values).shares.subarray(0, 3)]).toEqual([13, 0, 15]);
  });
});
