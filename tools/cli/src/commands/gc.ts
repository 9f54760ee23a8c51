/** `espalier gc`: frees the disk of what no run needs. */
import { Option, type Command } from 'commander';
import { collectRuns } from '../collect-runs';
import { examples, type CommandModule, type CommonOptions } from '../command';
import { lockFolder } from '../folder-lock';
import { DEFAULT_RUNS } from '../installation';
import { bytes, plural } from '../output/format';
import { fields } from '../output/table';
import { present } from '../output/terminal';
import { byteCount } from '../parse';
import { runsFolder } from '../runs-folder';
import { openPins } from './runs';

interface GcOptions extends CommonOptions {
  readonly runs: string;
  readonly dryRun?: boolean;
  readonly maxBytes?: number;
}

export const gcCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    command
      .option('--runs <folder>', 'where runs lie', DEFAULT_RUNS)
      .option('--dry-run', 'only say what would go')
      .addOption(
        new Option(
          '--max-bytes <size>',
          'then snapshots of finished runs, oldest first, down to this size; e.g. 5GB',
        )
          .argParser(byteCount('--max-bytes'))
          .env('ESPALIER_MAX_BYTES'),
      )
      .addHelpText(
        'after',
        examples([
          ['espalier gc', 'what removed runs and replaced checkpoints left'],
          ['espalier gc --max-bytes 2GB', 'files, reports and logs stay; only going back gets slower'],
        ]),
      )
      .action(async (options: GcOptions) => {
        const folder = runsFolder(options.runs);
        using _lock = lockFolder(folder, 'gc');
        const { maxBytes, dryRun = false } = options;
        const pins = await openPins(folder);
        const result = await collectRuns(folder, {
          dryRun,
          pins,
          ...(maxBytes === undefined ? {} : { maxBytes }),
        });
        present(terminal, options.json, { dryRun, ...result }, () =>
          fields([
            [
              dryRun ? 'would go' : 'gone',
              `${bytes(result.removedBytes)} in ${plural(result.removedBlobs, 'blob')}`,
            ],
            ['stays', bytes(result.keptBytes)],
            ...(result.thinned.length === 0
              ? []
              : [['without snapshots', result.thinned.join(', ')] as const]),
            ...result.stores.map(
              ({ store, removedBytes, keptBytes }) =>
                [
                  `  ${store}`,
                  `${bytes(removedBytes)} ${dryRun ? 'would go' : 'gone'}, ${bytes(keptBytes)} stay`,
                ] as const,
            ),
          ]),
        );
      });
  },
};
