/** A file that `@espalier/plugin-int8` coded, computed as it was coded: 8-bit weights and activations, sums in 32 bits, no floats between. */
import { sliceSamples, type Samples } from '@espalier/datasets';
import { pluginTensorsOf, type PluginCodedTensor } from '@espalier/encoding';
import { createIntegerModel, type IntegerModel } from '@espalier/inference';
import { parametersOf } from '@espalier/models';
import type { Command } from 'commander';
import { openArtifactFile, type ArtifactFileOptions } from './artifact-file';
import { cliError } from './errors';
import { imageShapeOf } from './images';
import { readTestData } from './test-data';

/** Images whose activations give the ranges of 8 bits; more change little (Wu et al. 2020, 4.1). */
const CALIBRATION_IMAGES = 512;
const PLUGIN = '@espalier/plugin-int8';

export interface WholeNumbersOptions {
  readonly wholeNumbers?: boolean;
  readonly calibrate: string;
}

export function withWholeNumbersOption(command: Command): Command {
  return command
    .option(
      '--whole-numbers',
      `compute in 8-bit whole numbers, without TensorFlow: a file that ${PLUGIN} coded`,
    )
    .option(
      '--calibrate <data>',
      `images that give the ranges of activations then, the first ${CALIBRATION_IMAGES}: mnist (of its training images), or IMAGES,LABELS`,
      'mnist',
    );
}

/** @throws CLI_WHOLE_NUMBERS for a file that was coded otherwise, CLI_DATA, INFERENCE_INTEGER, as `openArtifactFile` */
export async function openIntegerModel(
  file: string,
  { calibrate, ...options }: WholeNumbersOptions & ArtifactFileOptions,
): Promise<IntegerModel> {
  const { bytes, artifact } = await openArtifactFile(file, options);
  const coded = new Map(pluginTensorsOf(bytes).map((each) => [each.name, each]));
  for (const { name, prunable } of parametersOf(artifact.network)) {
    const problem = prunable ? problemOf(coded.get(name)) : undefined;
    if (problem) throw cliError('CLI_WHOLE_NUMBERS', { file, problem: `"${name}" ${problem}` });
  }
  const { train } = readTestData(calibrate);
  requireImages(train, imageShapeOf(artifact.network.input), calibrate);
  const { images } = sliceSamples(train, 0, Math.min(CALIBRATION_IMAGES, train.count));
  return createIntegerModel(artifact, { samples: pixelsOf(images) });
}

/** The integer path has a scale for each output and no zero points: other codes would be quantised a second time. */
function problemOf(tensor: PluginCodedTensor | undefined): string | undefined {
  if (tensor?.codec.plugin !== PLUGIN) return `was not coded by ${PLUGIN}`;
  const { channels, symmetric } = tensor.codec.options;
  return channels !== false && symmetric !== false ? undefined : 'has one scale for all, or zero points';
}

export interface IntegerMetrics {
  readonly count: number;
  /** Share of the samples that are answered wrongly. */
  readonly error: number;
  readonly top5Error: number;
  /** Mean cross entropy. */
  readonly loss: number;
}

/** @throws CLI_DATA for images of another size */
export function evaluateIntegers(model: IntegerModel, samples: Samples, data: string): IntegerMetrics {
  const { images, labels, count } = samples;
  requireImages(samples, imageShapeOf(model.network.input), data);
  const size = images.length / count;
  let [wrong, wrongOf5, loss] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const logits = model.run(pixelsOf(images.subarray(i * size, (i + 1) * size)));
    const right = logits[labels[i]];
    const above = logits.filter((logit) => logit > right).length;
    // Of equal ones the first is the answer.
    const before = logits.subarray(0, labels[i]).filter((logit) => logit === right).length;
    if (above + before > 0) wrong++;
    if (above + before >= 5) wrongOf5++;
    loss -= Math.log(softmax(logits)[labels[i]]);
  }
  return { count, error: wrong / count, top5Error: wrongOf5 / count, loss: loss / count };
}

export function softmax(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const exponentials = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

/** As networks take them. */
export function pixelsOf(images: Uint8Array): Float32Array {
  return Float32Array.from(images, (pixel) => pixel / 255);
}

function requireImages({ shape }: Samples, wanted: readonly number[], data: string): void {
  if (shape.join() === wanted.join()) return;
  const problem = `its images are ${shape.join(' x ')}, but the network takes ${wanted.join(' x ')}`;
  throw cliError('CLI_DATA', { data, problem });
}
