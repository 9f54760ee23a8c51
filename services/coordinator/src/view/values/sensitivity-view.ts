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

/** Of one run. More than any recipe may ask for; what a service tells beyond them is dropped. */
const MAX_POINTS = 1024;
/** A network's layers have up to 64. */
const MAX_NAME_LETTERS = 128;

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
  const layer = layerOf(fields['layer']);
  const point = pointOf(fields);
  if (layer === undefined || !point) return view;
  const before = view.curves.find((curve) => curve.layer === layer);
  const others = before?.points.filter(({ keep }) => keep !== point.keep) ?? [];
  const isNew = others.length === (before?.points.length ?? 0);
  if (isNew && pointsIn(view.curves) >= MAX_POINTS) return view;
  const curve: SensitivityCurveView = { layer, points: [...others, point] };
  const curves = before
    ? view.curves.map((each) => (each === before ? curve : each))
    : [...view.curves, curve];
  const { denseError, retrainSteps } = measuredWith(fields);
  return defined({
    denseError: denseError ?? view.denseError,
    retrainSteps: retrainSteps ?? view.retrainSteps,
    curves,
  });
}

/** Each layer once, each of its shares once: those that come first. */
function finishedView(fields: Fields): SensitivityView {
  const curves = new Map<string, SensitivityCurveView>();
  for (const { name, points } of list(fields['curves']).map(object)) {
    const layer = layerOf(typeof name === 'string' ? name.replace(/\/kernel$/, '') : name);
    if (layer === undefined || curves.has(layer)) continue;
    const told = list(points).flatMap((point) => pointOf(object(point)) ?? []);
    const once = told.filter(({ keep }, i) => told.findIndex((other) => other.keep === keep) === i);
    const room = MAX_POINTS - pointsIn([...curves.values()]);
    if (once.length > 0 && room > 0) curves.set(layer, { layer, points: once.slice(0, room) });
  }
  return defined({ ...measuredWith(fields), curves: [...curves.values()] });
}

function measuredWith({ denseError, retrainSteps }: Fields): Omit<SensitivityView, 'curves'> {
  const steps = number(retrainSteps);
  return {
    denseError: shareOf(denseError),
    retrainSteps: steps !== undefined && Number.isInteger(steps) && steps >= 0 ? steps : undefined,
  };
}

function pointOf(fields: Fields): SensitivityPointView | undefined {
  const keep = shareOf(fields['keep']);
  const error = shareOf(fields['error']);
  const retrainedError = shareOf(fields['retrainedError']);
  // A share of 0 has no place on the chart's axis, which is logarithmic.
  if (!keep || error === undefined || retrainedError === undefined) return undefined;
  return { keep, error, retrainedError };
}

function layerOf(value: unknown): string | undefined {
  const isName = typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LETTERS;
  return isName ? value : undefined;
}

/** Of 1, both ends allowed. */
function shareOf(value: unknown): number | undefined {
  const share = number(value);
  return share !== undefined && share >= 0 && share <= 1 ? share : undefined;
}

function pointsIn(curves: readonly SensitivityCurveView[]): number {
  return curves.reduce((sum, { points }) => sum + points.length, 0);
}

function list(value: unknown): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
