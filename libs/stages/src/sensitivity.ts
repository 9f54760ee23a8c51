/**
 * Sensitivity curves outside a run: the stages `train` and `sensitivity` of a recipe, each out of the cache when it was done before.
 */
import { DEFAULT_KEEP_SHARES, DEFAULT_SENSITIVITY_STEPS, type ResolvedRecipe } from '@espalier/recipe';
import type { StageContext } from './context';
import type { SensitivityPoint, SensitivityResult } from './kinds/sensitivity';
import { runStageCached } from './run-stage';
import { sensitivityStage, trainStage } from './stage-configs';

export interface SensitivityOptions {
  readonly keepShares?: readonly number[];
  /** Steps of retraining for each point; 0 for none. */
  readonly retrainSteps?: number;
  /** Of each point that is measured now; a scan that goes on from a checkpoint begins in the middle. */
  onPoint?(point: MeasuredPoint): void;
}

export interface MeasuredPoint extends SensitivityPoint {
  readonly layer: string;
  /** Points measured so far, of how many. */
  readonly done: number;
  readonly total: number;
}

export async function sensitivity(
  recipe: ResolvedRecipe,
  context: StageContext,
  options: SensitivityOptions = {},
): Promise<SensitivityResult> {
  const { keepShares = DEFAULT_KEEP_SHARES, retrainSteps = DEFAULT_SENSITIVITY_STEPS } = options;
  const train = await runStageCached(trainStage(recipe), context);
  const dense = train.result.outputs['snapshot'].digest;
  const spec = sensitivityStage(recipe, dense, { keep: [...keepShares], retrainSteps });
  const emit: StageContext['emit'] = (event) => {
    context.emit(event);
    if (event.type === 'measured') options.onPoint?.(event.fields as unknown as MeasuredPoint);
  };
  const { result } = await runStageCached(spec, { ...context, emit });
  return result.metrics as unknown as SensitivityResult;
}
