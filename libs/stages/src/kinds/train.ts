/** `train`: the dense network from a seed, or from somebody's weights (`init`), which it then trains 0 or more epochs. */
import { sha256 } from '@espalier/tensor/digest';
import type { TrainingConfig } from '../config';
import type { StageContext } from '../context';
import { importWeights } from '../import-weights';
import { stageKey, type StageResult, type StageSpec } from '../stage';
import { runTakeOver } from './take-over';
import { runTraining } from './training';
import type { NetworkSpec } from '@espalier/models';

export interface TrainConfig extends TrainingConfig {
  /** Our tensor names to those in the file of input `init`. */
  readonly initNames?: Readonly<Record<string, string>>;
}

export async function runTrain(spec: StageSpec, context: StageContext): Promise<StageResult> {
  const config = spec.config as unknown as TrainConfig;
  const network = config.network as NetworkSpec;
  const init = spec.inputs['init'];
  if (init && config.epochs === 0) return runTakeOver(spec, init.digest, context);
  const names = config.initNames ?? {};
  const start = init && (await importWeights(network, { store: context.store, file: init.digest, names }));
  return runTraining(spec, stageKey(spec, sha256), { network, start }, context);
}
