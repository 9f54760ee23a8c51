/**
 * `espalier bench NAME`: the scripts that tools/bench/benches.json names. `espalier bench FILE`: bench-file.ts. A name from the list
 * is a bench, whatever files there are; anything else with a dot or a slash in it, or that exists, is a file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT, examples, type CommandModule, type CommonOptions } from '../command';
import { cliError } from '../errors';
import { benchFile } from './bench-file';
import { BENCH_FOLDER } from '../installation';
import { fields } from '../output/table';
import { present } from '../output/terminal';
import { runScript } from '../run-script';

export const benchCommand: CommandModule = {
  configure(command: Command, context) {
    const { terminal } = context;
    command
      .argument('[name]', 'an .espalier file to measure, or the name of a bench; without one they are listed')
      .argument('[args...]', 'passed on to it')
      .usage('[FILE | NAME] [its options]')
      .passThroughOptions()
      .addHelpText(
        'after',
        examples([
          ['espalier bench model.espalier', 'size, accuracy and latency of a file beside the dense network'],
          ['espalier bench model.espalier --help', 'the options for a file'],
          ['espalier bench', 'which benches there are'],
          ['espalier bench seeds --seeds 1,2,3', 'run one; what follows the name is its own'],
          ['espalier bench seeds --help', 'the options of a bench'],
          ['espalier bench ./seeds', 'a file that has the name of a bench'],
        ]),
      )
      .action(async (name: string | undefined, args: string[], options: CommonOptions) => {
        const benches = listBenches();
        if (name === undefined) {
          return present(
            terminal,
            options.json,
            Object.fromEntries(benches),
            () => fields([...benches].map(([bench, { what }]) => [bench, what])) || 'none',
          );
        }
        const bench = benches.get(name);
        if (bench === undefined && (/[./\\]/.test(name) || existsSync(name))) {
          return benchFile(name, args, context, options);
        }
        if (bench === undefined) {
          const there = [...benches.keys()].join(', ') || 'none';
          throw cliError('CLI_BENCH_UNKNOWN', { name, present: there });
        }
        const script = join(BENCH_FOLDER, bench.script);
        const code = await runScript(script, [...args, ...(options.json ? ['--json'] : [])]);
        context.exitCode = code === EXIT.ok || code === EXIT.interrupted ? code : EXIT.failed;
      });
  },
};

interface BenchEntry {
  /** From tools/bench. */
  readonly script: string;
  readonly what: string;
}

function listBenches(): Map<string, BenchEntry> {
  const file = join(BENCH_FOLDER, 'benches.json');
  if (!existsSync(file)) return new Map();
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, BenchEntry>));
}
