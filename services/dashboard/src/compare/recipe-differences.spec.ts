import { recipeDifferences } from './recipe-differences';

describe('differences of recipes', () => {
  const one = {
    name: 'a',
    train: { epochs: 3, batchSize: 128 },
    prune: { keep: { global: 0.08 } },
    resolved: { data: 'x' },
  };
  const other = {
    name: 'a',
    train: { epochs: 5, batchSize: 128 },
    prune: { keep: { layers: { fc1: 0.1 } } },
    resolved: { data: 'y' },
  };

  it('are the settings that not all have, or not all have alike', () => {
    expect(recipeDifferences([one, other])).toEqual([
      { setting: 'prune.keep.global', values: ['0.08', undefined] },
      { setting: 'prune.keep.layers.fc1', values: [undefined, '0.1'] },
      { setting: 'train.epochs', values: ['3', '5'] },
    ]);
  });

  it('are none between a recipe and itself', () => expect(recipeDifferences([one, one, one])).toEqual([]));

  it('take a list as one setting, cut where it is long', () => {
    const [{ values }] = recipeDifferences([{ list: [1, 2] }, { list: Array(100).fill(1) }]);
    expect(values[0]).toBe('[1,2]');
    expect(values[1]).toHaveLength(121);
  });
});
