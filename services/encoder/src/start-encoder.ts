/** Shares weights and encodes the network into its file. All the work is in `@espalier/stages`, all the plumbing in `@espalier/service-kit`. */
import { openStagePlugins, type OpenStagePluginsOptions } from '@espalier/plugin-host';
import { startStageService, type RunningService, type StageServiceOptions } from '@espalier/service-kit';
import { pluginsInProcess, runStageCached, STAGES_OF_SERVICE, type StageSpec } from '@espalier/stages';

export type EncoderOptions = Omit<StageServiceOptions, 'name' | 'kinds' | 'runner' | 'plugins' | 'owns'> &
  Pick<OpenStagePluginsOptions, 'pluginsFile' | 'allowPlugins'>;

/** Settles when the hub knows it. Throws as `startStageService`. */
export async function startEncoder({
  pluginsFile,
  allowPlugins,
  ...options
}: EncoderOptions): Promise<RunningService> {
  const { logger } = options;
  const stage = await openStagePlugins({ ours: pluginsInProcess(), pluginsFile, allowPlugins, logger });
  const { plugins } = stage;
  return startStageService({
    ...options,
    name: 'encoder',
    kinds: STAGES_OF_SERVICE.encoder,
    plugins: () => plugins.states(),
    owns: [stage],
    runner: {
      run: (spec, context) =>
        plugins.during((found) => runStageCached(spec as StageSpec, { ...context, plugins: found })),
    },
  });
}
