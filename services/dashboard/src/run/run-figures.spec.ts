import type { StageView } from '@espalier/protocol/view';
import { keptShareOf, lastStep, layerName, runFigures, stageMarkers, testErrorPoints } from './run-figures';

const base = { hasView: false, state: 'done' } as const;
const layers = (kept: number) => [
  { name: 'fc1/kernel', weights: 80, kept },
  { name: 'fc2/kernel', weights: 20, kept: 10 },
];
const STAGES: StageView[] = [
  {
    ...base,
    key: 'a',
    title: 'train',
    kind: 'train',
    baseX: 0,
    seconds: 5,
    layers: layers(80),
    metrics: { testError: 0.02 },
  },
  {
    ...base,
    key: 'b',
    title: 'prune 1',
    kind: 'prune',
    round: 1,
    baseX: 100,
    seconds: 1,
    layers: layers(40),
  },
  {
    ...base,
    key: 'c',
    title: 'retrain 1',
    kind: 'retrain',
    round: 1,
    baseX: 100,
    seconds: 4,
    layers: layers(40),
    metrics: { testError: 0.03 },
  },
  { ...base, key: 'd', title: 'shrink', kind: 'shrink', baseX: 150, seconds: 0.5, layers: [] },
  { ...base, key: 'e', title: 'share', kind: 'share', baseX: 150, seconds: 0.5 },
  { ...base, key: 'f', title: 'evaluate', kind: 'evaluate', baseX: 150, state: 'waiting' },
];

describe('the figures of a run', () => {
  it('are those of the stages while it goes on', () => {
    expect(runFigures({ stages: STAGES })).toEqual({
      denseError: 0.02,
      error: 0.03,
      errorOf: 'retrain 1',
      weights: 100,
      kept: 50,
      bytes: undefined,
      denseBytes: undefined,
      seconds: 11,
      finishedStages: 5,
    });
  });

  it('are those of the file when there is a report', () => {
    const report = {
      artifact: { error: 0.025, bytes: 40, denseBytes: 400 },
      weights: { total: 100, kept: 12, ratio: 8.3 },
    };
    expect(runFigures({ stages: STAGES, report })).toMatchObject({
      error: 0.025,
      errorOf: 'the file',
      kept: 12,
      bytes: 40,
      denseBytes: 400,
    });
  });

  it('are unknown before anything is done', () => {
    expect(runFigures({ stages: [] })).toMatchObject({ error: undefined, kept: undefined, seconds: 0 });
  });
});

it('rounds are marked by their number, what follows by the last name at that step', () => {
  expect(stageMarkers(STAGES)).toEqual([
    { x: 100, label: '1' },
    { x: 150, label: 'share' },
  ]);
});

it('test errors stand where their stages end', () => {
  const { x, last } = testErrorPoints(STAGES, 180);
  expect([[...x], [...last]]).toEqual([
    [100, 150],
    [0.02, 0.03],
  ]);
});

it('the last step is that of a stage or a series', () => {
  expect(lastStep(STAGES, undefined)).toBe(150);
  const y = Float64Array.of(0, 0);
  const columns = { length: 2, x: Float64Array.of(1, 170), min: y, max: y, last: y };
  expect(lastStep(STAGES, new Map([['loss', columns]]))).toBe(170);
});

it('a stage has kept a share of its weights', () => {
  expect(keptShareOf(STAGES[1])).toBe(0.5);
  expect(keptShareOf(STAGES[3])).toBeUndefined();
});

it('layers are called without the name of their kernel', () => {
  expect([layerName('fc1/kernel'), layerName('block/conv')]).toEqual(['fc1', 'block/conv']);
});
