import { errorCode } from '@espalier/base';
import type { Plugin } from '../define-plugin';
import { describePlugin } from './describe-plugin';

const PLUGIN: Plugin = {
  name: 'espalier-plugin-mine',
  version: '1.0.0',
  host: '^1.0.0',
  schedules: { straight: { completion: (progress) => progress } },
};

// The kit through the runner that runs this very file.
describePlugin(PLUGIN, { describe, it });

describe('describePlugin', () => {
  it('makes a test of each check, that fails with what was wrong and what to do', async () => {
    const tests = new Map<string, () => Promise<void>>();
    const bad = { ...PLUGIN, schedules: { stuck: { completion: () => 0.5 } } };
    describePlugin(bad, { describe: (_, body) => body(), it: (name, body) => void tests.set(name, body) });
    const run = tests.get('is exactly 0 at the start and exactly 1 at the end') as () => Promise<void>;
    const error: unknown = await run().catch((thrown: unknown) => thrown);
    expect(errorCode(error)).toBe('PLUGIN_NONCONFORMING');
    expect((error as Error).message).toContain('schedule "stuck"');
    expect((error as Error).message).toContain('progress 0: it is 0.5. Say the ends by themselves');
  });
});
