/**
 * Sensitivity: held-out error as a function of the share kept, one layer at a time with the others dense, before and
 * after a short retraining (HAN15 section 4 and figure 6). The dense network is the recipe's own, out of the cache when
 * it was trained before.
 */
import { Random } from '@espalier/base';
import { openSession, type TrainingSession } from '@espalier/engine';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import type { ResolvedRecipe } from '@espalier/recipe';
import { criterionByName, granularityByName } from '@espalier/pruning';
import { Mask, isParameterName, type Snapshot } from '@espalier/tensor';
import type { TrainingConfig } from './config';
import { loadStageData } from './load-data';
import { pruneSnapshot } from './prune-snapshot';
import type { StageContext } from './context';
import { runStageCached } from './run-stage';
import { trainStage } from './stage-configs';
import { sessionOptions } from './kinds/training';

/** From mild to severe; denser where errors usually begin to rise. */
export const DEFAULT_KEEP_SHARES: readonly number[] = [0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01];

export interface SensitivityPoint {
  readonly keep: number;
  /** Held-out error right after pruning, share of 1. */
  readonly error: number;
  /** The same after the retraining. */
  readonly retrainedError: number;
}

export interface SensitivityCurve {
  /** Tensor name of the kernel. */
  readonly name: string;
  readonly points: readonly SensitivityPoint[];
}

export interface SensitivityResult {
  readonly denseError: number;
  readonly retrainSteps: number;
  readonly curves: readonly SensitivityCurve[];
}

export interface SensitivityOptions {
  readonly keepShares?: readonly number[];
  /** Steps of retraining for each point; 0 for none. */
  readonly retrainSteps?: number;
  onPoint?(name: string, point: SensitivityPoint, done: number, total: number): void;
}

export async function sensitivity(
  recipe: ResolvedRecipe,
  context: StageContext,
  options: SensitivityOptions = {},
): Promise<SensitivityResult> {
  const { keepShares = DEFAULT_KEEP_SHARES, retrainSteps = 100 } = options;
  const spec = trainStage(recipe);
  const { result } = await runStageCached(spec, context);
  const dense = await context.store.getSnapshot(result.outputs['snapshot'].digest);
  const config = spec.config as unknown as TrainingConfig;
  const session = await openDense(recipe, dense, config, context);
  try {
    const denseError = (await session.evaluate('heldOut')).error;
    const kernels = parametersOf(recipe.network).filter(({ prunable }) => prunable);
    const curves: SensitivityCurve[] = [];
    let done = 0;
    for (const { name } of kernels) {
      const points: SensitivityPoint[] = [];
      for (const keep of keepShares) {
        context.signal.throwIfAborted();
        const point = await measure({ session, dense, name, keep, retrainSteps, seed: recipe.seed });
        points.push(point);
        options.onPoint?.(name, point, ++done, kernels.length * keepShares.length);
      }
      curves.push({ name, points });
    }
    return { denseError, retrainSteps, curves };
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

async function openDense(
  recipe: ResolvedRecipe,
  dense: Snapshot,
  config: TrainingConfig,
  context: StageContext,
): Promise<TrainingSession> {
  const data = await loadStageData(context.store, recipe.resolved.data, config.heldOut);
  const perEpoch = Math.floor(data.train.count / config.batchSize);
  const base = (recipe.retrain ?? recipe.train)?.learningRate.base ?? RETRAIN_RATE;
  return openSession({
    ...sessionOptions(recipe.seed, config, perEpoch),
    learningRate: { kind: 'constant', base: base / 2, warmupSteps: 0 },
    network: recipe.network as NetworkSpec,
    initial: dense,
    data,
  });
}

const RETRAIN_RATE = 1e-3;

interface Measurement {
  readonly session: TrainingSession;
  readonly dense: Snapshot;
  readonly name: string;
  readonly keep: number;
  readonly retrainSteps: number;
  readonly seed: number;
}

async function measure({
  session,
  dense,
  name,
  keep,
  retrainSteps,
  seed,
}: Measurement): Promise<SensitivityPoint> {
  const { masks } = await pruneSnapshot(dense, {
    criterion: criterionByName('magnitude'),
    granularity: granularityByName('weight'),
    minimumKept: 1,
    keep: { layers: { [name]: keep } },
    random: new Random(seed),
    gradients: () => Promise.resolve(new Map()),
    unitTaylor: () => Promise.resolve(new Map()),
    inputNorms: () => Promise.resolve(new Map()),
  });
  const full = [...dense.tensors]
    .filter(([other]) => other.endsWith('/kernel'))
    .map(([other, { shape }]) => [other, Mask.full(shape)] as const);
  session.setMasks(new Map(full));
  session.setWeights(new Map([...dense.tensors].filter(([other]) => isParameterName(other))));
  session.setMasks(masks);
  session.restart(0);
  const { error } = await session.evaluate('heldOut');
  if (retrainSteps === 0) return { keep, error, retrainedError: error };
  await session.train({ untilStep: retrainSteps });
  return { keep, error, retrainedError: (await session.evaluate('heldOut')).error };
}
