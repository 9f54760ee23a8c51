/** Retrains what a prune left, and the centroids of shared weights. All the work is in `@espalier/stages`, all the plumbing in `@espalier/service-kit`. */
import { loadEngine } from '@espalier/engine';
import { startStageService, type RunningService, type StageServiceOptions } from '@espalier/service-kit';
import { runStageCached, STAGES_OF_SERVICE } from '@espalier/stages';

export type RetrainerOptions = Omit<StageServiceOptions, 'name' | 'kinds' | 'runner'>;

/** Settles when the hub knows it. Throws as `startStageService`. */
export function startRetrainer(options: RetrainerOptions): Promise<RunningService> {
  return startStageService({
    ...options,
    name: 'retrainer',
    kinds: STAGES_OF_SERVICE.retrainer,
    runner: {
      run: runStageCached,
      engine: async (threads) => ({ ...(await loadEngine({ threads })) }),
    },
  });
}
