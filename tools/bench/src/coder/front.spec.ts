import { bitsAt, compareErrors, compareFronts, paretoFront, type RatePoint } from './front';

const point = (bits: number, dB: number): RatePoint => ({ bytes: bits, bits, dB, how: '' });

describe('fronts of rate and distortion', () => {
  it('leave out what another point beats in both', () => {
    const front = paretoFront([point(3, -20), point(1, -5), point(2, -4), point(2.5, -20), point(4, -30)]);
    expect(front.map(({ bits }) => bits)).toEqual([1, 2.5, 4]);
  });

  it('give bits between their points, and none beyond their ends', () => {
    const front = [point(1, -5), point(3, -15)];
    expect(bitsAt(front, -10)).toBe(2);
    expect(bitsAt(front, -5)).toBe(1);
    expect(bitsAt(front, -4)).toBeUndefined();
    expect(bitsAt(front, -16)).toBeUndefined();
  });

  it('are compared at the points of the other, the worst one named', () => {
    const comparison = compareFronts(
      [point(1, -5), point(3, -15)],
      [point(1.6, -7), point(2, -10), point(9, -14)],
      [1, 6],
    );
    expect(comparison).toEqual({ points: 2, worst: 1, mean: (1.4 / 1.6 + 1) / 2, worstAtBits: 2 });
  });

  it('are compared by test error where that of the other falls, with no more bits', () => {
    const tested = (bits: number, error: number): RatePoint => ({ ...point(bits, 0), error });
    const ours = [tested(1, 0.5), tested(3, 0.25), tested(4, 0.75), point(5, 0)];
    const theirs = [tested(2, 0.25), tested(2.5, 0.5), tested(5, 0.125), tested(7, 0)];
    expect(compareErrors(ours, theirs, [1, 6])).toEqual({
      points: 2,
      mean: 0.1875,
      worst: 0.25,
      worstAtBits: 2,
    });
    expect(compareErrors(ours, [point(3, 0)], [1, 6])).toBeUndefined();
  });
});
