/** The README of a new plugin: how it is checked, tried and given to others. */
import type { ContributionKind } from '@espalier/plugin-api';
import type { PluginNames } from './package-name';
import { recipeUse } from './recipe-use';

interface ReadmeOptions {
  readonly kind: ContributionKind;
  readonly language: 'javascript' | 'typescript' | 'python';
}

const SOURCES = { javascript: 'index.js', typescript: 'index.ts', python: 'plugin.py' } as const;

const NODE_TESTS = `Its own tests, and types in an editor, with the package that \`npm run pack:plugin-api\` makes in the folder of Espalier:

\`\`\`sh
npm install PATH/espalier-plugin-api-1.0.0.tgz
npm test
\`\`\`
`;

const PYTHON_TESTS = `Before that, what it needs; a \`.venv\` in this folder is found by the host. Then its own tests:

\`\`\`sh
python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
.venv/bin/python -m unittest
\`\`\`

\`wire.py\` is the protocol of plugins (docs/plugin-protocol.md) and the same for every one.
`;

export function scaffoldReadme(names: PluginNames, { kind, language }: ReadmeOptions): string {
  const { packageName, contribution } = names;
  const own = language === 'python' ? PYTHON_TESTS : NODE_TESTS;
  return `# ${packageName}

The ${kind} \`${contribution}\` for Espalier. All of it is in \`${SOURCES[language]}\`.

\`\`\`sh
espalier plugins check .   # tries it on everything that its contract promises
\`\`\`

${useText(names, kind)}

${own}
Raise \`version\` whenever the numbers change: results of another version are not used again.
`;
}

function useText(names: PluginNames, kind: ContributionKind): string {
  const { packageName, folder } = names;
  const key = packageName.startsWith('@') ? `'${packageName}'` : packageName;
  return `In a recipe:

\`\`\`yaml
plugins:
  # The folder, seen from the recipe; or { from: npm }, when it is installed.
  ${key}: { from: ./${folder} }
${recipeUse(names, kind)}
\`\`\``;
}
