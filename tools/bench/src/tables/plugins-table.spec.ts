import type { CombinedPoint, PluginsResults } from '../plugins/results';
import { pluginsTable } from './plugins-table';

const point = (name: string, bytes: number, error = 0.02): CombinedPoint => ({
  name,
  runs: [1, 2].map((seed) => ({ seed, bytes, error: error + (seed - 1) / 1000, kept: 100 })),
});

function tableOf(combinations: readonly CombinedPoint[], networks: PluginsResults['networks'] = []): string {
  return pluginsTable({
    version: 1,
    bench: 'plugins',
    circumstances: {
      date: '2026-11-24',
      command: 'espalier bench plugins',
      code: { commit: 'c'.repeat(40), dirty: false },
      node: 'v20',
      machine: { cpu: 'cpu', cores: 2, memoryGiB: 1, os: 'os' },
    },
    load: [0, 0],
    sweep: 'sweep.yaml',
    combinations,
    networks,
  });
}

it('says whether hashing on top of pruning is smaller than either, and when it is not', () => {
  const alone = [point('dense', 4000), point('hashed', 1000), point('pruned', 900)];
  expect(tableOf([...alone, point('pruned + hashed', 300)])).toContain(
    'pruned is 3.0x smaller than the smaller of the two alone, at no more error',
  );
  expect(tableOf([...alone, point('pruned + hashed', 300, 0.021)])).toContain(
    'pruned is 3.0x smaller than the smaller of the two alone, but **not at the same error**: 2.15 %',
  );
  expect(tableOf([...alone, point('pruned + hashed', 1800)])).toContain(
    'is not smaller than the smaller of the two alone (2.0x',
  );
});

it('calls a pattern exact only when nothing breaks it and every count is right', () => {
  const layer = { name: 'fc1', shape: [4, 1], weights: 4, kept: 2, expected: 2, broken: 0 };
  const of = (change: object): string =>
    tableOf(
      [],
      [
        {
          title: 'LeNet-5',
          network: 'lenet-5',
          points: [
            {
              name: 'nm',
              recipe: 'r',
              sets: [],
              runs: [{ seed: 1, error: 0.01, bytes: 10, kept: 2, us: 5, layers: [{ ...layer, ...change }] }],
            },
          ],
        },
      ],
    );
  expect(of({})).toMatch(/\| +exact \|/);
  expect(of({ broken: 3 })).toContain('broken 3 times');
  expect(of({ kept: 1 })).toContain('broken 1 times');
});
