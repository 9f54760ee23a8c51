/** `espalier bench FILE`: size, accuracy and latency of a file beside the dense network. */
import { Random } from '@espalier/base';
import type { Samples } from '@espalier/datasets';
import { describePlan } from '@espalier/inference';
import { Command } from 'commander';
import { cpus } from 'node:os';
import { openArtifactFile } from '../artifact-file';
import { artifactReport } from '../artifact-report';
import { examples, type CommandContext, type CommonOptions } from '../command';
import { cliError } from '../errors';
import { fileBenchText, type FileBenchReport, type FileBenchRow } from '../file-bench/file-bench-report';
import { answersOf, compareAnswers, timeRuntimes, type Comparison } from '../file-bench/measure';
import { openRuntimes, randomSamples, type Runtime } from '../file-bench/runtimes';
import { imageShapeOf } from '../images';
import { count } from '../output/format';
import { present } from '../output/terminal';
import { wholeNumber } from '../parse';
import { readTestData } from '../test-data';

/** Of random images, for `--data none`. */
const RANDOM_IMAGES = 128;

interface FileBenchOptions extends CommonOptions {
  readonly data: string;
  readonly batch: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly threads?: number;
  readonly kernels?: boolean;
}

/** With a parser of its own: `bench NAME` hands on what follows a name, so the options of a file are not those of `bench`. */
export async function benchFile(
  file: string,
  args: readonly string[],
  context: CommandContext,
  common: CommonOptions,
): Promise<void> {
  const { terminal } = context;
  const command = new Command('espalier bench FILE')
    .description(
      'Size, accuracy and latency of an .espalier file beside the dense network: one image at a time, and many, where sparse often loses.',
    )
    .option('--data <data>', 'mnist; IMAGES,LABELS: two IDX files; none: random images', 'mnist')
    .option('--batch <n,n>', 'images a call', batchSizes, [1, 64])
    .option(
      '--rounds <n>',
      'each runtime in turn, so often; the median counts',
      wholeNumber('--rounds', 1),
      3,
    )
    .option('--seconds <s>', 'each time', positive, 0.3)
    .option(
      '--threads <n>',
      'of the engine, and of large layers (default: all cores; as many as pay)',
      wholeNumber('--threads', 1),
    )
    .option('--kernels', 'which kernel runs which layer, and what each took')
    .option('--json', 'the result as JSON on standard output')
    .option('--debug', 'show stacks of errors')
    .helpOption('-h, --help', 'show this help')
    .addHelpText(
      'after',
      examples([
        ['espalier bench model.espalier', "on MNIST's test images"],
        ['espalier bench model.espalier --kernels', 'what runs each layer, and why'],
        ['espalier bench model.espalier --batch 1 --data none', 'a network for other images: latency only'],
      ]),
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
    })
    .showHelpAfterError('(--help tells more)')
    .action(async (options: FileBenchOptions) => {
      const { report, kernels } = await measureFile(file, options, (text) => terminal.note(text));
      const result = { ...report, kernels: kernels.plan };
      present(terminal, common.json ?? options.json, result, () =>
        [
          fileBenchText(report),
          ...(options.kernels && kernels.plan ? ['', describePlan(kernels.plan)] : []),
        ].join('\n'),
      );
    });
  await command.parseAsync(args, { from: 'user' });
}

async function measureFile(
  file: string,
  { data, batch: batches, rounds, seconds, threads }: FileBenchOptions,
  progress: (text: string) => void,
): Promise<{ report: FileBenchReport; kernels: Runtime }> {
  const { bytes, artifact } = await openArtifactFile(file);
  const { network, parameters, weights } = artifactReport(bytes, artifact);
  const { samples, words, known } = imagesFor(data, artifact.network.input, batches);
  const runtimes = await openRuntimes({ artifact, samples, batches, threads });
  try {
    const timing = {
      batches,
      rounds,
      seconds,
      samples: samples.count,
      now: () => performance.now(),
      progress,
    };
    const times = await timeRuntimes(runtimes, timing);
    progress('answers to all images');
    const rows: FileBenchRow[] = [];
    const answers: Record<string, Comparison> = {};
    const expected = await answersOf(runtimes[runtimes.length - 1], Math.max(...batches), samples);
    for (const batch of batches) {
      answers[batch] = compareAnswers(await answersOf(runtimes[0], batch, samples), expected);
    }
    for (const [i, runtime] of runtimes.entries()) {
      const { error } = await answersOf(runtime, Math.max(...batches), samples);
      rows.push({
        runtime: runtime.name,
        threads: runtime.threads,
        bytes: runtime.ofFile ? bytes.byteLength : 4 * parameters.total,
        error: known ? error : null,
        us: Object.fromEntries(times[i]),
      });
    }
    const report = {
      file,
      network,
      weights: weights.total,
      kept: weights.kept,
      data: words,
      batches,
      rows,
      answers,
      machine: `Node ${process.version}, ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores`,
    };
    return { report, kernels: runtimes[0] };
  } finally {
    for (const runtime of runtimes) await runtime.close();
  }
}

interface BenchImages {
  readonly samples: Samples;
  readonly words: string;
  /** Are the labels right? */
  readonly known: boolean;
}

/** @throws CLI_DATA for images of another size, or too few */
function imagesFor(data: string, input: readonly number[], batches: readonly number[]): BenchImages {
  const most = Math.max(...batches);
  const shape = imageShapeOf(input);
  if (data === 'none') {
    const samples = randomSamples(shape, Math.max(RANDOM_IMAGES, most), new Random(1, 'images'));
    return { samples, words: `${count(samples.count)} random images, half of their bytes 0`, known: false };
  }
  const { name, test } = readTestData(data);
  const problem =
    test.shape.join() !== shape.join()
      ? `its images are ${test.shape.join(' x ')}, but the network takes ${shape.join(' x ')}; --data none takes random ones`
      : test.count < most
        ? `it has ${test.count} images, fewer than a batch of ${most}`
        : undefined;
  if (problem) throw cliError('CLI_DATA', { data, problem });
  return { samples: test, words: `${count(test.count)} test images of ${name}`, known: true };
}

function batchSizes(value: string): readonly number[] {
  return [...new Set(value.split(',').map(wholeNumber('--batch', 1)))];
}

function positive(value: string): number {
  const seconds = Number(value);
  if (value.trim() !== '' && seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw cliError('CLI_OPTION', { option: '--seconds', value, expected: 'a number of seconds above 0' });
}
