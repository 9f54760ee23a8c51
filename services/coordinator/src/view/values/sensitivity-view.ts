/** Sensitivity curves of a run: from the events of the stage that measures them, then from its result. Pure. */
import type { JsonValue } from '@espalier/base';
import type {
  SensitivityCurveView,
  SensitivityPointView,
  SensitivityView,
  StageView,
} from '@espalier/protocol';
import type { FinishedRunStage } from '../../fold-run';
import type { Fields } from '../../run-events';
import { defined, metricsOf, number, object } from './run-figures';
import type { RunStory } from './run-story';

const NONE: SensitivityView = { curves: [] };

/** Undefined before the run comes to that stage, and where it has none. */
export function sensitivityView(
  finished: readonly FinishedRunStage[],
  next: StageView | undefined,
  { measured }: Pick<RunStory, 'measured'>,
): SensitivityView | undefined {
  const stage = finished.find(({ spec }) => spec.kind === 'sensitivity');
  // One out of the cache has told no points.
  if (stage) return finishedView(metricsOf(stage));
  return next?.kind === 'sensitivity' ? (measured.get(next.key) ?? NONE) : undefined;
}

/** With the point of an event `stage.measured`; one that is measured again, after a checkpoint was lost, takes the place of the first. */
export function withMeasured(view: SensitivityView = NONE, fields: Fields): SensitivityView {
  const { layer, denseError, retrainSteps } = fields;
  const point = pointOf(fields);
  if (typeof layer !== 'string' || !point) return view;
  const before = view.curves.find((curve) => curve.layer === layer);
  const others = before?.points.filter(({ keep }) => keep !== point.keep) ?? [];
  const curve: SensitivityCurveView = { layer, points: [...others, point] };
  const curves = before
    ? view.curves.map((each) => (each === before ? curve : each))
    : [...view.curves, curve];
  return defined({
    denseError: number(denseError) ?? view.denseError,
    retrainSteps: number(retrainSteps) ?? view.retrainSteps,
    curves,
  });
}

function finishedView({ denseError, retrainSteps, curves }: Fields): SensitivityView {
  const told = Array.isArray(curves) ? (curves as readonly JsonValue[]).map(object) : [];
  return defined({
    denseError: number(denseError),
    retrainSteps: number(retrainSteps),
    curves: told.map(({ name, points }) => ({
      layer: String(name).replace(/\/kernel$/, ''),
      points: (Array.isArray(points) ? (points as readonly JsonValue[]) : []).flatMap(
        (point) => pointOf(object(point)) ?? [],
      ),
    })),
  });
}

function pointOf(fields: Fields): SensitivityPointView | undefined {
  const keep = number(fields['keep']);
  const error = number(fields['error']);
  const retrainedError = number(fields['retrainedError']);
  if (keep === undefined || error === undefined || retrainedError === undefined) return undefined;
  return { keep, error, retrainedError };
}
