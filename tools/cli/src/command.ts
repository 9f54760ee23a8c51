/** What each file in `commands/` is: it describes itself to commander and does the work. */
import type { Command } from 'commander';
import type { Terminal } from './output/terminal';

export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface CommandContext {
  readonly terminal: Terminal;
  /** Set by a command whose outcome is not an exception, e.g. `doctor` that found something wrong. */
  exitCode: ExitCode;
}

export interface CommandModule {
  /** Adds arguments, options, help and the action to a command that has its name and summary already. */
  configure(command: Command, context: CommandContext): void;
}

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** Examples at the end of `--help`: each a command line and what it does. */
export function examples(lines: readonly (readonly [commandLine: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([commandLine]) => commandLine.length));
  const rows = lines.map(([commandLine, meaning]) => `  $ ${commandLine.padEnd(width)}  ${meaning}`);
  return `\nExamples:\n${rows.join('\n')}`;
}
