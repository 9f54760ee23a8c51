/** Shares weights and encodes the network into its file. All the work is in `@espalier/stages`, all the plumbing in `@espalier/service-kit`. */
import { startStageService, type RunningService, type StageServiceOptions } from '@espalier/service-kit';
import { runStageCached, STAGES_OF_SERVICE } from '@espalier/stages';

export type EncoderOptions = Omit<StageServiceOptions, 'name' | 'kinds' | 'runner'>;

/** Settles when the hub knows it. Throws as `startStageService`. */
export function startEncoder(options: EncoderOptions): Promise<RunningService> {
  return startStageService({
    ...options,
    name: 'encoder',
    kinds: STAGES_OF_SERVICE.encoder,
    runner: { run: runStageCached },
  });
}
