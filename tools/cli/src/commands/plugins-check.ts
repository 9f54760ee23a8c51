/** `espalier plugins check`: does a plugin keep what its contracts promise? */
import type { CheckOutcome, Cost } from '@espalier/plugin-api/testing';
import type { Command } from 'commander';
import { EXIT, examples, type CommandContext, type CommandModule, type CommonOptions } from '../command';
import { bytes, count } from '../output/format';
import { table } from '../output/table';
import { present, type Terminal } from '../output/terminal';
import { wholeNumber } from '../parse';
import { checkPackage, type PackageReport } from '../plugin-check/check-package';

/** Checks take milliseconds; a machine may be busy. */
const DEFAULT_PATIENCE_SECONDS = 120;

interface CheckOptions extends CommonOptions {
  readonly seed: number;
  readonly patience: number;
}

export const pluginsCheckCommand: CommandModule = {
  configure(command: Command, context) {
    command
      .argument('[folder]', 'where its package.json lies; or the name of an installed package', '.')
      .option('--seed <n>', 'of the tensors that it is tried on', wholeNumber('--seed'), 1)
      .option(
        '--patience <seconds>',
        'how long a check may be silent until it counts as hanging',
        wholeNumber('--patience', 1),
        DEFAULT_PATIENCE_SECONDS,
      )
      .addHelpText(
        'after',
        examples([
          ['espalier plugins check ../espalier-plugin-mine', 'everything that its contracts promise'],
          ['espalier plugins check . --json', 'the same for programs; exit code 1 when a check fails'],
        ]),
      )
      .action((folder: string, options: CheckOptions) => check(folder, options, context));
  },
};

async function check(folder: string, options: CheckOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const { seed, patience } = options;
  const report = await checkPackage(folder, { seed, patience });
  if (!report.passed) context.exitCode = EXIT.failed;
  present(terminal, options.json, report, () => reportText(report, terminal));
}

/** The table of checks, then what was wrong in each that failed and what to do. */
export function reportText(report: PackageReport, { style }: Pick<Terminal, 'style'>): string {
  const { name, version, digest, checks } = report;
  const failed = checks.filter(({ passed }) => !passed);
  const lines = table<CheckOutcome>(
    [
      { title: 'of', cell: ({ of }) => of },
      { title: 'check', cell: (outcome) => outcome.name },
      { title: 'result', cell: ({ passed }) => (passed ? 'ok' : 'FAILED') },
    ],
    checks,
  );
  const problems = failed.map((outcome) =>
    `\n${style.red('failed:')} ${outcome.of} ${outcome.name}\n  ${outcome.problem}\n  ${outcome.advice ?? ''}`.trimEnd(),
  );
  const end =
    failed.length === 0
      ? style.green(`${name} ${version}: ${checks.length} checks passed${digest ? `, digest ${digest}` : ''}`)
      : style.red(`${name} ${version}: ${failed.length} of ${checks.length} checks failed`);
  const costs = checks.flatMap((outcome) =>
    outcome.cost ? [`${outcome.of}: ${costText(outcome.cost)}`] : [],
  );
  return [lines, ...(costs.length === 0 ? [] : ['', ...costs]), ...problems, '', end].join('\n');
}

function costText({ weights, milliseconds, growth, keptBytes }: Cost): string {
  const kept = keptBytes === undefined ? '' : `, and leaves ${bytes(keptBytes)} behind`;
  return (
    `a layer of ${count(weights)} weights takes ${milliseconds.toFixed(2)} ms, ` +
    `${growth.toFixed(1)} times as long a weight as one of a sixteenth${kept}`
  );
}
