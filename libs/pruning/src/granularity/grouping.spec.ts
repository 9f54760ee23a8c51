import { Mask } from '@espalier/tensor';
import { granularityByName } from './granularity-by-name';
import { groupScores } from './grouping';

describe('unit', () => {
  it('groups the columns of a dense kernel and the filters of a convolution', () => {
    const unit = granularityByName('unit');
    expect(unit.groupCount([2, 3])).toBe(3);
    expect([...unit.groupsOf([2, 3])]).toEqual([0, 1, 2, 0, 1, 2]);
    expect([...unit.groupsOf([2, 2, 1, 2])]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(granularityByName('filter')).toBe(unit);
  });
});

describe('weight', () => {
  it('has a group for each weight', () => {
    const weight = granularityByName('weight');
    expect(weight.groupCount([2, 2])).toBe(4);
    expect([...weight.groupsOf([2, 2])]).toEqual([0, 1, 2, 3]);
  });

  it('gives the same masks by its fast way as any other granularity by groups', () => {
    const scores = Float32Array.of(3, 1, 4, 1, 5, 9);
    const alive = Mask.fromFlags([2, 3], [1, 1, 0, 1, 1, 0]);
    const kept = Mask.fromFlags([6], [1, 0, 0, 1, 0, 0]);
    const fast = groupScores(granularityByName('weight'), [2, 3], { scores, alive });
    const slow = groupScores({ ...granularityByName('weight') }, [2, 3], { scores, alive });
    expect(fast.expand(kept).toFlags()).toEqual(slow.expand(kept).toFlags());
    expect(fast.expand(kept).shape).toEqual([2, 3]);
    expect(fast.eligible?.toFlags()).toEqual(slow.eligible?.toFlags());
  });
});

describe('groupScores', () => {
  it('takes the mean over what is left, and drops groups without anything left', () => {
    const scores = Float32Array.of(1, 2, 3, 5, 6, 7);
    const alive = Mask.fromFlags([2, 3], [1, 1, 0, 0, 1, 0]);
    const grouping = groupScores(granularityByName('unit'), [2, 3], { scores, alive });
    expect([...grouping.scores]).toEqual([1, 4, 0]);
    expect([...(grouping.eligible?.toFlags() ?? [])]).toEqual([1, 1, 0]);
  });
});

describe('granularityByName', () => {
  it('names the nearest when there is none of that name', () => {
    expect(() => granularityByName('weights')).toThrow(
      'there is no granularity called "weights"; did you mean "weight"?',
    );
  });
});
