/** `espalier eval`: the error of a file on a test set, by a process that has nothing else. */
import type { DataSet } from '@espalier/datasets';
import { loadEngine } from '@espalier/engine';
import { evaluateArtifact, type ArtifactEvaluation } from '@espalier/stages';
import type { Command } from 'commander';
import { withPluginOption, type ArtifactFileOptions } from '../artifact-file';
import { decodedByPlugins } from '../artifact-plugins';
import { examples, type CommandModule, type CommonOptions } from '../command';
import { readInput } from '../files';
import { count, percent } from '../output/format';
import { fields } from '../output/table';
import { present } from '../output/terminal';
import { wholeNumber } from '../parse';
import { readTestData } from '../test-data';
import {
  evaluateIntegers,
  openIntegerModel,
  withWholeNumbersOption,
  type WholeNumbersOptions,
} from '../whole-numbers';

type EvalOptions = CommonOptions &
  ArtifactFileOptions &
  WholeNumbersOptions & { data: string; threads?: number };

export const evalCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    withWholeNumbersOption(withPluginOption(command))
      .argument('<file>', 'an .espalier file')
      .option('--data <data>', 'mnist, or IMAGES,LABELS: two IDX files, plain or gzipped', 'mnist')
      .option('--threads <n>', 'threads of the engine (default: all cores)', wholeNumber('--threads', 1))
      .addHelpText(
        'after',
        examples([
          ['espalier eval model.espalier', "on MNIST's 10,000 test images"],
          ['espalier eval model.espalier --data images.idx.gz,labels.idx.gz', 'on your own'],
          ['espalier eval model.espalier --whole-numbers', 'a file of plugin-int8, in 8-bit whole numbers'],
        ]),
      )
      .action(async (file: string, options: EvalOptions) => {
        const bytes = readInput(file);
        const data = readTestData(options.data);
        const { wholeNumbers } = options;
        const result = wholeNumbers
          ? evaluateIntegers(await openIntegerModel(file, options), data.test, options.data)
          : await evaluateFloats(bytes, data, options);
        const found = { file, bytes: bytes.byteLength, data: data.name, ...result };
        present(terminal, options.json, { ...found, ...(wholeNumbers && { wholeNumbers }) }, () =>
          fields([
            ['file', `${file}, ${count(bytes.byteLength)} bytes`],
            ['data', `${count(result.count)} test images of ${data.name}`],
            ['error', `${percent(result.error)} (${count(result.error * result.count)} wrong)`],
            ['top-5 error', percent(result.top5Error)],
            ['loss', result.loss.toPrecision(4)],
            ...(wholeNumbers ? [['computed', 'in 8-bit whole numbers'] as const] : []),
          ]),
        );
      });
  },
};

async function evaluateFloats(
  bytes: Uint8Array,
  data: DataSet,
  { plugin = [], threads }: EvalOptions,
): Promise<ArtifactEvaluation> {
  const byPlugins = await decodedByPlugins(bytes, plugin);
  await loadEngine(threads === undefined ? {} : { threads });
  return evaluateArtifact(bytes, data, byPlugins);
}
