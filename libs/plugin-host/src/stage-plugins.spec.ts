import { errorCode, Random } from '@espalier/base';
import { decodeMessage, encodeMessage, message } from '@espalier/protocol';
import { openPluginHost } from './open-plugin-host';
import { stagePlugins } from './stage-plugins';
import { hostileFolder } from './testing/hostile';

const GOOD = hostileFolder('good');
const WEIGHTS = Float32Array.of(1, -2, 3, 0);

describe('the plugins of stages', () => {
  it('say which of them are loaded, and how their calls went', async () => {
    await using host = await openPluginHost({ allow: ['*'] });
    const { ref } = await host.describe({ from: GOOD });
    const plugins = stagePlugins({
      host,
      places: async () => [{ name: 'good', from: GOOD }],
      ours: {} as Parameters<typeof stagePlugins>[0]['ours'],
    });
    expect(plugins.states()).toEqual([]);
    const criterion = await plugins.criterion({ name: 'power', options: {}, plugin: ref });
    const [{ calls: before }] = plugins.states();
    const layer = { name: 'fc1/kernel', shape: [2, 2], weights: WEIGHTS, options: criterion.defaults };
    for (let call = 0; call < 3; call++) await criterion.score({ ...layer, random: new Random(call) });
    const [state] = plugins.states();
    expect(state).toMatchObject({ name: 'good', version: '1.0.0', digest: ref.digest, restarts: 0 });
    expect(state.calls).toBe(before + 3);
    expect(state.meanMs).toBeGreaterThan(0);
    expect(state.p99Ms).toBeGreaterThanOrEqual(state.p50Ms as number);
    const told = message('service.state', { plugins: [state] }, { from: 'pruner-1' });
    expect(decodeMessage(encodeMessage(told)).body).toEqual({ plugins: [state] });
  });

  it('let a criterion in that fits, is allowed and scores with its options; nothing is left of one that does not', async () => {
    await using host = await openPluginHost({ allow: ['*'] });
    const { ref: plugin } = await host.describe({ from: GOOD });
    const plugins = stagePlugins({
      host,
      places: async () => [{ name: 'good', from: GOOD }],
      ours: {} as Parameters<typeof stagePlugins>[0]['ours'],
    });
    const admit = (name: string, options: Record<string, unknown>, of = plugin): Promise<unknown> =>
      plugins.admit({ name, options, plugin: of }).catch(errorCode);
    expect(await admit('power', {}, { ...plugin, name: 'evil' })).toBe('PLUGIN_NOT_ALLOWED');
    expect(await admit('power', {}, { ...plugin, digest: '0'.repeat(64) })).toBe('PLUGIN_DIGEST');
    expect(await admit('nothing', {})).toBe('PLUGIN_NO_CONTRIBUTION');
    expect(await admit('power', { power: 0 })).toBe('PLUGIN_OPTION');
    // Scores beyond float32.
    expect(await admit('power', { power: 1e6 })).toBe('PLUGIN_CANARY');
    expect(plugins.states()).toEqual([]);
    expect(await admit('normed', {})).toEqual({ needs: ['weights', 'inputNorms'] });
    expect(plugins.states()).toMatchObject([plugin]);
  });
});
