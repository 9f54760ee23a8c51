/** The coordinator as a process of its own; its settings come in the environment (see README.md). */
import { runAsChild } from '@espalier/service-kit';
import { parseCoordinatorSettings } from './settings';
import { startCoordinator } from './start-coordinator';

void runAsChild('coordinator', async (settings) => {
  const { url, hubUrl, port, stop } = await startCoordinator(parseCoordinatorSettings(settings));
  return { ready: { url, hubUrl, port }, ended: new Promise<never>(() => undefined), stop };
});
