import type { SensitivityView } from '@espalier/protocol/view';
import { linearTicks } from '../charts/ticks';
import {
  lineOf,
  markOf,
  markPath,
  orderedPoints,
  placeError,
  placeKept,
  sensitivityScale,
} from './sensitivity';

const VIEW: SensitivityView = {
  denseError: 0.02,
  retrainSteps: 100,
  curves: [
    {
      layer: 'fc1',
      points: [
        { keep: 0.1, error: 0.06, retrainedError: 0.03 },
        { keep: 0.5, error: 0.02, retrainedError: 0.018 },
        { keep: 0.01, error: 0.9, retrainedError: 0.2 },
      ],
    },
    { layer: 'fc2', points: [{ keep: 0.3, error: 0.5, retrainedError: 0 }] },
  ],
};

describe('the chart of sensitivity', () => {
  const scale = sensitivityScale(VIEW);

  it('has room for every point and for the dense network', () => {
    for (const { points } of VIEW.curves) {
      for (const { keep, error, retrainedError } of points) {
        for (const place of [
          placeKept(keep, scale),
          placeError(error, scale),
          placeError(retrainedError, scale),
        ]) {
          expect(place).toBeGreaterThan(0);
          expect(place).toBeLessThanOrEqual(1);
        }
      }
    }
    expect(placeKept(1, scale)).toBeCloseTo(0, 12);
    expect(placeError(0.02, scale)).toBeLessThan(1);
  });

  it('has fewer weights to the right, less error below, and equal distances for equal ratios', () => {
    expect(placeKept(0.1, scale)).toBeGreaterThan(placeKept(0.5, scale));
    expect(placeError(0.03, scale)).toBeGreaterThan(placeError(0.06, scale));
    const step = (from: number): number => placeKept(from / 10, scale) - placeKept(from, scale);
    expect(step(0.1)).toBeCloseTo(step(1), 12);
    const rise = (from: number): number => placeError(from, scale) - placeError(2 * from, scale);
    expect(rise(0.1)).toBeCloseTo(rise(0.3), 12);
  });

  it('puts no error at all at the end of its axis', () => {
    expect(placeError(0, scale)).toBe(1);
  });

  it('is there before anything has been measured', () => {
    const empty = sensitivityScale({ curves: [] });
    for (const value of Object.values(empty)) expect(value).toBeGreaterThan(0);
    expect(linearTicks(empty.fromError, empty.toError, 5).length).toBeGreaterThan(1);
  });

  it('draws lines from the whole layer to what is left of it', () => {
    expect(lineOf(VIEW.curves[0], 'retrainedError', 0.02)).toEqual([
      { keep: 1, error: 0.02 },
      { keep: 0.5, error: 0.018 },
      { keep: 0.1, error: 0.03 },
      { keep: 0.01, error: 0.2 },
    ]);
    expect(lineOf(VIEW.curves[0], 'error', undefined)[0]).toEqual({ keep: 0.5, error: 0.02 });
    const whole = { layer: 'fc3', points: [{ keep: 1, error: 0.02, retrainedError: 0.01 }] };
    expect(lineOf(whole, 'retrainedError', 0.02)).toEqual([{ keep: 1, error: 0.01 }]);
  });

  it('lists the points of a layer from the most to the least kept', () => {
    expect(orderedPoints(VIEW.curves[0]).map(({ keep }) => keep)).toEqual([0.5, 0.1, 0.01]);
  });

  it('marks layers that have one colour differently', () => {
    const looks = Array.from({ length: 21 }, (_, layer) => `${layer % 7} ${markOf(layer, 7)}`);
    expect(new Set(looks).size).toBe(21);
    expect(
      new Set(['circle', 'square', 'triangle'].map((_, i) => markPath(markOf(7 * i, 7), 0, 0, 4))).size,
    ).toBe(3);
  });
});
