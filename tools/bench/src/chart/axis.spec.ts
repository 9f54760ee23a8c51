import { decades, evenSteps, onesTwosFives, placeOn } from './axis';

describe('an axis', () => {
  it('places values by difference, or by ratio', () => {
    expect(placeOn({ scale: 'linear', from: 10, to: 30 }, 15)).toBe(0.25);
    expect(placeOn({ scale: 'log', from: 1, to: 100 }, 10)).toBeCloseTo(0.5, 12);
  });
});

describe('ticks', () => {
  it('of decades enclose the values, and are two at least', () => {
    expect(decades([0.02, 3])).toEqual([0.01, 0.1, 1, 10]);
    expect(decades([10, 10])).toEqual([10, 100]);
  });

  it('of 1, 2, 5 lie beyond the values on both sides', () => {
    expect(onesTwosFives([12, 67])).toEqual([10, 20, 50, 100]);
    expect(onesTwosFives([20, 1110])).toEqual([10, 20, 50, 100, 200, 500, 1000, 2000]);
  });

  it('of even steps are round, and enclose the values', () => {
    expect(evenSteps([0.0058, 0.0102], 5)).toEqual([0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.011]);
    expect(evenSteps([0, 11], 11)).toHaveLength(12);
    expect(evenSteps([0.1, 0.3], 2)).toEqual([0.1, 0.2, 0.3]);
    expect(evenSteps([5, 5], 5)).toEqual([5]);
  });
});
