/** Retrains what a prune left, and the centroids of shared weights. All the work is in `@espalier/stages`, all the plumbing in `@espalier/service-kit`. */
import { loadEngine } from '@espalier/engine';
import { openStagePlugins, type OpenStagePluginsOptions } from '@espalier/plugin-host';
import { startStageService, type RunningService, type StageServiceOptions } from '@espalier/service-kit';
import { pluginsInProcess, runStageCached, STAGES_OF_SERVICE, type StageSpec } from '@espalier/stages';

export type RetrainerOptions = Omit<
  StageServiceOptions,
  'name' | 'kinds' | 'runner' | 'plugins' | 'admit' | 'owns'
> &
  Pick<OpenStagePluginsOptions, 'pluginsFile' | 'allowPlugins'>;

/** Settles when the hub knows it. Throws as `startStageService`. */
export async function startRetrainer({
  pluginsFile,
  allowPlugins,
  ...options
}: RetrainerOptions): Promise<RunningService> {
  const { logger } = options;
  const stage = await openStagePlugins({ ours: pluginsInProcess(), pluginsFile, allowPlugins, logger });
  const { plugins } = stage;
  return startStageService({
    ...options,
    name: 'retrainer',
    kinds: STAGES_OF_SERVICE.retrainer,
    plugins: () => plugins.states(),
    admit: (criterion) => plugins.admit(criterion),
    owns: [stage],
    runner: {
      run: (spec, context) =>
        plugins.during((found) => runStageCached(spec as StageSpec, { ...context, plugins: found })),
      engine: async (threads) => ({ ...(await loadEngine({ threads })) }),
    },
  });
}
