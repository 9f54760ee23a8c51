import { CONTRIBUTION_KINDS, manifestOf, type Plugin } from '@espalier/plugin-api';
import { validateRecipe } from '@espalier/recipe';
import { nodePackage } from './node-package';
import { pluginNames } from './package-name';
import { recipeUse } from './recipe-use';

/** What the section needs besides, by kind. */
const MORE: Readonly<Record<string, string>> = {
  criterion: '  keep: { global: 0.1 }',
  granularity: '  keep: { global: 0.1 }',
  schedule: '  keep: { global: 0.1 }',
  regrowth: '  keep: { global: 0.1 }',
};

it.each(Object.values(CONTRIBUTION_KINDS))('a recipe takes a %s where the README says', (kind) => {
  const names = pluginNames('mine');
  const module = { exports: {} };
  const source = nodePackage(names, kind, 'javascript')['index.js'];
  new Function('require', 'module', source)(require, module);
  const facts = {
    [names.packageName]: { manifest: manifestOf(module.exports as Plugin), digest: 'a'.repeat(64) },
  };
  const recipe = (use: string): string =>
    `version: 1
name: uses-mine
network: lenet-300-100
plugins: { ${names.packageName}: { from: ./${names.folder} } }
train: { epochs: 1, learningRate: { kind: constant, base: 0.001 } }
${use}
${MORE[kind] ?? ''}
`;
  expect(validateRecipe(recipe(recipeUse(names, kind)), { plugins: facts }).problems).toEqual([]);
  const misspelt = recipeUse(names, kind).replace('/mine', '/mien');
  expect(validateRecipe(recipe(misspelt), { plugins: facts }).problems).not.toEqual([]);
});
