/** Pruning inside a training: every few steps a little more is removed, along a schedule (Zhu & Gupta 2017, section 2). */
import { Random } from '@espalier/base';
import type { TrainingSession } from '@espalier/engine';
import type { StagePlugins } from '@espalier/plugin-api';
import { keptShareOf } from '@espalier/pruning';
import type { BetweenSteps } from './between-steps';
import type { DuringConfig, KeepConfig } from './config';
import { referenceIn } from './plugins';
import { pruneSnapshot, prunersOf } from './prune-snapshot';
import { sensitivitiesIn } from './sensitivities';

interface Span {
  readonly first: number;
  readonly last: number;
  readonly perEpoch: number;
  readonly seed: number;
}

export async function gradualPruner(
  config: DuringConfig,
  session: TrainingSession,
  span: Span,
  plugins: StagePlugins,
): Promise<BetweenSteps> {
  const from = span.first + Math.round(config.fromEpoch * span.perEpoch);
  const until = span.first + Math.round(config.untilShare * (span.last - span.first));
  const schedule = await plugins.schedule(referenceIn(config.schedule));
  const pruners = await prunersOf(config, plugins);
  const due = (step: number): boolean =>
    step >= from && step <= until && (step === until || (step - from) % config.everySteps === 0);
  return {
    nextStep: (step) => {
      if (step < from) return from;
      const next = from + (Math.floor((step - from) / config.everySteps) + 1) * config.everySteps;
      return step < until ? Math.min(next, until) : span.last;
    },
    doIfDue: async (step) => {
      if (!due(step)) return;
      const progress = until === from ? 1 : (step - from) / (until - from);
      const completion = await schedule.completion(progress);
      const snapshot = session.read({ slots: true });
      const { masks } = await pruneSnapshot(snapshot, {
        ...pruners,
        minimumKept: config.minimumKept,
        keep: scaleKeep(config.keep, (share) => keptShareOf(completion, share)),
        random: new Random(span.seed).fork(`prune-step-${step}`),
        ...sensitivitiesIn(session, { batches: 8 }),
      });
      session.setMasks(masks);
    },
  };
}

/** A keep with each share passed through `f`. */
export function scaleKeep(keep: KeepConfig, f: (share: number) => number): KeepConfig {
  if ('global' in keep) return { global: f(keep.global) };
  return { layers: Object.fromEntries(Object.entries(keep.layers).map(([name, share]) => [name, f(share)])) };
}
