/** A process that runs one toy service, or the toy coordinator; the settings say which. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseCoordinatorSettings, startCoordinator } from '@espalier/coordinator';
import { parseServiceSettings, runAsChild, startStageService } from '@espalier/service-kit';
import { STAGES_OF_SERVICE, type StageServiceName } from '@espalier/stages';
import { toyPlanner, toyRunner, type ToyHook } from './toy-stages';

void runAsChild('toy', async (settings) => {
  const { name } = settings as { name: StageServiceName | 'coordinator' };
  if (name === 'coordinator') {
    const { url, hubUrl, port, stop } = await startCoordinator({
      ...parseCoordinatorSettings(settings),
      planner: toyPlanner,
      retry: { firstDelayMs: 5 },
    });
    return { ready: { url, hubUrl, port }, ended: new Promise<never>(() => undefined), stop };
  }
  const options = parseServiceSettings(name, settings);
  const runner = toyRunner(holdOnce(options.dir));
  const reconnect = { initialMs: 10, maxMs: 100 };
  return startStageService({ ...options, name, kinds: STAGES_OF_SERVICE[name], runner, reconnect });
});

/** Says `held` in the first stage of this folder's service, and stays in it until it is killed, or let go by a file. */
function holdOnce(dir: string): ToyHook {
  const marker = join(dir, 'held');
  return async (_spec, { emit }) => {
    if (existsSync(marker)) return;
    writeFileSync(marker, '');
    emit({ type: 'note', fields: { text: 'held' } });
    while (!existsSync(join(dir, 'release'))) await pause(10);
  };
}
