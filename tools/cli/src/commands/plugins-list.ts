/** `espalier plugins list`: what a recipe may name, and the plugins that are installed. */
import { ARTIFACT_VERSION, CODINGS } from '@espalier/encoding';
import { CRITERIA, GRANULARITIES, SCHEDULES } from '@espalier/pruning';
import type { Command } from 'commander';
import { examples, type CommandModule, type CommonOptions } from '../command';
import { installedPlugins, type InstalledPlugin } from '../installed-plugins';
import { table } from '../output/table';
import { present, type Terminal } from '../output/terminal';

interface Listed {
  readonly kind: string;
  /** As a recipe names it. */
  readonly name: string;
  readonly version: string;
  readonly from: string;
}

export const pluginsListCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    command
      .argument(
        '[folders...]',
        'plugins that are not installed, to be asked what they contribute: this starts them',
      )
      .addHelpText(
        'after',
        examples([
          ['espalier plugins list', 'criteria, granularities, schedules, codecs; installed plugins'],
          ['espalier plugins list ./plugins/mine', 'what a plugin of your own contributes, and its digest'],
        ]),
      )
      .action((folders: readonly string[], options: CommonOptions) => list(folders, options, terminal));
  },
};

async function list(folders: readonly string[], { json }: CommonOptions, terminal: Terminal): Promise<void> {
  const contributions = listPlugins();
  const plugins = await installedPlugins(folders);
  const theirs = plugins.flatMap(({ name: plugin, version, contributions: its = [] }) =>
    its.map(({ kind, name }): Listed => ({ kind, name: `${plugin}/${name}`, version, from: 'plugin' })),
  );
  const all = [...contributions, ...theirs];
  present(terminal, json, { contributions: all, plugins }, () =>
    [contributionTable(all), pluginTable(plugins)].filter((text) => text !== '').join('\n\n'),
  );
}

function contributionTable(listed: readonly Listed[]): string {
  return table<Listed>(
    [
      { title: 'kind', cell: ({ kind }) => kind },
      { title: 'name', cell: ({ name }) => name },
      { title: 'version', cell: ({ version }) => version },
      { title: 'from', cell: ({ from }) => from },
    ],
    listed,
  );
}

function pluginTable(plugins: readonly InstalledPlugin[]): string {
  if (plugins.length === 0) return '';
  return table<InstalledPlugin>(
    [
      { title: 'plugin', cell: ({ name }) => name },
      { title: 'version', cell: ({ version }) => version },
      { title: 'digest', cell: ({ digest }) => digest.slice(0, 12) },
      { title: 'contributes', cell: kindsOf },
      { title: 'folder', cell: ({ folder }) => folder },
    ],
    plugins,
  );
}

function kindsOf({ contributions, problem }: InstalledPlugin): string {
  if (problem !== undefined) return problem;
  if (!contributions) return 'not asked: name its folder';
  return [...new Set(contributions.map(({ kind }) => kind))].join(', ');
}

/** What comes with the program. */
export function listPlugins(): readonly Listed[] {
  return [
    ...named('criterion', CRITERIA),
    ...named('granularity', GRANULARITIES),
    ...named('schedule', SCHEDULES),
    // Codings have no version of their own: what a coding writes is fixed by the version of the file's format.
    ...CODINGS.map((name) => ({ kind: 'codec', name, version: `${ARTIFACT_VERSION}`, from: 'built in' })),
  ];
}

/** By the names that a recipe may use: some have several. */
function named(kind: string, items: Readonly<Record<string, { readonly version: string }>>): Listed[] {
  return Object.entries(items).map(([name, { version }]) => ({ kind, name, version, from: 'built in' }));
}
