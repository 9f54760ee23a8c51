import { Random } from '@espalier/base';
import { openPluginHost } from './open-plugin-host';
import { DEFAULT_PLUGIN_LIMITS } from './limits';
import { HOSTILE_LIMITS, HOSTILE_PLUGINS, hostileFolder, tryHostile } from './testing/hostile';

describe('a plugin that does harm', () => {
  it.each(HOSTILE_PLUGINS)('$name: its call fails with $code, and nothing of it is left', async (hostile) => {
    const { name, code, limits = {} } = hostile;
    await using host = await openPluginHost({ allow: ['*'], limits: { ...HOSTILE_LIMITS, ...limits } });
    const outcome = await tryHostile(host, name);
    expect(outcome).toMatchObject({ code, left: 0 });
    expect(outcome.peakBytes).toBeLessThanOrEqual(1.1 * (HOSTILE_LIMITS.memoryBytes as number));
    // The host goes on.
    const good = await host.load({ from: hostileFolder('good') });
    const weights = Float32Array.of(1, -2);
    const scores = await good
      .criterion('power')
      .score({ name: 'a', shape: [2], weights, random: new Random(1) });
    expect([...scores]).toEqual([1, 2]);
  });

  it('is given up after some failures in a row, and says so from then on', async () => {
    const limits = { ...HOSTILE_LIMITS, maxRestarts: 1 };
    await using host = await openPluginHost({ allow: ['process-exit'], limits });
    const plugin = await host.load({ from: hostileFolder('process-exit') });
    const ask = (): Promise<unknown> =>
      plugin.criterion('bad').score({
        name: 'fc1/kernel',
        shape: [1],
        weights: Float32Array.of(1),
        random: new Random(1),
      });
    await expect(ask()).rejects.toMatchObject({ code: 'PLUGIN_CRASHED' });
    await expect(ask()).rejects.toMatchObject({ code: 'PLUGIN_GIVEN_UP' });
    expect(plugin.statistics).toMatchObject({ restarts: 1, unanswered: 0 });
    expect(DEFAULT_PLUGIN_LIMITS.maxRestarts).toBeGreaterThan(0);
  });
});
