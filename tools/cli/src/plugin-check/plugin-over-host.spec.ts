import { CONTRIBUTION_KINDS, type Plugin } from '@espalier/plugin-api';
import { checkPlugin } from '@espalier/plugin-api/testing';
import { openPluginHost } from '@espalier/plugin-host';
import { nodePackage } from '../plugin-scaffold/node-package';
import { pluginNames } from '../plugin-scaffold/package-name';
import { pluginOverHost } from './plugin-over-host';

/** A plugin with a contribution of each kind. */
function everyKind(): Plugin {
  const parts = Object.values(CONTRIBUTION_KINDS).map((kind) => {
    const module = { exports: {} };
    const source = nodePackage(pluginNames('mine'), kind, 'javascript')['index.js'];
    new Function('require', 'module', source)(require, module);
    return module.exports as Plugin;
  });
  return Object.assign({}, ...parts) as Plugin;
}

describe('pluginOverHost', () => {
  it('lets the kit try every kind of contribution through the faces of a host', async () => {
    await using host = await openPluginHost({ allow: [] });
    const { checks } = await checkPlugin(pluginOverHost(host.inProcess(everyKind())), { withoutCost: true });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    const tried = Object.values(CONTRIBUTION_KINDS).map((kind) => `${kind} "mine"`);
    expect(new Set(checks.map(({ of }) => of))).toEqual(new Set(['plugin', ...tried]));
    expect(checks.some(({ name }) => name.startsWith('costs'))).toBe(false);
  });
});
