/** The trainer as a process of its own; its settings come in the environment (see libs/service-kit/README.md). */
import { jsonLogger, parseServiceSettings, runAsChild } from '@espalier/service-kit';
import { startTrainer } from './start-trainer';

void runAsChild('trainer', (value) => {
  const { logLevel, ...settings } = parseServiceSettings('trainer', value);
  return startTrainer({ ...settings, logger: jsonLogger('trainer', logLevel) });
});
