/** The README of a new plugin: how it is checked, tried and given to others. */
import type { ContributionKind } from '@espalier/plugin-api';
import type { PluginNames } from './package-name';
import { recipeUse } from './recipe-use';

interface ReadmeOptions {
  readonly kind: ContributionKind;
  readonly language: 'javascript' | 'typescript' | 'python';
}

const SOURCES = { javascript: 'index.js', typescript: 'index.ts', python: 'plugin.py' } as const;

export function scaffoldReadme(names: PluginNames, { kind, language }: ReadmeOptions): string {
  const { packageName, contribution, folder } = names;
  const install =
    language === 'python'
      ? 'pip install websockets msgpack'
      : 'npm install PATH/espalier-plugin-api-1.0.0.tgz   # by `npm run pack:plugin-api` in the folder of Espalier';
  return `# ${packageName}

The ${kind} \`${contribution}\` for Espalier. All of it is in \`${SOURCES[language]}\`.

\`\`\`sh
espalier plugins check .   # tries it on everything that its contract promises
\`\`\`

In a recipe:

\`\`\`yaml
plugins:
  ${/^[a-z-]+$/.test(packageName) ? packageName : `'${packageName}'`}: { from: ./${folder} } # the folder, seen from the recipe; or { from: npm }, when it is installed
${recipeUse(names, kind)}
\`\`\`

Its own tests, and types in an editor:

\`\`\`sh
${install}
${language === 'python' ? 'python3 -m unittest' : 'npm test'}
\`\`\`

Raise \`version\` whenever the numbers change: results of another version are not used again.
`;
}
