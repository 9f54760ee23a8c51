/** `espalier plugins`: its own commands, each in a file that is loaded when it is called; `list` when none is named. */
import type { Command } from 'commander';
import type { CommandContext, CommandModule, CommonOptions } from '../command';
import type { CommandEntry } from '../commands';
import { cliError } from '../errors';

/* eslint-disable @typescript-eslint/no-require-imports -- see commands.ts */
export const PLUGIN_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'list',
    summary: 'criteria, granularities, schedules and codecs that a recipe may name (the default)',
    load: () => (require('./plugins-list') as typeof import('./plugins-list')).pluginsListCommand,
  },
  {
    name: 'new',
    summary: 'make a package of your own, with a contribution that works, a test and a README',
    load: () => (require('./plugins-new') as typeof import('./plugins-new')).pluginsNewCommand,
  },
  {
    name: 'check',
    summary: 'try a plugin on everything that its contracts promise',
    load: () => (require('./plugins-check') as typeof import('./plugins-check')).pluginsCheckCommand,
  },
];
/* eslint-enable @typescript-eslint/no-require-imports */

export const pluginsCommand: CommandModule = {
  configure(command: Command, context: CommandContext) {
    for (const { name, summary, load } of PLUGIN_COMMANDS) {
      const sub = command
        .command(name)
        .description(summary)
        .option('--json', 'the result as JSON on standard output')
        .option('--debug', 'show stacks of errors');
      load().configure(sub, context);
    }
    command
      .usage('[command] [options]')
      .argument('[command]')
      .action(async (action: string | undefined, options: CommonOptions) => {
        if (action !== undefined) {
          const names = PLUGIN_COMMANDS.map(({ name }) => name);
          throw cliError('CLI_OPTION', { option: 'command', value: action, expected: names.join(', ') });
        }
        await command.commands[0].parseAsync(options.json ? ['--json'] : [], { from: 'user' });
      });
  },
};
