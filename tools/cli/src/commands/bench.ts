/** `espalier bench`: the scripts under tools/bench, by name. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { EXIT, examples, type CommandModule, type CommonOptions } from '../command';
import { cliError } from '../errors';
import { BENCH_FOLDER, CHILD_LOADER } from '../installation';
import { present } from '../output/terminal';

/** Scripts are files of tools/bench, or of its src, whose first line is a shebang; others are their parts. */
const SCRIPT = /\.(ts|cjs|mjs)$/;

export const benchCommand: CommandModule = {
  configure(command: Command, context) {
    const { terminal } = context;
    command
      .argument('[name]', 'the bench; without one they are listed')
      .argument('[args...]', 'passed on to it')
      .passThroughOptions()
      .addHelpText(
        'after',
        examples([
          ['espalier bench', 'which benches there are'],
          ['espalier bench lenet-300-100 --seeds 5', 'run one; what follows the name is its own'],
        ]),
      )
      .action(async (name: string | undefined, args: string[], options: CommonOptions) => {
        const benches = listBenches();
        if (name === undefined) {
          return present(
            terminal,
            options.json,
            [...benches.keys()],
            () => [...benches.keys()].join('\n') || 'none',
          );
        }
        const script = benches.get(name);
        if (script === undefined) {
          const there = [...benches.keys()].join(', ') || 'none';
          throw cliError('CLI_BENCH_UNKNOWN', { name, present: there });
        }
        const code = await runScript(script, [...args, ...(options.json ? ['--json'] : [])]);
        context.exitCode = code === 0 ? EXIT.ok : EXIT.failed;
      });
  },
};

function listBenches(): Map<string, string> {
  const folders = [BENCH_FOLDER, join(BENCH_FOLDER, 'src')].filter((folder) => existsSync(folder));
  const files = folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)));
  return new Map(
    files
      .filter((file) => SCRIPT.test(file) && !/\.(spec|d)\.ts$/.test(file))
      .sort()
      .map((file) => [basename(file).replace(SCRIPT, ''), file]),
  );
}

function runScript(script: string, args: readonly string[]): Promise<number> {
  const loader = script.endsWith('.ts') ? [CHILD_LOADER] : [];
  const child = spawn(process.execPath, [...loader, script, ...args], { stdio: 'inherit' });
  // The terminal's Ctrl-C reaches the bench itself; this process waits for how it ends.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve(signal === 'SIGINT' ? EXIT.interrupted : (code ?? EXIT.failed)),
    );
  });
}
