import { errorCode } from '@espalier/base';
import { definePlugin, type Plugin } from '@espalier/plugin-api';
import { openPluginHost } from './open-plugin-host';
import { servePlugin } from './runner/serve-plugin';
import { DEFAULT_PLUGIN_LIMITS } from './limits';

/** A plugin that counts how often it was asked for anything. */
function pluginFor(host: string): { readonly plugin: Plugin; readonly calls: () => number } {
  let calls = 0;
  const plugin = definePlugin({
    name: 'versioned',
    version: '1.0.0',
    host,
    criteria: {
      size: {
        needs: ['weights'],
        score: ({ weights }) => {
          calls++;
          return weights.map(Math.abs);
        },
      },
    },
  });
  return { plugin, calls: () => calls };
}

interface Meeting {
  readonly host: string;
  readonly range: string;
  readonly protocols: readonly number[];
}

/** How the host and the plugin each see it, and whether a tensor moved. */
async function meet({ host: hostVersion, range, protocols }: Meeting): Promise<{
  readonly code: string | undefined;
  readonly refusal: string | undefined;
  readonly calls: number;
}> {
  await using host = await openPluginHost({ allow: [], hostVersion });
  await using invitation = await host.attach();
  const { plugin, calls } = pluginFor(range);
  const served = await servePlugin(plugin, { ...invitation, protocols });
  const code = await invitation.plugin.then(
    () => undefined,
    (error: unknown) => errorCode(error) ?? String(error),
  );
  if (code === undefined) served.leave('done');
  const { refusal } = await served.ended;
  return { code, refusal: refusal?.split(':')[0], calls: calls() };
}

describe('host and plugin of different versions', () => {
  const HOSTS = ['1.0.0', '2.0.0', '3.0.0'];
  const RANGES = ['^1.0.0', '^2.0.0', '^3.0.0'];
  const pairs = HOSTS.flatMap((host) => RANGES.map((range) => ({ host, range })));

  it.each(pairs)(
    'host $host and a plugin for $range agree, or know why not before a tensor moves',
    async (pair) => {
      const outcome = await meet({ ...pair, protocols: [1] });
      if (pair.range === `^${pair.host}`) {
        expect(outcome).toMatchObject({ code: undefined, refusal: undefined });
        expect(outcome.calls).toBeGreaterThan(0);
      } else {
        expect(outcome).toEqual({ code: 'PLUGIN_HOST_VERSION', refusal: 'PLUGIN_HOST_VERSION', calls: 0 });
      }
    },
  );

  it.each([
    ['the next', [2]],
    ['later ones', [2, 3]],
  ])('a plugin that speaks %s of the protocols alone is refused by name', async (_, protocols) => {
    expect(await meet({ host: '1.0.0', range: '^1.0.0', protocols })).toEqual({
      code: 'PLUGIN_PROTOCOL',
      refusal: 'PLUGIN_PROTOCOL',
      calls: 0,
    });
  });

  it('a plugin that speaks newer protocols beside this one is let in', async () => {
    const { code, calls } = await meet({ host: '1.0.0', range: '^1.0.0', protocols: [1, 2] });
    expect(code).toBeUndefined();
    expect(calls).toBeGreaterThan(0);
  });

  it('nobody who never says hello holds the host up', async () => {
    await using host = await openPluginHost({ allow: [] });
    await using invitation = await host.attach({ timeoutMs: 50 });
    await expect(invitation.plugin).rejects.toMatchObject({ code: 'PLUGIN_NOT_ATTACHED' });
    expect(DEFAULT_PLUGIN_LIMITS.startTimeoutMs).toBeGreaterThan(0);
  });
});
