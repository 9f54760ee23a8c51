/** From a command line to an exit code: 0 ok, 1 failed, 2 wrong usage, 130 Ctrl-C. */
import { errorCode, errorMessage } from '@espalier/base';
import { Command, CommanderError } from 'commander';
import { EXIT, examples, type CommandContext, type ExitCode } from './command';
import { COMMANDS, type CommandEntry } from './commands';
import { version } from './installation';
import { systemTerminal, type Terminal } from './output/terminal';

/** Codes of errors that come from what was typed, not from what happened. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'CLI_OPTION',
  'CLI_RUN_UNKNOWN',
  'CLI_RESUME_WITH',
  'CLI_UNDO_TRAIN',
  'CLI_BENCH_UNKNOWN',
  'CLI_SERVICE_UNKNOWN',
]);

/** Runs the command line and ends the process: an open socket or timer must not keep a finished command alive. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exit(await runCommandLine(argv, systemTerminal(), COMMANDS));
}

export async function runCommandLine(
  argv: readonly string[],
  terminal: Terminal,
  commands: readonly CommandEntry[],
): Promise<ExitCode> {
  const context: CommandContext = { terminal, exitCode: EXIT.ok };
  try {
    await program(argv, context, commands).parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return explain(error, argv.includes('--debug'), terminal);
  }
}

/** All commands by name, but only the called one with its options: the others are not loaded. */
function program(
  argv: readonly string[],
  context: CommandContext,
  commands: readonly CommandEntry[],
): Command {
  const { terminal } = context;
  const root = new Command('espalier')
    .description('Trains, prunes, retrains and encodes a neural network into one small file.')
    .version(version(), '-V, --version')
    .option('--debug', 'show stacks of errors')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
    })
    .showHelpAfterError('(--help tells more)')
    .addHelpText(
      'after',
      examples([
        ['espalier run', 'the default recipe: LeNet-300-100 on MNIST'],
        ['espalier run recipes/lenet-5.yaml --dry-run', 'what would happen'],
        ['espalier inspect runs/ID/model.espalier', 'what came out'],
        ['espalier doctor', 'is everything in place?'],
      ]),
    );
  const called = argv[0] === 'help' ? argv[1] : argv.find((word) => !word.startsWith('-'));
  for (const entry of commands) {
    const command = root
      .command(entry.name)
      .description(entry.summary)
      .option('--json', 'the result as JSON on standard output')
      .option('--debug', 'show stacks of errors')
      .helpOption('-h, --help', 'show this help');
    if (entry.name === called) entry.load().configure(command, context);
  }
  return root;
}

function explain(error: unknown, debug: boolean, terminal: Terminal): ExitCode {
  const { red } = terminal.noteStyle;
  const code = errorCode(error) ?? '';
  if (code === 'CLI_STOPPED') {
    terminal.note(errorMessage(error).replace(`${code}: `, ''));
    return EXIT.interrupted;
  }
  terminal.note(`${red('error:')} ${errorMessage(error)}`);
  if (debug && error instanceof Error) terminal.note(stackWithCauses(error));
  else if (!code) terminal.note('(--debug shows where it comes from)');
  return USAGE_CODES.has(code) ? EXIT.usage : EXIT.failed;
}

function stackWithCauses(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackWithCauses(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
