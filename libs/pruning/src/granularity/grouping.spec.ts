import type { Granularity } from '@espalier/plugin-api';
import { Mask } from '@espalier/tensor';
import { granularityByName } from './granularity-by-name';
import { groupScores } from './grouping';

describe('unit', () => {
  it('groups the columns of a dense kernel and the filters of a convolution', async () => {
    const unit = granularityByName('unit');
    expect(unit.groupCount([2, 3])).toBe(3);
    expect([...unit.groupsOf([2, 3])]).toEqual([0, 1, 2, 0, 1, 2]);
    expect([...unit.groupsOf([2, 2, 1, 2])]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(granularityByName('filter').groupsOf([2, 3])).toEqual(unit.groupsOf([2, 3]));
  });
});

describe('weight', () => {
  it('has a group for each weight', async () => {
    const weight = granularityByName('weight');
    expect(weight.groupCount([2, 2])).toBe(4);
    expect([...weight.groupsOf([2, 2])]).toEqual([0, 1, 2, 3]);
  });

  it('gives the same masks by its fast way as any other granularity by groups', async () => {
    const scores = Float32Array.of(3, 1, 4, 1, 5, 9);
    const alive = Mask.fromFlags([2, 3], [1, 1, 0, 1, 1, 0]);
    const kept = Mask.fromFlags([6], [1, 0, 0, 1, 0, 0]);
    const fast = await groupScores(granularityByName('weight'), [2, 3], { scores, alive });
    const slow = await groupScores({ ...granularityByName('weight') }, [2, 3], { scores, alive });
    expect(fast.expand(kept).toFlags()).toEqual(slow.expand(kept).toFlags());
    expect(fast.expand(kept).shape).toEqual([2, 3]);
    expect(fast.eligible?.toFlags()).toEqual(slow.eligible?.toFlags());
  });
});

describe('groupScores', () => {
  it('takes the mean over what is left, and drops groups without anything left', async () => {
    const scores = Float32Array.of(1, 2, 3, 5, 6, 7);
    const alive = Mask.fromFlags([2, 3], [1, 1, 0, 0, 1, 0]);
    const grouping = await groupScores(granularityByName('unit'), [2, 3], { scores, alive });
    expect([...grouping.scores]).toEqual([1, 4, 0]);
    expect([...(grouping.eligible?.toFlags() ?? [])]).toEqual([1, 1, 0]);
  });
});

describe('granularityByName', () => {
  it('names the nearest when there is none of that name', async () => {
    expect(() => granularityByName('weights')).toThrow(
      'there is no granularity called "weights"; did you mean "weight"?',
    );
  });
});

describe('a granularity that is not one', () => {
  const scores = new Float32Array(4);
  const broken = (change: Partial<Granularity>) =>
    groupScores({ ...granularityByName('unit'), name: 'broken', ...change }, [2, 2], { scores });

  it('is refused before it is believed', async () => {
    await expect(broken({ groupsOf: () => new Uint32Array(3) })).rejects.toThrow(
      'PRUNING_GROUPS: granularity "broken", asked for the shape [2,2], gives 3 weights a group',
    );
    await expect(broken({ groupCount: () => 1 })).rejects.toThrow('puts weight 1 into group 1 of 1');
    await expect(broken({ groupCount: () => NaN })).rejects.toThrow('says that there are NaN groups');
  });
});
