/** Pruning inside a training: every few steps a little more is removed, along a schedule (Zhu & Gupta 2017, section 2). */
import { Random, canonicalJson, errorMessage, type JsonValue } from '@espalier/base';
import type { Samples } from '@espalier/datasets';
import type { TrainingSession } from '@espalier/engine';
import type { ContributionRef, StagePlugins } from '@espalier/plugin-api';
import { keptShareOf } from '@espalier/pruning';
import type { BetweenSteps } from './between-steps';
import type { DuringConfig, DuringSwap, KeepConfig } from './config';
import { referenceIn } from './plugins';
import { pruneSnapshot } from './prune-snapshot';
import { criterionFailed, prunersOf, scoredBy, type Pruners, type ScoredBy } from './scoring';
import { sensitivitiesIn } from './sensitivities';
import type { TrainingWatch } from './view/training-watch';

interface Span {
  readonly first: number;
  readonly last: number;
  readonly perEpoch: number;
  readonly seed: number;
}

/** Who scored from a step on. */
export interface ScoredSegment extends ScoredBy {
  /** The pruning from which on, counted from the beginning of the training. */
  readonly fromStep: number;
}

export interface GradualPruner extends BetweenSteps {
  /** Who has scored so far, in order. */
  scoredBy(): readonly ScoredSegment[];
}

export interface GradualOptions {
  readonly plugins: StagePlugins;
  /** Who had scored when the training was cut. */
  readonly before?: readonly ScoredSegment[];
  /** What the session trains on, for criteria that look at activations. */
  readonly samples: Samples;
  readonly batchSize: number;
  readonly watch?: Pick<TrainingWatch, 'pruned'>;
}

export async function gradualPruner(
  config: DuringConfig,
  session: TrainingSession,
  span: Span,
  { plugins, before = [], samples, batchSize, watch }: GradualOptions,
): Promise<GradualPruner> {
  const from = span.first + Math.round(config.fromEpoch * span.perEpoch);
  const until = span.first + Math.round(config.untilShare * (span.last - span.first));
  const schedule = await plugins.schedule(referenceIn(config.schedule));
  const segments = [...before];
  const base = referenceIn(config.criterion, config.criterionOptions);
  const bound = new Map<ContributionRef, Promise<Pruners>>();
  const prunersFor = (criterion: ContributionRef): Promise<Pruners> => {
    const pruners = bound.get(criterion) ?? prunersOf(config, criterion, plugins);
    bound.set(criterion, pruners);
    return pruners;
  };
  const due = (step: number): boolean =>
    step >= from && step <= until && (step === until || (step - from) % config.everySteps === 0);
  const prune = async (step: number, criterion: ContributionRef): Promise<void> => {
    const pruners = await prunersFor(criterion);
    const progress = until === from ? 1 : (step - from) / (until - from);
    const completion = await schedule.completion(progress);
    const snapshot = session.read({ slots: true });
    const latents = pruners.regrowth?.needs.includes('latent') ? session.latents() : undefined;
    const pruned = await pruneSnapshot(snapshot, {
      ...pruners,
      latent: (name) => latents?.get(name),
      minimumKept: config.minimumKept,
      keep: scaleKeep(config.keep, (share) => keptShareOf(completion, share)),
      random: new Random(span.seed).fork(`prune-step-${step}`),
      ...sensitivitiesIn(session, { batches: 8, batchSize, samples }),
    });
    session.setMasks(pruned.masks);
    watch?.pruned(step, snapshot, pruned);
  };
  /** With the fallback when the criterion's plugin fails; it stays until the next swap. */
  const pruneOrFallBack = async (step: number): Promise<void> => {
    const at = step - span.first;
    const swapped = (config.swaps ?? []).filter(({ fromStep }) => fromStep <= at).at(-1);
    const turn: DuringSwap = swapped ?? { fromStep: 0, criterion: base };
    const { fallback } = config;
    const last = segments.at(-1);
    const hasFailed = last?.failure !== undefined && last.fromStep >= turn.fromStep;
    const tell = (said: ScoredBy): void => {
      if (!last || !sameScorer(last, said)) segments.push({ fromStep: at, ...said });
    };
    if (hasFailed && fallback) return prune(step, fallback);
    try {
      await prune(step, turn.criterion);
      tell({ ...scoredBy(turn.criterion), ...(turn.fallback && { fallback: turn.fallback }) });
    } catch (error) {
      if (!fallback || !criterionFailed(error)) throw error;
      await prune(step, fallback);
      tell({ ...scoredBy(fallback), fallback: true, failure: errorMessage(error) });
    }
  };
  return {
    nextStep: (step) => {
      if (step < from) return from;
      const next = from + (Math.floor((step - from) / config.everySteps) + 1) * config.everySteps;
      return step < until ? Math.min(next, until) : span.last;
    },
    doIfDue: async (step) => {
      if (due(step)) await pruneOrFallBack(step);
    },
    scoredBy: () => segments,
  };
}

function sameScorer(a: ScoredBy, b: ScoredBy): boolean {
  const bare = ({ criterion, options, digest, failure }: ScoredBy): string =>
    canonicalJson({ criterion, options, digest, failure } as unknown as JsonValue);
  return bare(a) === bare(b);
}

/** A keep with each share passed through `f`. */
export function scaleKeep(keep: KeepConfig, f: (share: number) => number): KeepConfig {
  if ('global' in keep) return { global: f(keep.global) };
  return { layers: Object.fromEntries(Object.entries(keep.layers).map(([name, share]) => [name, f(share)])) };
}
