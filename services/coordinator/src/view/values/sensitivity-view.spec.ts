import type { JsonValue } from '@espalier/base';
import { parseRecipe } from '@espalier/recipe';
import type { FinishedStage, StageSpec } from '@espalier/stages';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FinishedRunStage, RunState } from '../../fold-run';
import type { RunEvent } from '../../run-events';
import { stagesPlanner } from '../../stages-planner';
import { addToStory, EMPTY_STORY, type RunStory } from './run-story';
import { runView } from './run-view';

const text = readFileSync(join(__dirname, '../../../../../test/golden/recipe-resolved-v1.yaml'), 'utf8');
const recipeWith = (...sets: string[]): JsonValue =>
  parseRecipe(text, { file: 'recipe-resolved-v1.yaml', sets }).recipe as unknown as JsonValue;
const recipe = recipeWith('prune.sensitivity={ keep: [0.5, 0.1], retrainSteps: 20 }');

function nextSpec(finished: readonly FinishedStage[], of = recipe): StageSpec {
  const step = stagesPlanner.nextStage(of, finished);
  if (step.step === 'done') throw new Error('there is no such stage');
  return step.spec;
}

function finish(spec: StageSpec, metrics: Record<string, JsonValue>): FinishedRunStage {
  const outputs: FinishedStage['result']['outputs'] =
    spec.kind === 'train' ? { snapshot: { kind: 'snapshot', digest: 'd'.repeat(64) } } : {};
  return {
    spec,
    key: stagesPlanner.stageKey(spec),
    title: stagesPlanner.stageTitle(spec),
    result: { outputs, metrics },
    service: 'trainer',
    serviceId: 'trainer-1',
    wire: { dense: 0, masked: 0, had: 0, overhead: 0 },
    seconds: 1,
    cached: false,
  };
}

const train = finish(nextSpec([]), { heldOutError: 0.02 });
const key = stagesPlanner.stageKey(nextSpec([train]));

function sensitivityOf(
  finished: readonly FinishedRunStage[],
  story: RunStory = EMPTY_STORY,
  { of = recipe, status = 'running' }: { readonly of?: JsonValue; readonly status?: RunState['status'] } = {},
) {
  const times = { createdAt: 1, updatedAt: 2, seq: 3 };
  const state: RunState = { id: 'r1', recipe: of, dataUrls: [], ...times, status, finished };
  const view = runView(state, { planner: stagesPlanner, story, seriesStages: [], viewVersion: () => 0 });
  return { view: view.sensitivity, stages: view.stages, log: view.log };
}

const COMMON = { denseError: 0.02, retrainSteps: 20, total: 4 };
function measured(
  layer: string,
  keep: number,
  error: number,
  retrainedError: number,
): Record<string, unknown> {
  const fields = { key, title: 'sensitivity', layer, keep, error, retrainedError, ...COMMON };
  return { type: 'stage.measured', fields };
}

const tell = (...events: readonly Record<string, unknown>[]): RunStory =>
  events
    .map((event, i) => ({ seq: i + 1, at: 10 * (i + 1), ...event }) as unknown as RunEvent)
    .reduce(addToStory, EMPTY_STORY);

const POINTS = [
  measured('fc1', 0.5, 0.03, 0.021),
  measured('fc1', 0.1, 0.4, 0.05),
  measured('fc2', 0.5, 0.025, 0.022),
];

describe('the sensitivity of a run', () => {
  it('has the points that have been told, each with the next event', () => {
    const points = (events: number) =>
      sensitivityOf([train], tell(...POINTS.slice(0, events))).view?.curves.map((curve) => [
        curve.layer,
        curve.points.length,
      ]);
    expect([0, 1, 2, 3].map(points)).toEqual([
      [],
      [['fc1', 1]],
      [['fc1', 2]],
      [
        ['fc1', 2],
        ['fc2', 1],
      ],
    ]);
    expect(sensitivityOf([train], tell(...POINTS)).view).toEqual({
      denseError: 0.02,
      retrainSteps: 20,
      curves: [
        {
          layer: 'fc1',
          points: [
            { keep: 0.5, error: 0.03, retrainedError: 0.021 },
            { keep: 0.1, error: 0.4, retrainedError: 0.05 },
          ],
        },
        { layer: 'fc2', points: [{ keep: 0.5, error: 0.025, retrainedError: 0.022 }] },
      ],
    });
  });

  it('stays as it is while the run is paused, and when its log is read again', () => {
    const story = tell(...POINTS);
    const running = sensitivityOf([train], story);
    expect(sensitivityOf([train], story, { status: 'paused' }).view).toEqual(running.view);
    expect(addToStory(story, { seq: 2, at: 20, ...POINTS[1] } as unknown as RunEvent)).toEqual(story);
  });

  it('has a point once that was measured twice, as it was the last time', () => {
    const { view } = sensitivityOf([train], tell(...POINTS, measured('fc1', 0.5, 0.03, 0.02)));
    expect(view?.curves[0].points).toHaveLength(2);
    expect(view?.curves[0].points).toContainEqual({ keep: 0.5, error: 0.03, retrainedError: 0.02 });
  });

  it('is that of the result once there is one, which the cache may have given without any event', () => {
    const points = [{ keep: 0.5, error: 0.03, retrainedError: 0.021 }];
    const curves = [{ name: 'fc1/kernel', points }];
    const scan = finish(nextSpec([train]), { denseError: 0.02, retrainSteps: 20, curves });
    const expected = { denseError: 0.02, retrainSteps: 20, curves: [{ layer: 'fc1', points }] };
    const { view, stages } = sensitivityOf([train, scan]);
    expect(view).toEqual(expected);
    expect(sensitivityOf([train, scan], tell(...POINTS)).view).toEqual(expected);
    // Not twice in one message.
    expect(stages[1]).toMatchObject({
      kind: 'sensitivity',
      state: 'done',
      metrics: { denseError: 0.02, retrainSteps: 20 },
    });
    expect(stages[1].metrics).not.toHaveProperty('curves');
  });

  it('is not there before its stage, and for a recipe without one', () => {
    expect(sensitivityOf([]).view).toBeUndefined();
    expect(sensitivityOf([train], EMPTY_STORY, { of: recipeWith() }).view).toBeUndefined();
  });

  it('leaves out what is no point, and the lines of the log', () => {
    const broken = { type: 'stage.measured', fields: { key, layer: 'fc1', keep: 0.5, error: null } };
    const { view, log } = sensitivityOf([train], tell(broken, ...POINTS));
    expect(view?.curves[0].points).toHaveLength(2);
    expect(log).toEqual([]);
  });
});
