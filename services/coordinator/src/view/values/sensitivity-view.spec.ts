import type { JsonValue } from '@espalier/base';
import { encodeMessage, message } from '@espalier/protocol';
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

  it('leaves out shares and errors that there cannot be, and layers without a name', () => {
    const said: readonly Record<string, JsonValue>[] = [
      { keep: 0 },
      { keep: -0.5 },
      { keep: 1.5 },
      { error: -0.01 },
      { error: 1.01 },
      { retrainedError: 2 },
      { layer: '' },
      { layer: 'x'.repeat(129) },
      { layer: null },
    ];
    const good: Record<string, JsonValue> = { layer: 'fc1', keep: 0.5, error: 0, retrainedError: 1 };
    const whole = { layer: 'x'.repeat(128), keep: 1, error: 1, retrainedError: 0 };
    const told: readonly Record<string, JsonValue>[] = [
      ...said.map((wrong) => ({ ...good, keep: 0.3, ...wrong })),
      good,
      whole,
    ];
    const expected = [
      { layer: 'fc1', points: [{ keep: 0.5, error: 0, retrainedError: 1 }] },
      { layer: whole.layer, points: [{ keep: 1, error: 1, retrainedError: 0 }] },
    ];
    const events = told.map((fields) => ({ type: 'stage.measured', fields: { key, ...fields } }));
    expect(sensitivityOf([train], tell(...events)).view).toEqual({ curves: expected });
    const curves = told.map(({ layer, ...point }) => ({ name: layer, points: [point] }));
    const scan = finish(nextSpec([train]), { denseError: 1.2, retrainSteps: 0.5, curves });
    expect(sensitivityOf([train, scan]).view).toEqual({ curves: expected });
  });

  it('has each layer once, and each of its shares once, whatever the result says', () => {
    const point = { keep: 0.5, error: 0.1, retrainedError: 0.1 };
    const again = { ...point, error: 0.2 };
    const curves = [
      { name: 'fc1/kernel', points: [point, again, { ...point, keep: 0.1 }] },
      { name: 'fc1/kernel', points: [again] },
      { name: 'fc2/kernel', points: [] },
    ];
    const scan = finish(nextSpec([train]), { denseError: 0.02, retrainSteps: 20, curves });
    expect(sensitivityOf([train, scan]).view?.curves).toEqual([
      { layer: 'fc1', points: [point, { ...point, keep: 0.1 }] },
    ]);
  });

  it('is bounded, whatever services tell', () => {
    const count = 1100;
    const places = Array.from({ length: count }, (_, i) => [`l${i % 500}`, (i + 1) / count] as const);
    const story = tell(...places.map(([layer, keep]) => measured(layer, keep, 0.1, 0.1)));
    const points = (view: ReturnType<typeof sensitivityOf>['view']) =>
      view?.curves.flatMap((curve) => curve.points) ?? [];
    expect(points(sensitivityOf([train], story).view)).toHaveLength(1024);
    // One that is measured again needs no room.
    const again = { seq: count + 1, at: 1, ...measured('l0', 1 / count, 0.3, 0.3) } as unknown as RunEvent;
    const told = points(sensitivityOf([train], addToStory(story, again)).view);
    expect(told).toHaveLength(1024);
    expect(told).toContainEqual({ keep: 1 / count, error: 0.3, retrainedError: 0.3 });
    const curves = places.map(([layer, keep], i) => ({
      name: `${layer}-${i}/kernel`,
      points: [{ keep, error: 0.1, retrainedError: 0.1 }],
    }));
    const scan = finish(nextSpec([train]), { denseError: 0.02, retrainSteps: 20, curves });
    const { view } = sensitivityOf([train, scan]);
    expect(view?.curves).toHaveLength(1024);
  });

  it.each([1, 20, 150, 300])(
    'of the most shares of %i kernels fits into the messages of its result',
    (kernels) => {
      const name = (i: number): string => `${'k'.repeat(60)}${1000 + i}`;
      const layers = Array.from({ length: kernels }, (_, i) => ({ type: 'dense', name: name(i), units: 10 }));
      const asking = (shares: number): JsonValue => {
        const keep = Array.from({ length: shares }, (_, i) => (i + 0.7) / shares);
        return recipeWith(
          `network=${JSON.stringify({ input: [784], layers })}`,
          `prune=${JSON.stringify({ keep: { global: 0.1 }, sensitivity: { keep, retrainSteps: 20 } })}`,
          'retrain.freeze={ layers: ["k*"] }',
          'share.bits=5',
        );
      };
      const refused = / list at most ([0-9]+) shares/.exec(messageOf(() => asking(1200)));
      const most = Number(refused?.[1]);
      const of = asking(most);
      expect(() => asking(most + 1)).toThrow('RECIPE_CONFLICT');

      const spec = nextSpec([train], of);
      const { keep } = spec.config as unknown as { keep: readonly number[] };
      expect([spec.kind, keep.length]).toEqual(['sensitivity', most]);
      const points = keep.map((share) => ({ keep: share, error: 1 / 3, retrainedError: 2 / 3 }));
      const curves = layers.map((layer) => ({ name: `${layer.name}/kernel`, points }));
      const done = finish(spec, { denseError: 1 / 3, retrainSteps: 20, curves });
      const at = { from: 'trainer-1', run: 'r1' };
      const { wire, result } = done;
      const handedIn = {
        leaseId: 'l1',
        resultKey: done.key,
        snapshots: {},
        result: { ...result, cached: false },
        seconds: 1 / 3,
        wire,
      };
      encodeMessage(
        message('lease.done', handedIn as unknown as Parameters<typeof message<'lease.done'>>[1], at),
      );
      const fields = done as unknown as Record<string, JsonValue>;
      encodeMessage(message('event', { seq: 3, at: 1e12, type: 'stage.done', fields }, at));
      expect(sensitivityOf([train, done], EMPTY_STORY, { of }).view?.curves).toHaveLength(kernels);
    },
  );
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}
