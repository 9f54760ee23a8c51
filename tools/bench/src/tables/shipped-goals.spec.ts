import type { PluginsResults, PluginsRun } from '../plugins/results';
import { shippedGoals } from './shipped-goals';

const RUN: PluginsRun = { seed: 1, error: 0.01, bytes: 9, kept: 10, us: 100 };
const layer = { name: 'fc1/kernel', shape: [4, 5], kept: 10, weights: 20, expected: 10, broken: 0 };

function metOf(filters: Partial<PluginsRun>): boolean[] {
  const point = (name: string, run: PluginsRun) => ({ name, recipe: '', sets: [], runs: [run] });
  const points = [point('dense', RUN), point('filters', { ...RUN, layers: [layer], us: 99, ...filters })];
  const networks = [{ title: 'LeNet-5', network: 'lenet-5', points }];
  return shippedGoals({ networks } as unknown as PluginsResults).map(({ met }) => met);
}

describe('goals of the shipped plugins', () => {
  it('are met by an exact pattern and less time', () => {
    expect(metOf({})).toEqual([true, true]);
  });

  it.each([
    ['a broken group', { layers: [{ ...layer, broken: 1 }] }, [false, true]],
    ['another count', { layers: [{ ...layer, kept: 11 }] }, [false, true]],
    ['the same time', { us: 100 }, [true, false]],
  ])('are missed with %s', (_, change, met) => {
    expect(metOf(change)).toEqual(met);
  });
});
