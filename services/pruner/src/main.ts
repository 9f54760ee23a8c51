/** The pruner as a process of its own; its settings come in the environment (see libs/service-kit/README.md). */
import { jsonLogger, parseServiceSettings, runAsChild } from '@espalier/service-kit';
import { startPruner } from './start-pruner';

void runAsChild('pruner', (value) => {
  const { logLevel, ...settings } = parseServiceSettings('pruner', value);
  return startPruner({ ...settings, logger: jsonLogger('pruner', logLevel) });
});
