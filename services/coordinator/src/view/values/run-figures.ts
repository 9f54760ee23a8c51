/** Figures of a run as its finished stages tell them. Pure. */
import type { JsonValue } from '@espalier/base';
import type { LayerKept, RoundView, RunLine } from '@espalier/protocol';
import type { FinishedRunStage, RunState } from '../../fold-run';

type Metrics = { readonly [key: string]: JsonValue | undefined };

export function metricsOf({ result }: FinishedRunStage): Metrics {
  return result.metrics;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function keptShare(layers: readonly LayerKept[] | undefined): number | undefined {
  const weights = layers?.reduce((sum, layer) => sum + layer.weights, 0) ?? 0;
  if (!layers || weights === 0) return undefined;
  return layers.reduce((sum, layer) => sum + layer.kept, 0) / weights;
}

/** @param stages how many there are in all, where that is known */
export function runLine(state: RunState, stages: number | undefined): RunLine {
  const { id, name, status, createdAt, updatedAt, finished, current, failure } = state;
  const report = object(state.report);
  const artifact = object(report['artifact']);
  const counts = object(report['weights']);
  const share = number(counts['kept']) && number(counts['total']);
  return defined({
    id,
    name,
    status,
    createdAt,
    updatedAt,
    stage: current?.title,
    network: networkName(state.recipe),
    finishedStages: finished.length,
    stages: status === 'done' ? finished.length : stages,
    keptShare: share ? Number(counts['kept']) / Number(counts['total']) : latest(finished, keptOf),
    ratio: number(artifact['ratio']),
    error: number(artifact['error']) ?? latest(finished, errorOf),
    denseError: number(metricOf(finished, 'train', 'testError')),
    bytes: number(metricOf(finished, 'encode', 'bytes')),
    seconds: finished.reduce((sum, stage) => sum + stage.seconds, 0),
    failure,
  });
}

/** Each finished round: how much it keeps, and how well it does. */
export function roundViews({ finished, report }: Pick<RunState, 'finished' | 'report'>): RoundView[] {
  const weights = total(finished[0], ({ weights: count }) => count);
  const bytes = number(metricOf(finished, 'encode', 'bytes'));
  const reported = object(report)['rounds'];
  const chosen = Array.isArray(reported)
    ? reported.map(object).find((round) => round['chosen'] === true)?.['round']
    : undefined;
  const ends = finished.filter(endsRound);
  return ends.flatMap((stage) => {
    const kept = total(stage, (layer) => layer.kept);
    const round = stage.spec.round as number;
    if (!weights || !kept) return [];
    const metrics = metricsOf(stage);
    return [
      defined({
        round,
        keptShare: kept / weights,
        ratio: weights / kept,
        heldOutError: number(metrics['heldOutError']),
        testError: number(metrics['testError']),
        bytes: round === chosen ? bytes : undefined,
        stageKey: stage.key,
      }),
    ];
  });
}

/** The retraining of a round; its pruning, where nothing is retrained. */
function endsRound({ spec }: FinishedRunStage, _index: number, all: readonly FinishedRunStage[]): boolean {
  if (spec.round === undefined || spec.phase !== undefined) return false;
  if (spec.kind === 'retrain') return true;
  return (
    spec.kind === 'prune' &&
    !all.some((other) => other.spec.kind === 'retrain' && other.spec.round === spec.round)
  );
}

function total(stage: FinishedRunStage | undefined, of: (layer: LayerKept) => number): number | undefined {
  return stage && layersKept(metricsOf(stage)['layers'])?.reduce((sum, layer) => sum + of(layer), 0);
}

function keptOf(stage: FinishedRunStage): number | undefined {
  return keptShare(layersKept(metricsOf(stage)['layers']));
}

/** On the test set where that was measured, else on what was held out. */
function errorOf(stage: FinishedRunStage): number | undefined {
  const metrics = metricsOf(stage);
  return number(metrics['testError']) ?? number(metrics['error']) ?? number(metrics['heldOutError']);
}

function latest(
  finished: readonly FinishedRunStage[],
  of: (stage: FinishedRunStage) => number | undefined,
): number | undefined {
  for (const stage of [...finished].reverse()) {
    const value = of(stage);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** `[{name, weights, kept}]` as stages tell it; undefined for anything else. Kernels are named by their layer. */
export function layersKept(value: unknown): readonly LayerKept[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const layers = value.flatMap((item: unknown) => {
    const { name, weights, kept } = (item ?? {}) as Partial<LayerKept>;
    if (typeof name !== 'string' || typeof weights !== 'number' || typeof kept !== 'number') return [];
    return [{ name: name.replace(/\/kernel$/, ''), weights, kept }];
  });
  return layers.length === 0 ? undefined : layers;
}

function metricOf(finished: readonly FinishedRunStage[], kind: string, name: string): JsonValue | undefined {
  const stage = finished.find(({ spec }) => spec.kind === kind);
  return stage && metricsOf(stage)[name];
}

function networkName(recipe: JsonValue): string | undefined {
  const { network } = object(recipe);
  if (typeof network === 'string') return network;
  const { name } = object(network);
  return typeof name === 'string' ? name : undefined;
}

export function object(value: JsonValue | undefined): { readonly [key: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: JsonValue | undefined })
    : {};
}

/** Without the fields that are undefined, which JSON has not. */
export function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
