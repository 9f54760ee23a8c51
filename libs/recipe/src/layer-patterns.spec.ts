import { matchesLayer, nearestPatterns, settingForLayer, valueForLayer } from './layer-patterns';

const conv1 = { name: 'conv1', type: 'conv2d' };
const conv12 = { name: 'conv1_2', type: 'conv2d' };
const fc1 = { name: 'fc1', type: 'dense' };

describe('layer patterns', () => {
  it('match by name, glob and type', () => {
    expect(matchesLayer('fc1', fc1)).toBe(true);
    expect(matchesLayer('fc*', fc1)).toBe(true);
    expect(matchesLayer('dense', fc1)).toBe(true);
    expect(matchesLayer('conv?', conv1)).toBe(true);
    expect(matchesLayer('conv?', conv12)).toBe(false);
    expect(matchesLayer('fc', fc1)).toBe(false);
  });

  it('let the name win over a longer glob, a shorter one, the type, and *', () => {
    const values = { '*': 0, dense: 1, 'f*': 2, 'fc*': 3, fc1: 4 };
    for (const expected of [4, 3, 2, 1, 0]) {
      expect(valueForLayer(values, fc1)).toBe(expected);
      delete (values as Record<string, number>)[Object.keys(values).at(-1) as string];
    }
    expect(valueForLayer(values, fc1)).toBeUndefined();
  });

  it('show a tie', () => {
    expect(nearestPatterns(['con*', 'c*v', '*nv1', '*'], conv1)).toEqual(['con*', '*nv1']);
  });
});

describe('settingForLayer', () => {
  it('gives one value for all, or the value of the layer', () => {
    expect(settingForLayer<number>(3, fc1)).toBe(3);
    expect(settingForLayer<number>({ dense: 5 }, fc1)).toBe(5);
    expect(settingForLayer<number>({ dense: 5 }, conv1)).toBeUndefined();
    expect(settingForLayer<number[]>([1, 2], fc1)).toEqual([1, 2]);
  });
});
