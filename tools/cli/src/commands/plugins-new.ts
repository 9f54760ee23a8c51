/** `espalier plugins new`: a package with a contribution that works, a test and a README. */
import { resolve } from 'node:path';
import { CONTRIBUTION_KINDS, type ContributionKind } from '@espalier/plugin-api';
import type { Command } from 'commander';
import { examples, type CommandModule, type CommonOptions } from '../command';
import { cliError } from '../errors';
import { present } from '../output/terminal';
import { nodePackage, type Files } from '../plugin-scaffold/node-package';
import { pluginNames, type PluginNames } from '../plugin-scaffold/package-name';
import { pythonPackage } from '../plugin-scaffold/python-package';
import { writeNewFolder } from '../plugin-scaffold/write-files';

interface NewOptions extends CommonOptions {
  readonly kind: string;
  readonly lang: string;
  readonly dir?: string;
}

const KINDS = Object.values(CONTRIBUTION_KINDS);

const LANGUAGES: Readonly<Record<string, (names: PluginNames, kind: ContributionKind) => Files>> = {
  javascript: (names, kind) => nodePackage(names, kind, 'javascript'),
  typescript: (names, kind) => nodePackage(names, kind, 'typescript'),
  python: pythonPackage,
};

export const pluginsNewCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    command
      .argument('<name>', 'what it is called in recipes; the package becomes espalier-plugin-NAME')
      .requiredOption('--kind <kind>', KINDS.join(', '))
      .option('--lang <language>', Object.keys(LANGUAGES).join(', '), 'javascript')
      .option('--dir <folder>', 'where to write it; default: ./espalier-plugin-NAME')
      .addHelpText(
        'after',
        examples([
          ['espalier plugins new mine --kind criterion', 'a criterion in JavaScript, nothing to build'],
          [
            'espalier plugins new @me/rows --kind granularity --lang typescript',
            'a granularity in TypeScript',
          ],
        ]),
      )
      .action((name: string, options: NewOptions) => {
        const names = pluginNames(name);
        const kind = oneOf('--kind', options.kind, KINDS) as ContributionKind;
        const language = oneOf('--lang', options.lang, Object.keys(LANGUAGES));
        const folder = resolve(options.dir ?? names.folder);
        const files = LANGUAGES[language](names, kind);
        writeNewFolder(folder, files);
        const result = {
          name: names.packageName,
          kind,
          contribution: names.contribution,
          folder,
          files: Object.keys(files),
        };
        present(terminal, options.json, result, () =>
          [
            `${names.packageName} is in ${folder}: ${Object.keys(files).join(', ')}`,
            '',
            'Change it as you like, then:',
            `  espalier plugins check ${options.dir ?? names.folder}`,
            'Its README says how a recipe uses it.',
          ].join('\n'),
        );
      });
  },
};

function oneOf(option: string, value: string, allowed: readonly string[]): string {
  if (allowed.includes(value)) return value;
  throw cliError('CLI_OPTION', { option, value, expected: `one of ${allowed.join(', ')}` });
}
