import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRIBUTION_KINDS, type Plugin } from '@espalier/plugin-api';
import { checkPlugin } from '@espalier/plugin-api/testing';
import { nodePackage } from './node-package';
import { pluginNames } from './package-name';
import { writeNewFolder } from './write-files';

const KINDS = Object.values(CONTRIBUTION_KINDS);

/** What the file exports, with this workspace's packages. */
function evaluated(source: string): Plugin {
  const module = { exports: {} };
  new Function('require', 'module', source)(require, module);
  return module.exports as Plugin;
}

describe('a plugin that was just made', () => {
  it.each(KINDS)('passes the conformance kit: %s', async (kind) => {
    const names = pluginNames(`my-${kind}`);
    const files = nodePackage(names, kind, 'javascript');
    const packageJson = JSON.parse(files['package.json']) as Record<string, unknown>;
    const { checks } = await checkPlugin(evaluated(files['index.js']), { packageJson });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(checks.some(({ of }) => of === `${kind} "my-${kind}"`)).toBe(true);
  });

  it('is a criterion in ten lines', () => {
    const source = nodePackage(pluginNames('mine'), 'criterion', 'javascript')['index.js'];
    expect(
      source.split('\n').filter((line) => line !== '' && !line.startsWith('//')).length,
    ).toBeLessThanOrEqual(10);
  });

  it('has the same definition in both languages', () => {
    for (const kind of KINDS) {
      const [javascript, typescript] = (['javascript', 'typescript'] as const).map((language) =>
        nodePackage(pluginNames('mine'), kind, language),
      );
      const body = (source: string): string => source.slice(source.indexOf('definePlugin({'));
      expect(body(typescript['index.ts'])).toBe(body(javascript['index.js']));
    }
  });
});

describe('pluginNames', () => {
  it.each([
    ['mine', 'espalier-plugin-mine', 'mine'],
    ['espalier-plugin-mine', 'espalier-plugin-mine', 'mine'],
    ['@me/mine', '@me/espalier-plugin-mine', 'mine'],
    ['@me/espalier-plugin-two-words', '@me/espalier-plugin-two-words', 'two-words'],
  ])('makes of %s the package %s with the contribution %s', (typed, packageName, contribution) => {
    expect(pluginNames(typed)).toMatchObject({ packageName, contribution });
  });

  it.each(['Mine', '../mine', '2nd', '', 'a b'])('refuses "%s"', (typed) => {
    expect(() => pluginNames(typed)).toThrow('CLI_OPTION: option NAME');
  });
});

describe('writeNewFolder', () => {
  it('writes over nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'espalier-scaffold-'));
    try {
      writeNewFolder(join(folder, 'new'), { 'a.txt': 'a', 'sub/b.txt': 'b' });
      expect(readFileSync(join(folder, 'new/sub/b.txt'), 'utf8')).toBe('b');
      writeFileSync(join(folder, 'new/a.txt'), 'mine');
      expect(() => writeNewFolder(join(folder, 'new'), { 'c.txt': 'c' })).toThrow('CLI_FOLDER_FILLED');
      expect(readFileSync(join(folder, 'new/a.txt'), 'utf8')).toBe('mine');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
