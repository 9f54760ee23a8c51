/** The files of a plugin in JavaScript or TypeScript, by path. Neither is built: what is there is what runs. */
import { HOST_VERSION, type ContributionKind } from '@espalier/plugin-api';
import { CONTRIBUTION_CODE, type ContributionCode } from './contribution-code';
import type { PluginNames } from './package-name';
import { scaffoldReadme } from './scaffold-readme';

export type NodeLanguage = 'javascript' | 'typescript';
export type Files = Readonly<Record<string, string>>;

export function nodePackage(names: PluginNames, kind: ContributionKind, language: NodeLanguage): Files {
  const code = CONTRIBUTION_CODE[kind];
  const ending = language === 'javascript' ? 'js' : 'ts';
  return {
    'package.json': json(manifest(names, code, { kind, language })),
    [`index.${ending}`]: language === 'javascript' ? javascript(names, code) : typescript(names, code),
    [`index.test.${ending}`]: testFile(names, code, language),
    ...(language === 'typescript' && { 'tsconfig.json': json(TSCONFIG) }),
    'README.md': scaffoldReadme(names, { kind, language }),
    '.gitignore': 'node_modules/\n',
  };
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  },
  include: ['*.ts'],
};
/** What runs and checks the tests of a TypeScript plugin. */
const TYPESCRIPT_TOOLS = { '@types/node': '^20.19.0', tsx: '^4.23.0', typescript: '~6.0.3' };

function manifest(
  { packageName, contribution }: PluginNames,
  { rxjs }: ContributionCode,
  { kind, language }: { readonly kind: ContributionKind; readonly language: NodeLanguage },
): object {
  const isTyped = language === 'typescript';
  return {
    name: packageName,
    version: '1.0.0',
    description: `${kind} "${contribution}" for Espalier`,
    keywords: ['espalier-plugin'],
    main: isTyped ? 'index.ts' : 'index.js',
    scripts: isTyped ? { test: 'tsc && node --import tsx --test index.test.ts' } : { test: 'node --test' },
    ...(rxjs && { dependencies: { rxjs: '^7.8.2' } }),
    peerDependencies: { '@espalier/plugin-api': `^${HOST_VERSION}` },
    ...(isTyped && { devDependencies: TYPESCRIPT_TOOLS }),
  };
}

function javascript(names: PluginNames, code: ContributionCode): string {
  const uses = ['definePlugin', ...(code.uses ?? [])].join(', ');
  return [
    '// @ts-check',
    `const { ${uses} } = require('@espalier/plugin-api');`,
    ...(code.rxjs ? [`const { ${code.rxjs.join(', ')} } = require('rxjs');`] : []),
    '',
    `module.exports = ${definition(names, code)};`,
    '',
  ].join('\n');
}

function typescript(names: PluginNames, code: ContributionCode): string {
  const uses = ['definePlugin', ...(code.uses ?? [])].join(', ');
  return [
    `import { ${uses} } from '@espalier/plugin-api';`,
    ...(code.rxjs ? [`import { ${code.rxjs.join(', ')} } from 'rxjs';`] : []),
    '',
    `export default ${definition(names, code)};`,
    '',
  ].join('\n');
}

function definition({ packageName, contribution }: PluginNames, { group, code }: ContributionCode): string {
  const key = /^[a-z]+$/.test(contribution) ? contribution : `'${contribution}'`;
  return [
    'definePlugin({',
    `  name: '${packageName}',`,
    "  version: '1.0.0',",
    `  host: '^${HOST_VERSION}',`,
    `  ${group}: {`,
    indented(`${key}: ${code},`, 4),
    '  },',
    '})',
  ].join('\n');
}

/** The conformance kit, and one test of what this plugin alone does. */
function testFile(names: PluginNames, code: ContributionCode, language: NodeLanguage): string {
  const word = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(code.test);
  const api = ['Mask', 'Random'].filter(word);
  const kit = ['describePlugin', ...['sampleEvents'].filter(word)];
  const rxjs = ['from', 'lastValueFrom', 'toArray'].filter((name) => code.rxjs && word(name));
  const take = (names: readonly string[], from: string): string[] => {
    if (names.length === 0) return [];
    const list = `{ ${names.join(', ')} }`;
    return [
      language === 'javascript' ? `const ${list} = require('${from}');` : `import ${list} from '${from}';`,
    ];
  };
  const own =
    language === 'javascript'
      ? [`const assert = require('node:assert/strict');`, ...take(['describe', 'it'], 'node:test')]
      : [`import assert from 'node:assert/strict';`, `import { describe, it } from 'node:test';`];
  const plugin =
    language === 'javascript' ? `const plugin = require('./index.js');` : `import plugin from './index';`;
  const optional = language === 'typescript' ? '!' : '';
  return [
    ...own,
    ...take(api, '@espalier/plugin-api'),
    ...take(kit, '@espalier/plugin-api/testing'),
    ...take(rxjs, 'rxjs'),
    plugin,
    '',
    '// Everything that its contract promises.',
    'describePlugin(plugin, { describe, it });',
    '',
    `it('${code.tested}', async () => {`,
    `  const tried = plugin.${code.group}${optional}['${names.contribution}'];`,
    indented(code.test.replace(/\bit\./g, 'tried.'), 2),
    '});',
    '',
  ].join('\n');
}

/** Lines that are not empty, shifted. */
export function indented(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
