import { parseRecipe } from '@espalier/recipe';
import type { StageSpec } from '@espalier/stages';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '@espalier/base';
import type { FinishedRunStage, RunState } from '../../fold-run';
import type { RunEvent } from '../../run-events';
import { stagesPlanner } from '../../stages-planner';
import { addToStory, EMPTY_STORY, type RunStory } from './run-story';
import { roundViews, runLine } from './run-figures';
import { expectedCount, runView } from './run-view';

const WIRE = { dense: 1, masked: 2, had: 3, overhead: 4 };
const text = readFileSync(join(__dirname, '../../../../../test/golden/recipe-resolved-v1.yaml'), 'utf8');
const recipe = parseRecipe(text, { file: 'recipe-resolved-v1.yaml' }).recipe as unknown as JsonValue;

const digit = (index: number): string => String(index).repeat(64).slice(0, 64);

/** Stages as the planner asks for them, each with the metrics that it is given. */
function finish(metrics: readonly Record<string, JsonValue>[]): FinishedRunStage[] {
  const finished: FinishedRunStage[] = [];
  for (const [i, one] of metrics.entries()) {
    const step = stagesPlanner.nextStage(recipe, finished);
    if (step.step === 'done') throw new Error('there is no such stage');
    const { spec } = step;
    finished.push({
      spec,
      key: stagesPlanner.stageKey(spec),
      title: stagesPlanner.stageTitle(spec),
      result: {
        outputs: {
          snapshot: { kind: 'snapshot', digest: digit(i) },
          artifact: { kind: 'blob', digest: digit(i) },
        },
        metrics: one,
      },
      service: 'trainer',
      serviceId: 'trainer-1',
      wire: WIRE,
      seconds: 2,
      cached: false,
    });
  }
  return finished;
}

const layers = (kept: number): JsonValue => [{ name: 'fc1/kernel', weights: 100, kept }];
const stateOf = (finished: readonly FinishedRunStage[], fields: Partial<RunState> = {}): RunState => ({
  id: 'r1',
  recipe,
  dataUrls: [],
  createdAt: 1,
  updatedAt: 2,
  seq: 3,
  status: 'running',
  finished,
  ...fields,
});
const nextSpec = (finished: readonly FinishedRunStage[]): StageSpec => {
  const step = stagesPlanner.nextStage(recipe, finished);
  if (step.step === 'done') throw new Error('it is done');
  return step.spec;
};

const tell = (events: readonly Record<string, unknown>[]): RunStory =>
  events
    .map((event, i) => ({ seq: i + 1, at: 10 * (i + 1), ...event }) as unknown as RunEvent)
    .reduce(addToStory, EMPTY_STORY);

const parts = (story: RunStory = EMPTY_STORY) => ({
  planner: stagesPlanner,
  story,
  seriesStages: [],
  viewVersion: () => 0,
});

