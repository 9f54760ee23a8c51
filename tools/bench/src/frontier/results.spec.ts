import { seedResult } from '../testing';
import { frontierRun, summarisePoint, type FrontierRun } from './results';

function run(
  stages: readonly [string, number, boolean][],
  earlier: readonly FrontierRun[] = [],
  dense = 'd',
): FrontierRun {
  const { report } = seedResult();
  const listed = stages.map(([stage, seconds, cached]) => ({ stage, seconds, cached, wireBytes: 0 }));
  return frontierRun(seedResult({ report: { ...report, stages: listed } }), dense, earlier);
}

describe('frontierRun', () => {
  const first = run([
    ['train', 30, false],
    ['prune 1', 5, false],
  ]);

  it('counts a stage from the cache as long as it took an earlier run from the same dense network', () => {
    expect(first.seconds).toBe(35);
    const second = run(
      [
        ['train', 0, true],
        ['prune 1', 7, false],
      ],
      [first],
    );
    expect(second.seconds).toBe(37);
  });

  it('says no seconds where no run is known that did what the cache had', () => {
    expect(run([['train', 0, true]]).seconds).toBeUndefined();
    expect(run([['train', 0, true]], [first], 'another dense network').seconds).toBeUndefined();
    const cached = run([['train', 0, true]]);
    expect(run([['train', 0, true]], [cached]).seconds).toBeUndefined();
  });

  it('counts weights and bytes of the file', () => {
    expect(first).toMatchObject({ bytes: 9000, kept: 20_000, error: 0.0155, denseError: 0.009 });
  });
});

describe('summarisePoint', () => {
  it('takes ratios of each run, not of the means', () => {
    const one = run([['train', 1, false]]);
    const runs = [one, { ...one, seed: 2, bytes: 3000 }];
    const point = { name: 'p', recipe: 'r.yaml', sets: [], levels: '16', runs };
    const { bytesRatio, error } = summarisePoint({ weights: 266_200, denseBytes: 90_000 }, point);
    expect(bytesRatio).toEqual({ mean: 20, min: 10, max: 30 });
    expect(error.mean).toBe(0.0155);
  });
});
