/** What the views of a run show, worked out of its state. Pure. */
import type { JsonValue } from '@espalier/base';
import type { LayerKept, RunView, StageView } from '@espalier/protocol/view';
import type { Marker } from '../charts/time-chart';
import type { SeriesByName } from '../live/live';

export interface RunFigures {
  readonly denseError?: number;
  /** Of the file, or of the latest network that was tested. */
  readonly error?: number;
  readonly errorOf?: string;
  readonly weights?: number;
  readonly kept?: number;
  readonly bytes?: number;
  readonly denseBytes?: number;
  readonly seconds: number;
  readonly finishedStages: number;
}

export function runFigures({ stages, report }: Pick<RunView, 'stages' | 'report'>): RunFigures {
  const done = stages.filter(({ state }) => state === 'done');
  const tested = done.findLast(({ metrics }) => testErrorOf(metrics) !== undefined);
  const counted = done.findLast(({ layers = [] }) => layers.length > 0);
  const file = field(report, 'artifact');
  const inFile = field(report, 'weights');
  return {
    denseError: testErrorOf(done.find(({ kind }) => kind === 'train')?.metrics),
    error: numberIn(file, 'error') ?? testErrorOf(tested?.metrics),
    errorOf: numberIn(file, 'error') === undefined ? tested?.title : 'the file',
    weights: numberIn(inFile, 'total') ?? sum(counted?.layers, 'weights'),
    kept: numberIn(inFile, 'kept') ?? sum(counted?.layers, 'kept'),
    bytes: numberIn(file, 'bytes') ?? numberIn(done.find(({ kind }) => kind === 'encode')?.metrics, 'bytes'),
    denseBytes: numberIn(file, 'denseBytes'),
    seconds: done.reduce((total, { seconds = 0 }) => total + seconds, 0),
    finishedStages: done.length,
  };
}

/** Of the test images: training stages and the evaluation of the file have one. */
export function testErrorOf(metrics: JsonValue | undefined): number | undefined {
  return numberIn(metrics, 'testError');
}

export function heldOutErrorOf(metrics: JsonValue | undefined): number | undefined {
  return numberIn(metrics, 'heldOutError');
}

/** The share of weights that a stage left. */
export function keptShareOf({ layers }: Pick<StageView, 'layers'>): number | undefined {
  const weights = sum(layers, 'weights');
  return weights ? (sum(layers, 'kept') as number) / weights : undefined;
}

/** Where rounds begin, by their numbers, and what comes after them, by name; of stages without steps the last one counts. */
export function stageMarkers(stages: readonly StageView[]): Marker[] {
  const byStep = new Map<number, string>();
  for (const { baseX, kind, round, title, state } of stages) {
    if (state === 'waiting' || baseX <= 0) continue;
    // The prune of a round and its retrain begin at the same step.
    if (kind === 'retrain' && round !== undefined && byStep.has(baseX)) continue;
    byStep.set(baseX, kind === 'prune' && round !== undefined ? String(round) : title);
  }
  return [...byStep].map(([x, label]) => ({ x, label }));
}

/** The last step of which something is known. */
export function lastStep(stages: readonly StageView[], series: SeriesByName | undefined): number {
  let last = 0;
  for (const { baseX, state } of stages) if (state !== 'waiting') last = Math.max(last, baseX);
  for (const { x } of series?.values() ?? []) if (x.length > 0) last = Math.max(last, x[x.length - 1]);
  return last;
}

/** Test errors at the ends of the stages that measured them, as columns. */
export function testErrorPoints(stages: readonly StageView[], end: number) {
  const measured = stages.flatMap((stage, i) => {
    const error = stage.state === 'done' ? testErrorOf(stage.metrics) : undefined;
    if (error === undefined) return [];
    const next = stages.slice(i + 1).find(({ state }) => state !== 'waiting');
    return [[next?.baseX ?? end, error] as const];
  });
  const x = Float64Array.from(measured, ([step]) => step);
  const y = Float64Array.from(measured, ([, error]) => error);
  return { x, min: y, max: y, last: y };
}

/** `fc1/kernel` is `fc1`. */
export function layerName(tensor: string): string {
  return tensor.replace(/\/kernel$/, '');
}

function sum(layers: readonly LayerKept[] | undefined, of: 'weights' | 'kept'): number | undefined {
  return layers?.reduce((total, layer) => total + layer[of], 0);
}

export function numberIn(value: JsonValue | undefined, name: string): number | undefined {
  const found = field(value, name);
  return typeof found === 'number' ? found : undefined;
}

export function textIn(value: JsonValue | undefined, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' ? found : undefined;
}

export function field(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as { readonly [key: string]: JsonValue | undefined })[name];
}