describe('the view of a run', () => {
  const train = { layers: layers(100), testError: 0.02, heldOutError: 0.02, steps: 5 };
  const prune = { layers: layers(40), scoredBy: { criterion: 'magnitude', plugin: 'built-in' } };

  it('lists what is done, what is in work, and what is expected behind it', () => {
    const finished = finish([train, prune]);
    const spec = nextSpec(finished);
    const key = stagesPlanner.stageKey(spec);
    const story = tell([
      {
        type: 'stage.started',
        fields: { key, title: 'retrain 1', service: 'retrainer', serviceId: 'r-1', leaseId: 'l', attempt: 1 },
      },
      { type: 'stage.layers', fields: { key, layers: layers(30) } },
    ]);
    const current = {
      key,
      title: 'retrain 1',
      service: 'retrainer',
      serviceId: 'r-1',
      leaseId: 'l',
      startedAt: 7,
    };
    const { stages, steerable } = runView(stateOf(finished, { current }), {
      ...parts(story),
      seriesStages: [{ key: finished[0].key, base: 0, end: 4 }],
    });
    expect(stages.slice(0, 3)).toMatchObject([
      {
        title: 'train',
        state: 'done',
        baseX: 0,
        wire: WIRE,
        metrics: { testError: 0.02 },
        layers: [{ name: 'fc1' }],
      },
      { title: 'prune 1', state: 'done', baseX: 5, scoredBy: { criterion: 'magnitude' } },
      { title: 'retrain 1', key, state: 'running', startedAt: 7, baseX: 5, layers: [{ kept: 30 }] },
    ]);
    expect(stages[1].metrics).toEqual({});
    const waiting = stages.slice(3);
    expect(waiting.map(({ state }) => state)).toEqual(waiting.map(() => 'waiting'));
    expect(waiting.at(-1)?.title).toBe('evaluate');
    expect(stages).toHaveLength(expectedCount(stateOf([]), stagesPlanner) ?? 0);
    expect(steerable).toContain('undo');
  });

  it('says that a stage failed or was interrupted until it is tried again', () => {
    const { key } = { key: stagesPlanner.stageKey(nextSpec([])) };
    const started = {
      type: 'stage.started',
      fields: { key, title: 'train', service: 's', serviceId: 's-1', leaseId: 'l', attempt: 1 },
    };
    const failed = {
      type: 'stage.failed',
      fields: {
        key,
        title: 'train',
        service: 's',
        code: 'ENGINE_DIVERGED',
        message: 'loss is NaN',
        again: true,
      },
    };
    const view = (events: readonly Record<string, unknown>[]) =>
      runView(stateOf([]), parts(tell(events))).stages[0];
    expect(view([started, failed])).toMatchObject({ state: 'failed', failure: { code: 'ENGINE_DIVERGED' } });
    expect(view([started, failed, started])).not.toHaveProperty('failure');
    const interrupted = { type: 'stage.interrupted', fields: { key, title: 'train', reason: 'paused' } };
    expect(view([started, interrupted])).toMatchObject({ state: 'interrupted', serviceId: 's-1' });
  });

  it('offers a swap as long as a pruning is to come', () => {
    const before = runView(stateOf([]), parts());
    expect(before.steerable).toEqual(['pause', 'stop', 'swap']);
    const rounds = Array.from(
      { length: 40 },
      () => ({ layers: layers(40), testError: 0.02, heldOutError: 0.02 }) as Record<string, JsonValue>,
    );
    let all = finish([train]);
    for (let count = 2; nextSpec(all).kind === 'prune' || nextSpec(all).kind === 'retrain'; count++) {
      all = finish([train, ...rounds.slice(0, count - 1)]);
    }
    expect(runView(stateOf(all), parts()).steerable).not.toContain('swap');
  });
});

it('a view has the tables that observers have told, and none where none was', () => {
  const table = { kind: 'table', title: 'ranks', columns: ['layer'], rows: [['fc1']] };
  const fields = { plugin: 'p', observer: 'o', observations: [table] };
  const story = tell([{ type: 'run.observed', fields }]);
  expect(runView(stateOf([]), parts(story)).tables).toMatchObject([
    { title: 'ranks', rows: [['fc1']], at: 10 },
  ]);
  expect(runView(stateOf([]), parts())).not.toHaveProperty('tables');
});

describe('figures of a run', () => {
  it('are those of its latest stages', () => {
    const finished = finish([
      { layers: layers(100), testError: 0.02, heldOutError: 0.02 },
      { layers: layers(40) },
      { layers: layers(40), testError: 0.03, heldOutError: 0.02 },
    ]);
    expect(runLine(stateOf(finished), 9)).toMatchObject({
      finishedStages: 3,
      stages: 9,
      keptShare: 0.4,
      error: 0.03,
      denseError: 0.02,
      seconds: 6,
      network: 'two-layers',
    });
    expect(roundViews(stateOf(finished))).toEqual([
      {
        round: 1,
        keptShare: 0.4,
        ratio: 2.5,
        testError: 0.03,
        heldOutError: 0.02,
        stageKey: finished[2].key,
      },
    ]);
  });
});

describe('the story of a run', () => {
  it('has the last 200 events in words, without those that come every second', () => {
    const started = (attempt: number) => ({
      type: 'stage.started',
      fields: { key: digit(1), title: 'train', service: 's', serviceId: 's-1', leaseId: 'l', attempt },
    });
    const story = tell([
      ...Array.from({ length: 210 }, (_, i) => started(i + 1)),
      { type: 'stage.layers', fields: { key: digit(1), layers: layers(3) } },
      { type: 'run.swapped', fields: { round: 2, criterion: { name: 'taylor', options: {} } } },
    ]);
    expect(story.log).toHaveLength(200);
    expect(story.log.at(-1)).toMatchObject({ seq: 212, text: 'taylor scores from round 2 on' });
    expect(story.log.at(-2)?.text).toBe('train is with s-1, try 210');
    expect(story.swaps).toEqual([{ round: 2, criterion: { name: 'taylor', options: {} }, at: 2120 }]);
  });

  it('takes an event once', () => {
    const event = { seq: 1, at: 1, type: 'run.stopped', fields: {} } as RunEvent;
    expect(addToStory(addToStory(EMPTY_STORY, event), event).log).toHaveLength(1);
  });
});
