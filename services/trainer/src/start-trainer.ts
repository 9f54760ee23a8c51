/** Trains the dense network and evaluates the artifact. All the work is in `@espalier/stages`, all the plumbing in `@espalier/service-kit`. */
import { loadEngine } from '@espalier/engine';
import { startStageService, type RunningService, type StageServiceOptions } from '@espalier/service-kit';
import { runStageCached, STAGES_OF_SERVICE } from '@espalier/stages';

export type TrainerOptions = Omit<StageServiceOptions, 'name' | 'kinds' | 'runner'>;

/** Settles when the hub knows it. Throws as `startStageService`. */
export function startTrainer(options: TrainerOptions): Promise<RunningService> {
  return startStageService({
    ...options,
    name: 'trainer',
    kinds: STAGES_OF_SERVICE.trainer,
    runner: {
      run: runStageCached,
      engine: async (threads) => ({ ...(await loadEngine({ threads })) }),
    },
  });
}
