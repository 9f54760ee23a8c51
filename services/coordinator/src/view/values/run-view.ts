/** The topic `run`: all that a page shows of one run, but its series and pictures. Pure. */
import type { JsonValue } from '@espalier/base';
import type { RunView, StageView, SteeringWishName } from '@espalier/protocol';
import type { StageSpec } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import type { FinishedRunStage, RunState } from '../../fold-run';
import type { RunPlanner } from '../../run-planner';
import { possibleWishes } from '../../steering';
import type { SeriesStage } from '../series/run-series';
import { defined, layersKept, metricsOf, object, roundViews } from './run-figures';
import type { RunStory } from './run-story';
import { sensitivityView } from './sensitivity-view';

export interface RunViewParts {
  readonly planner: RunPlanner;
  readonly story: RunStory;
  /** Stages that have given values. */
  readonly seriesStages: readonly SeriesStage[];
  /** How often pictures of a stage have come; 0: there are none. */
  viewVersion(key: Digest): number;
}

export function runView(state: RunState, parts: RunViewParts): RunView {
  const { id, name, status, createdAt, updatedAt, recipe, finished, report, failure } = state;
  const base = basesIn(parts.seriesStages);
  const done = finished.map((stage) => finishedStage(stage, base(stage.key), parts));
  const ahead = status === 'done' ? [] : stagesAhead(state, base, parts);
  return defined({
    id,
    name,
    status,
    createdAt,
    updatedAt,
    recipe,
    stages: [...done, ...ahead],
    rounds: roundViews(state),
    swaps: parts.story.swaps,
    sensitivity: sensitivityView(finished, ahead[0], parts.story),
    tables: parts.story.tables.length > 0 ? parts.story.tables : undefined,
    report,
    failure,
    steerable: wishesOf(state, ahead),
    log: parts.story.log,
  });
}

/** How many stages a run goes through when no budget is broken; undefined for a recipe that says nothing of it. */
export function expectedCount({ recipe }: Pick<RunState, 'recipe'>, planner: RunPlanner): number | undefined {
  try {
    return planner.expectedStages(recipe).length;
  } catch {
    return undefined;
  }
}

/** Asked of one stage after the other: where its values begin; of one without any, where those before it ended. */
function basesIn(stages: readonly SeriesStage[]): (key: string) => number {
  const byKey = new Map(stages.map((stage) => [stage.key, stage]));
  let position = 0;
  return (key) => {
    const stage = byKey.get(key);
    if (!stage) return position;
    position = stage.end + 1;
    return stage.base;
  };
}

function finishedStage(
  stage: FinishedRunStage,
  baseX: number,
  { story, viewVersion }: RunViewParts,
): StageView {
  const { key, title, spec, seconds, service, serviceId, cached, wire } = stage;
  // Curves stand in the view of the run, which has them before the stage is done.
  const { layers, scoredBy, curves: _curves, ...metrics } = metricsOf(stage);
  const version = viewVersion(key);
  return defined({
    key,
    title,
    kind: spec.kind,
    round: spec.round,
    state: 'done' as const,
    startedAt: story.attempts.get(key)?.startedAt,
    seconds,
    service,
    serviceId,
    cached,
    wire,
    baseX,
    metrics: metrics as JsonValue,
    layers: layersKept(layers) ?? story.layers.get(key),
    hasView: version > 0,
    viewVersion: version > 0 ? version : undefined,
    scoredBy,
  });
}

/** The stage in work or next, and those that are expected behind it. */
function stagesAhead(state: RunState, base: (key: string) => number, parts: RunViewParts): StageView[] {
  const { planner } = parts;
  let spec: StageSpec;
  try {
    const step = planner.nextStage(state.recipe, state.finished);
    if (step.step === 'done') return [];
    spec = step.spec;
  } catch {
    // What is wrong stands in the run's failure.
    return [];
  }
  const next = nextStage(spec, state, { ...parts, base });
  const expected = planner
    .expectedStages(state.recipe)
    .map((stage) => ({ ...stage, title: planner.stageTitle(stage) }));
  // A run whose budget is broken leaves rounds out.
  const at = expected.findLastIndex(({ title }) => title === next.title);
  const waiting = at < 0 ? [] : expected.slice(at + 1);
  return [
    next,
    ...waiting.map(({ title, kind, round }) =>
      defined({
        key: title,
        title,
        kind,
        round,
        state: 'waiting' as const,
        // Not known yet.
        baseX: next.baseX,
        hasView: false,
      }),
    ),
  ];
}

function nextStage(
  spec: StageSpec,
  state: RunState,
  { planner, story, base, viewVersion }: RunViewParts & { readonly base: (key: string) => number },
): StageView {
  const key = planner.stageKey(spec);
  const attempt = story.attempts.get(key);
  const running = state.current?.key === key;
  const version = viewVersion(key);
  return defined({
    key,
    title: planner.stageTitle(spec),
    kind: spec.kind,
    round: spec.round,
    state: running ? ('running' as const) : (attempt?.state.replace('running', 'waiting') ?? 'waiting'),
    startedAt: running ? state.current?.startedAt : attempt?.startedAt,
    service: attempt?.service,
    serviceId: attempt?.serviceId,
    baseX: base(key),
    layers: story.layers.get(key),
    hasView: version > 0,
    viewVersion: version > 0 ? version : undefined,
    failure: attempt?.failure,
  }) as StageView;
}

/** A swap needs a pruning that is still to come. */
function wishesOf(state: RunState, ahead: readonly StageView[]): readonly SteeringWishName[] {
  const during = object(object(state.recipe)['prune'])['during'] !== undefined;
  const prunes = ahead.some(
    ({ kind, round }) => kind === 'prune' || (during && kind === 'retrain' && round !== undefined),
  );
  return possibleWishes(state).filter(
    (wish) => (wish !== 'swap' || prunes) && (wish !== 'undo' || state.finished.length > 0),
  );
}
