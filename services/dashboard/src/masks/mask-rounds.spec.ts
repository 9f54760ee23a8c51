import { latestMoment, maskMoments, momentOfRound } from './mask-rounds';

const stage = (title: string, round?: number, more: { hasView?: boolean; viewVersion?: number } = {}) => ({
  ...{ key: title, title, hasView: true, ...more },
  ...(round === undefined ? {} : { round }),
});

describe('moments of masks', () => {
  it('are one a round, after its last stage with pictures, and one a stage outside of rounds', () => {
    const stages = [
      stage('train', undefined, { hasView: false }),
      stage('prune 1', 1),
      stage('retrain 1', 1),
      stage('prune 2', 2, { viewVersion: 3 }),
      stage('retrain 2', 2, { hasView: false }),
      stage('share'),
    ];
    expect(maskMoments(stages)).toEqual([
      { key: 'retrain 1', title: 'round 1', version: 0, round: 1 },
      { key: 'prune 2', title: 'round 2', version: 3, round: 2 },
      { key: 'share', title: 'share', version: 0 },
    ]);
  });

  it('are first seen at the latest round, not at what follows it', () => {
    expect(latestMoment(maskMoments([stage('prune 1', 1), stage('prune 2', 2), stage('share')]))).toBe(1);
    expect(latestMoment(maskMoments([stage('train')]))).toBe(0);
  });

  it('are found by their round', () => {
    const moments = maskMoments([stage('train'), stage('prune 1', 1), stage('prune 2', 2)]);
    expect([1, 2, 3, undefined].map((round) => momentOfRound(moments, round))).toEqual([
      1,
      2,
      undefined,
      undefined,
    ]);
  });

  it('are none before anything was pruned', () => {
    expect(maskMoments([stage('train', undefined, { hasView: false })])).toEqual([]);
  });
});
