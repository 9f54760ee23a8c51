/** The retrainer as a process of its own; its settings come in the environment (see libs/service-kit/README.md). */
import { jsonLogger, parseServiceSettings, runAsChild } from '@espalier/service-kit';
import { startRetrainer } from './start-retrainer';

void runAsChild('retrainer', (value) => {
  const { logLevel, ...settings } = parseServiceSettings('retrainer', value);
  return startRetrainer({ ...settings, logger: jsonLogger('retrainer', logLevel) });
});
