/**
 * From the events of a run to what TensorBoard shows. Steps go on over all trainings of the run: each begins where the one
 * before it ended. What has no steps of its own (pruning, encoding) stands at the step that training had reached.
 */
import type { JsonValue } from '@espalier/base';
import type { ObservedEvent } from '@espalier/plugin-api';
import type { Moment, Summary } from './event-message';

export interface Summarised {
  readonly moment: Moment;
  readonly summaries: readonly Summary[];
}

/** Fields of `stage.progress` and where they are shown. */
const PROGRESS = {
  loss: 'loss/train',
  learningRate: 'training/learning-rate',
  samplesPerSecond: 'training/samples-per-second',
  heldOutError: 'error/held-out',
  heldOutLoss: 'loss/held-out',
} as const;

/** Metrics of a training. */
const TRAINED = { testError: 'error/test', testLoss: 'loss/test' } as const;

type Json = Readonly<Record<string, JsonValue | undefined>>;

/** One for each run: it remembers how far training has come. */
export class RunSummaries {
  /** Steps of the trainings that are over. */
  private before = 0;
  /** Steps of the one that goes on. */
  private within = 0;

  /** Undefined where there is nothing to show. */
  of({ type, at, fields }: ObservedEvent): Summarised | undefined {
    const summaries = this.summariesOf(type, fields as Json).filter(isShown);
    const moment = { wallTimeSeconds: at / 1000, step: this.before + this.within };
    if (type === 'stage.done' || type === 'stage.interrupted' || type === 'stage.failed')
      this.stageEnds(type, fields as Json);
    return summaries.length > 0 ? { moment, summaries } : undefined;
  }

  private summariesOf(type: string, fields: Json): Summary[] {
    switch (type) {
      case 'stage.progress':
        if (typeof fields.step === 'number') this.within = Math.max(0, Math.round(fields.step));
        return named(fields, PROGRESS);
      case 'stage.layers':
        return keptOf(listIn(fields.layers));
      case 'stage.done':
        return this.doneSummaries(fields);
      default:
        return [];
    }
  }

  private doneSummaries(fields: Json): Summary[] {
    const kind = String(objectIn(fields.spec).kind);
    const metrics = objectIn(objectIn(fields.result).metrics);
    if (typeof metrics.steps === 'number') this.within = metrics.steps;
    const seconds = named(fields, { seconds: `seconds/${kind}` });
    switch (kind) {
      case 'train':
      case 'retrain':
        return [...named(metrics, TRAINED), ...keptOf(listIn(metrics.layers)), ...seconds];
      case 'share':
        return [...listIn(metrics.layers).flatMap(levelsOf), ...seconds];
      case 'encode':
        return [
          ...named(metrics, { bytes: 'bytes/artifact' }),
          ...listIn(metrics.tensors).flatMap((each) => named(each, { bytes: `bytes/${String(each.name)}` })),
          ...seconds,
        ];
      case 'evaluate':
        return [...named(metrics, { error: 'error/artifact', loss: 'loss/artifact' }), ...seconds];
      default:
        return seconds;
    }
  }

  private stageEnds(type: string, fields: Json): void {
    // What was interrupted goes on from its checkpoint, and counts from its own beginning again.
    const steps = objectIn(objectIn(fields.result).metrics).steps;
    if (type === 'stage.done' && typeof steps === 'number') this.before += steps;
    this.within = 0;
  }
}

function named(fields: Json, tags: Readonly<Record<string, string>>): Summary[] {
  return Object.entries(tags).flatMap(([field, tag]) => {
    const value = fields[field];
    return typeof value === 'number' ? [{ kind: 'scalar', tag, value } as const] : [];
  });
}

/** The share kept of each layer and of all, and thresholds where there are any. */
function keptOf(layers: readonly Json[]): Summary[] {
  let weights = 0;
  let kept = 0;
  const summaries: Summary[] = [];
  for (const layer of layers) {
    if (typeof layer.weights !== 'number' || typeof layer.kept !== 'number') continue;
    weights += layer.weights;
    kept += layer.kept;
    const value = layer.kept / layer.weights;
    summaries.push({ kind: 'scalar', tag: `kept/${String(layer.name)}`, value });
    summaries.push(...named(layer, { threshold: `threshold/${String(layer.name)}` }));
  }
  if (weights > 0) summaries.push({ kind: 'scalar', tag: 'kept/all', value: kept / weights });
  return summaries;
}

/** Shared weights: the values of the codebook and how many weights have each. */
function levelsOf(layer: Json): Summary[] {
  const codebook = numbersIn(layer.codebook);
  const usage = numbersIn(layer.usage);
  if (codebook.length === 0 || codebook.length !== usage.length) return [];
  const order = codebook.map((_, i) => i).sort((a, b) => codebook[a] - codebook[b]);
  return [
    {
      kind: 'histogram',
      tag: `shared/${String(layer.name)}`,
      values: order.map((i) => codebook[i]),
      counts: order.map((i) => usage[i]),
    },
  ];
}

function isShown(summary: Summary): boolean {
  return summary.kind === 'histogram' || Number.isFinite(summary.value);
}

function objectIn(value: JsonValue | undefined): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function listIn(value: JsonValue | undefined): readonly Json[] {
  return Array.isArray(value) ? value.map(objectIn) : [];
}

function numbersIn(value: JsonValue | undefined): readonly number[] {
  return Array.isArray(value) ? value.filter((each): each is number => typeof each === 'number') : [];
}
