/** Trains the dense network and evaluates the artifact. All the work is in `@espalier/stages`, all the plumbing in `@espalier/service-kit`. */
import { loadEngine } from '@espalier/engine';
import { openStagePlugins, type OpenStagePluginsOptions } from '@espalier/plugin-host';
import { startStageService, type RunningService, type StageServiceOptions } from '@espalier/service-kit';
import { pluginsInProcess, runStageCached, STAGES_OF_SERVICE, type StageSpec } from '@espalier/stages';

export type TrainerOptions = Omit<StageServiceOptions, 'name' | 'kinds' | 'runner' | 'owns'> &
  Pick<OpenStagePluginsOptions, 'pluginsFile' | 'allowPlugins'>;

/** Settles when the hub knows it. Throws as `startStageService`. */
export async function startTrainer({
  pluginsFile,
  allowPlugins,
  ...options
}: TrainerOptions): Promise<RunningService> {
  const { logger } = options;
  // A file may have tensors that only a plugin decodes.
  const stage = await openStagePlugins({ ours: pluginsInProcess(), pluginsFile, allowPlugins, logger });
  const { plugins } = stage;
  return startStageService({
    ...options,
    name: 'trainer',
    kinds: STAGES_OF_SERVICE.trainer,
    owns: [stage],
    runner: {
      run: (spec, context) =>
        plugins.during((found) => runStageCached(spec as StageSpec, { ...context, plugins: found })),
      engine: async (threads) => ({ ...(await loadEngine({ threads })) }),
    },
  });
}
