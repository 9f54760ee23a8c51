/** What a session's options mean for its program, and whether they make sense. */
import { isIdentityAugment } from '@espalier/datasets';
import { inferShapes, parametersOf, requireLayer, type NetworkSpec } from '@espalier/models';
import { TENSOR_SUFFIXES, sameShape, sizeOf } from '@espalier/tensor';
import { engineError } from '../errors';
import type { ProgramOptions } from '../graph/training-program';
import type { SessionOptions, SplitName } from './options';

/**
 * Samples of one evaluating call: enough to hide what a call costs, and bounded by what the largest activations take; TensorFlow
 * holds about three times as much, and keeps it.
 */
const EVALUATION = { maxSamples: 1000, maxActivationBytes: 48 * 2 ** 20 } as const;

/** Throws ENGINE_OPTION or ENGINE_DATA for options that cannot be meant. */
export function checkOptions(options: SessionOptions): void {
  const { network, batchSize, labelSmoothing = 0, l1 = 0, l2 = 0, distill, startStep = 0 } = options;
  requireOption(
    'batchSize',
    batchSize,
    Number.isSafeInteger(batchSize) && batchSize >= 1,
    'it should be 1 or more',
  );
  requireOption(
    'startStep',
    startStep,
    Number.isSafeInteger(startStep) && startStep >= 0,
    'it should be 0 or more',
  );
  requireOption(
    'labelSmoothing',
    labelSmoothing,
    labelSmoothing >= 0 && labelSmoothing < 1,
    'it should be in [0, 1)',
  );
  requireOption('l1', l1, l1 >= 0, 'it should be 0 or more');
  requireOption('l2', l2, l2 >= 0, 'it should be 0 or more');
  if (distill) {
    const { temperature, weight } = distill;
    requireOption('distill.temperature', temperature, temperature > 0, 'it should be above 0');
    requireOption('distill.weight', weight, weight >= 0 && weight <= 1, 'it should be in [0, 1]');
  }
  for (const [name, rate] of Object.entries(options.dropout ?? {})) {
    const { type } = requireLayer(network, name);
    requireOption(`dropout.${name}`, rate, type === 'dropout', `"${name}" is a ${type} layer`);
    requireOption(`dropout.${name}`, rate, rate >= 0 && rate < 1, 'it should be in [0, 1)');
  }
  for (const name of options.frozen ?? []) requireLayer(network, name);
  if (options.shared && sharedKernels(options).size === 0) {
    throw engineError('ENGINE_OPTION', {
      option: 'shared',
      value: options.shared,
      problem: 'the initial snapshot has no codes and codebook of any kernel',
    });
  }
  if (options.shared === 'straight-through' && signedKernels(options).size > 0) {
    throw engineError('ENGINE_OPTION', {
      option: 'shared',
      value: options.shared,
      problem: 'kernels with signs beside their codes have those by a rule, so nothing can be assigned anew',
    });
  }
  for (const split of Object.keys(options.data) as SplitName[]) checkSamples(split, options);
}

export function programOptions(options: SessionOptions, masked: boolean): ProgramOptions {
  const { network, data, distill } = options;
  const rates = network.layers.flatMap((layer) =>
    layer.type === 'dropout' ? [[layer.name, options.dropout?.[layer.name] ?? layer.rate] as const] : [],
  );
  const counts = Object.fromEntries(
    Object.entries(data).flatMap(([split, samples]) => (samples ? [[split, samples.count]] : [])),
  ) as ProgramOptions['counts'];
  return {
    network,
    optimizer: options.optimizer,
    batchSize: Math.min(options.batchSize, data.train.count),
    evaluationBatch: evaluationBatch(network, Math.max(...Object.values(counts))),
    imageShape: data.train.shape,
    counts,
    augment: !isIdentityAugment(options.augment),
    dropout: new Map(rates),
    frozen: new Set(options.frozen),
    shared: sharedKernels(options),
    signed: signedKernels(options),
    straightThrough: options.shared === 'straight-through',
    latent: options.latent ?? false,
    masked,
    labelSmoothing: options.labelSmoothing,
    l1: options.l1,
    l2: options.l2,
    distill,
    teacher: distill && (distill.teacher.network as unknown as NetworkSpec),
  };
}

/** The options without the weights that `initial` brings: once loaded they lie in the session, and need not lie here, too. */
export function withoutWeights(options: SessionOptions): SessionOptions {
  const { initial } = options;
  if (!initial) return options;
  const needed: readonly string[] = [TENSOR_SUFFIXES.codes, TENSOR_SUFFIXES.codebook, TENSOR_SUFFIXES.signs];
  const tensors = [...initial.tensors].filter(([name]) => needed.some((suffix) => name.endsWith(suffix)));
  return { ...options, initial: { ...initial, tensors: new Map(tensors) } };
}

/** Kernels that `initial` has in shared form, with the number of their levels; none unless `shared` is asked for. */
export function sharedKernels({ shared, initial, network }: SessionOptions): Map<string, number> {
  const levels = new Map<string, number>();
  if (!shared || !initial) return levels;
  for (const { name, role } of parametersOf(network)) {
    const codebook = initial.tensors.get(name + TENSOR_SUFFIXES.codebook);
    if (role === 'kernel' && codebook && initial.tensors.has(name + TENSOR_SUFFIXES.codes)) {
      levels.set(name, sizeOf(codebook.shape));
    }
  }
  return levels;
}

/** Those of them that have signs. */
function signedKernels(options: SessionOptions): Set<string> {
  const names = [...sharedKernels(options).keys()];
  return new Set(names.filter((name) => options.initial?.tensors.has(name + TENSOR_SUFFIXES.signs)));
}

function evaluationBatch(network: NetworkSpec, largestSplit: number): number {
  const largest = Math.max(...[...inferShapes(network).values()].map((shape) => 4 * sizeOf(shape)));
  const fitting = Math.floor(EVALUATION.maxActivationBytes / largest);
  return Math.max(1, Math.min(EVALUATION.maxSamples, largestSplit, fitting));
}

function checkSamples(split: SplitName, { network, data }: SessionOptions): void {
  const samples = data[split];
  if (!samples) return;
  const refuse = (problem: string): Error =>
    engineError('ENGINE_DATA', { split, network: network.name, problem });
  const { count, shape, images, labels } = samples;
  if (count < 1) throw refuse('it has no samples');
  if (sizeOf(shape) !== sizeOf(network.input)) {
    throw refuse(`an image has shape [${shape.join(', ')}], the input has [${network.input.join(', ')}]`);
  }
  if (!sameShape(shape, data.train.shape))
    throw refuse('its images have another shape than those for training');
  if (images.length !== count * sizeOf(shape) || labels.length !== count) {
    throw refuse(
      `it declares ${count} samples, but carries ${images.length} bytes and ${labels.length} labels`,
    );
  }
  const output = inferShapes(network).get(network.layers[network.layers.length - 1].name);
  const classes = output?.[0] ?? 0;
  const strange = labels.findIndex((label) => label >= classes);
  if (strange !== -1) {
    throw refuse(`sample ${strange} has label ${labels[strange]}, but the network has ${classes} classes`);
  }
}

function requireOption(option: string, value: number, holds: boolean, problem: string): void {
  if (!holds) throw engineError('ENGINE_OPTION', { option, value, problem });
}
