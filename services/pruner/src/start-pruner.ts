/** Prunes, and removes dead units. All the work is in `@espalier/stages`, all the plumbing in `@espalier/service-kit`. */
import { startStageService, type RunningService, type StageServiceOptions } from '@espalier/service-kit';
import { runStageCached, STAGES_OF_SERVICE } from '@espalier/stages';

export type PrunerOptions = Omit<StageServiceOptions, 'name' | 'kinds' | 'runner'>;

/** Settles when the hub knows it. Throws as `startStageService`. */
export function startPruner(options: PrunerOptions): Promise<RunningService> {
  return startStageService({
    ...options,
    name: 'pruner',
    kinds: STAGES_OF_SERVICE.pruner,
    runner: { run: runStageCached },
  });
}
