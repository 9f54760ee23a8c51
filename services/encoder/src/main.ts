/** The encoder as a process of its own; its settings come in the environment (see libs/service-kit/README.md). */
import { jsonLogger, parseServiceSettings, runAsChild } from '@espalier/service-kit';
import { startEncoder } from './start-encoder';

void runAsChild('encoder', (value) => {
  const { logLevel, ...settings } = parseServiceSettings('encoder', value);
  return startEncoder({ ...settings, logger: jsonLogger('encoder', logLevel) });
});
