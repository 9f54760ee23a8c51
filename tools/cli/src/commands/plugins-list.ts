/** `espalier plugins list`: what a recipe may name. */
import { ARTIFACT_VERSION, CODINGS } from '@espalier/encoding';
import { CRITERIA, GRANULARITIES, SCHEDULES } from '@espalier/pruning';
import type { Command } from 'commander';
import { examples, type CommandModule, type CommonOptions } from '../command';
import { table } from '../output/table';
import { present } from '../output/terminal';

interface Listed {
  readonly kind: 'criterion' | 'granularity' | 'schedule' | 'codec';
  readonly name: string;
  readonly version: string;
  readonly from: 'built in';
}

export const pluginsListCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    command
      .addHelpText(
        'after',
        examples([['espalier plugins list', 'criteria, granularities, schedules, codecs']]),
      )
      .action((options: CommonOptions) => {
        const listed = listPlugins();
        present(terminal, options.json, listed, () =>
          table<Listed>(
            [
              { title: 'kind', cell: ({ kind }) => kind },
              { title: 'name', cell: ({ name }) => name },
              { title: 'version', cell: ({ version }) => version },
              { title: 'from', cell: ({ from }) => from },
            ],
            listed,
          ),
        );
      });
  },
};

export function listPlugins(): readonly Listed[] {
  return [
    ...named('criterion', CRITERIA),
    ...named('granularity', GRANULARITIES),
    ...named('schedule', SCHEDULES),
    // Codings have no version of their own: what a coding writes is fixed by the version of the file's format.
    ...CODINGS.map((name) => ({
      kind: 'codec' as const,
      name,
      version: `${ARTIFACT_VERSION}`,
      from: 'built in' as const,
    })),
  ];
}

/** By the names that a recipe may use: some have several. */
function named(
  kind: Listed['kind'],
  items: Readonly<Record<string, { readonly version: string }>>,
): Listed[] {
  return Object.entries(items).map(([name, { version }]) => ({ kind, name, version, from: 'built in' }));
}
