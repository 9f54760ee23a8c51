/** `espalier plugins`: what a recipe may name. */
import { CODINGS } from '@espalier/encoding';
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

export const pluginsCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    command
      .addHelpText('after', examples([['espalier plugins', 'criteria, granularities, schedules, codecs']]))
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

function listPlugins(): readonly Listed[] {
  return [
    ...named('criterion', Object.values(CRITERIA)),
    ...named('granularity', Object.values(GRANULARITIES)),
    ...named('schedule', Object.values(SCHEDULES)),
    ...CODINGS.map((name) => ({ kind: 'codec', name, version: '1', from: 'built in' }) as const),
  ];
}

function named(
  kind: Listed['kind'],
  items: readonly { readonly name: string; readonly version: string }[],
): Listed[] {
  return items.map(({ name, version }) => ({ kind, name, version, from: 'built in' }));
}
