import { histogramPlaces } from './histogram';

describe('a histogram', () => {
  it('has bars side by side, the highest of height 1', () => {
    const { bars } = histogramPlaces({ from: -1, to: 1, counts: [1, 0, 4, 2], thresholds: [] });
    expect(bars.map(({ left }) => left)).toEqual([0, 0.25, 0.5, 0.75]);
    expect(bars.map(({ height }) => height)).toEqual([0.25, 0, 1, 0.5]);
  });

  it('has thresholds on both sides of zero, where they are within the axis', () => {
    const places = histogramPlaces({ from: -1, to: 3, counts: [1], thresholds: [0.5, 2] });
    expect(places.zero).toBe(0.25);
    expect([...places.thresholds].sort()).toEqual([0.125, 0.375, 0.75]);
  });

  it('has neither zero nor bars where there are none', () => {
    expect(histogramPlaces({ from: 1, to: 2, counts: [], thresholds: [] })).toEqual({
      bars: [],
      thresholds: [],
    });
  });
});
