/** From a network and the options of a session to the program that trains and evaluates it. */
import { parametersOf, type NetworkSpec, type ParameterSpec } from '@espalier/models';
import { TENSOR_SUFFIXES, type Shape } from '@espalier/tensor';
import { multiply } from '../ops/arithmetic';
import { cast } from '../ops/cast';
import { behindMask } from '../ops/behind-mask';
import { constant, scalar } from '../ops/constant';
import { applyAdam, applyMomentum, assign } from '../ops/effects';
import { feed } from '../ops/feed';
import { gatherRows } from '../ops/gather-rows';
import { lookup } from '../ops/lookup';
import type { Node, Value } from '../ops/node';
import { read } from '../ops/read';
import { reshape } from '../ops/reshape';
import { straightThrough } from '../ops/straight-through';
import type { Variable } from '../ops/variable';
import type { OptimizerSpec, SplitName } from '../session/options';
import { forward, type TrainingContext } from './forward';
import { gradients } from './gradients';
import { trainingLoss, type LossOptions } from './loss';
import type { Program, ProgramFunction } from './program';

export interface ProgramOptions extends LossOptions {
  readonly network: NetworkSpec;
  readonly optimizer: OptimizerSpec;
  readonly batchSize: number;
  /** Samples of one call that evaluates. */
  readonly evaluationBatch: number;
  /** [height, width, channels] of the images. */
  readonly imageShape: Shape;
  /** How many samples each split has. */
  readonly counts: { readonly [split in SplitName]?: number };
  readonly augment: boolean;
  /** Rates by layer, all of them. */
  readonly dropout: ReadonlyMap<string, number>;
  readonly frozen: ReadonlySet<string>;
  /** Kernels that are looked up in a codebook, with its number of levels. */
  readonly shared: ReadonlyMap<string, number>;
  /** Those of them whose weights are plus or minus a level. */
  readonly signed: ReadonlySet<string>;
  /** Those kernels' own float weights are trained behind their centroids, instead of the centroids. */
  readonly straightThrough: boolean;
  /** Whether gradients go through masks. */
  readonly masked: boolean;
  /** Weights are masked instead of their gradients: removed ones are trained on. */
  readonly latent: boolean;
  readonly teacher?: NetworkSpec;
}

/** A parameter that the optimizer changes, with its slots. */
export interface TrainedVariable {
  readonly variable: Variable;
  readonly slots: readonly Variable[];
}

export interface TrainingProgram extends Program {
  /** What it was made from. */
  readonly options: ProgramOptions;
  /** By tensor name: parameters (or codes and codebook in their place, or beside them where trained straight through), teacher's parameters, masks, slots, data. */
  readonly byName: ReadonlyMap<string, Variable>;
  readonly parameters: readonly ParameterSpec[];
  readonly trained: readonly TrainedVariable[];
  readonly kernels: readonly string[];
}

/** Names of feeds, functions and of the variables that are no tensor of a snapshot. */
export const NAMES = {
  indices: 'indices',
  distorted: 'distorted',
  learningRate: 'learningRate',
  beta1Power: 'beta1Power',
  beta2Power: 'beta2Power',
  dropoutKey: 'dropoutKey',
  images: 'images',
  step: 'step',
  gradients: 'gradients',
  logits: 'logits',
  teacherLogits: 'teacherLogits',
  logitsOf: (split: SplitName) => `logits-${split}`,
  imagesOf: (split: SplitName) => `data/${split}/images`,
  labelsOf: (split: SplitName) => `data/${split}/labels`,
  teacher: (parameter: string) => `teacher/${parameter}`,
} as const;

/** Bytes 0..255 become 0..1. */
export const PIXEL_SCALE = 1 / 255;

export function buildTrainingProgram(options: ProgramOptions): TrainingProgram {
  const { network, batchSize, evaluationBatch, imageShape, counts, frozen } = options;
  const state = new State();
  const parameters = parametersOf(network);
  const weights = new Map(parameters.map((each) => [each.name, parameterValue(each, options, state)]));
  const parameter = (name: string): Value => weights.get(name)?.value as Value;
  const splitNames = Object.keys(counts) as SplitName[];
  for (const split of splitNames) {
    state.variable(NAMES.imagesOf(split), 'uint8', [counts[split] as number, ...imageShape]);
  }
  const labels = state.variable(NAMES.labelsOf('train'), 'int32', [counts.train as number]);

  /* One batch: [batch, ...network.input], and its labels [batch]. */
  const batchIndices = feed(NAMES.indices, 'int32', [batchSize]);
  const batchLabels = gatherRows(labels, batchIndices);
  const plainImages = scaled(gatherRows(state.byName.get(NAMES.imagesOf('train')) as Variable, batchIndices));
  const images = options.augment ? feed(NAMES.distorted, 'float32', [batchSize, ...imageShape]) : plainImages;
  const asInput = (pixels: Value): Value => reshape(pixels, [pixels.shape[0], ...network.input]);

  /* The step. */
  const effects: Node[] = [];
  const training: TrainingContext = {
    dropoutKey: feed(NAMES.dropoutKey, 'int32', [1, 2]),
    dropoutRate: (layer) => options.dropout.get(layer) ?? 0,
    isFrozen: (layer) => frozen.has(layer),
    updateMoving: (name, value) => effects.push(assign(state.byName.get(name) as Variable, value)),
  };
  const kernels = parameters.filter(({ role }) => role === 'kernel').map(({ name }) => name);
  const taught = options.teacher && teacherLogits(options.teacher, asInput(images), state);
  const loss = trainingLoss(options, {
    logits: forward(network, asInput(images), { parameter, training }),
    labels: batchLabels,
    kernels: kernels.map(parameter),
    teacherLogits: taught,
  });
  const targets = [...weights.values()].filter(({ spec }) => spec.trainable && !frozen.has(spec.layer));
  const lossGradients = gradients(
    loss,
    targets.map(({ source }) => source),
  );
  const rates: RateFeeds = {
    learningRate: feed(NAMES.learningRate, 'float32', []),
    beta1Power: feed(NAMES.beta1Power, 'float32', []),
    beta2Power: feed(NAMES.beta2Power, 'float32', []),
  };
  const trained = targets.map((target, i) => {
    const gradient = maskedGradient(target, lossGradients[i], options, state);
    const { slots, effect } = update(target.variable, gradient, {
      ...rates,
      optimizer: options.optimizer,
      state,
    });
    if (effect) effects.push(effect);
    return { variable: target.variable, slots };
  });
  const functions: ProgramFunction[] = [{ name: NAMES.step, fetches: { loss }, effects }];
  // For a step that is done elsewhere.
  if (taught) functions.push({ name: NAMES.teacherLogits, fetches: { logits: taught }, effects: [] });

  /* Gradients of the plain loss, as in use: no dropout, no augmentation, no regularisation. */
  const plainLogits = forward(network, asInput(plainImages), { parameter });
  const plainLoss = trainingLoss({}, { logits: plainLogits, labels: batchLabels, kernels: [] });
  const scored = parameters
    .filter(({ role }) => role === 'kernel' || role === 'bias')
    .map(({ name }) => name);
  const plainGradients = gradients(plainLoss, scored.map(parameter));
  const fetched = scored.map((name, i) => [name, plainGradients[i] ?? zeros(parameter(name))] as const);
  functions.push({ name: NAMES.gradients, fetches: Object.fromEntries(fetched), effects: [] });

  /* Evaluation: logits of samples of a split, or of images that are fed. */
  const evaluationIndices = feed(NAMES.indices, 'int32', [evaluationBatch]);
  for (const split of splitNames) {
    const pixels = scaled(gatherRows(state.byName.get(NAMES.imagesOf(split)) as Variable, evaluationIndices));
    const logits = forward(network, asInput(pixels), { parameter });
    functions.push({ name: NAMES.logitsOf(split), fetches: { logits }, effects: [] });
  }
  const fedImages = feed(NAMES.images, 'uint8', [evaluationBatch, ...imageShape]);
  const fedLogits = forward(network, asInput(scaled(fedImages)), { parameter });
  functions.push({ name: NAMES.logits, fetches: { logits: fedLogits }, effects: [] });

  return {
    options,
    variables: [...state.byName.values()],
    functions,
    byName: state.byName,
    parameters,
    trained,
    kernels,
  };
}

/** The variables of a program as they are asked for, each with its one `read`. */
class State {
  readonly byName = new Map<string, Variable>();

  variable(name: string, dtype: Variable['dtype'], shape: Shape): Variable {
    const made: Variable = { name, dtype, shape };
    this.byName.set(name, made);
    return made;
  }
}

interface Weight {
  readonly spec: ParameterSpec;
  /** What layers use. */
  readonly value: Value;
  /** What is trained: the parameter itself, or its codebook, or (straight through) the latent weights of its name. */
  readonly variable: Variable;
  readonly source: Value;
}

function parameterValue(spec: ParameterSpec, options: ProgramOptions, state: State): Weight {
  const levels = options.shared.get(spec.name);
  if (levels === undefined) {
    const variable = state.variable(spec.name, 'float32', spec.shape);
    const source = read(variable);
    const isBehind = options.latent && options.masked && spec.prunable;
    const value = isBehind ? behindMask(source, read(maskOf(spec, state))) : source;
    return { spec, value, variable, source };
  }
  const codebook = state.variable(spec.name + TENSOR_SUFFIXES.codebook, 'float32', [levels]);
  const codes = state.variable(spec.name + TENSOR_SUFFIXES.codes, 'int32', spec.shape);
  if (options.straightThrough) {
    const latent = state.variable(spec.name, 'float32', spec.shape);
    const source = read(latent);
    const value = straightThrough({ latent: source, codebook: read(codebook), codes: read(codes) });
    return { spec, value, variable: latent, source };
  }
  const source = read(codebook);
  const looked = lookup(source, read(codes));
  const signs = (): Variable => state.variable(spec.name + TENSOR_SUFFIXES.signs, 'float32', spec.shape);
  const value = options.signed.has(spec.name) ? multiply(looked, read(signs())) : looked;
  return { spec, value, variable: codebook, source };
}

function teacherLogits(teacher: NetworkSpec, images: Value, state: State): Value {
  const values = new Map(
    parametersOf(teacher).map(({ name, shape }) => [
      name,
      read(state.variable(NAMES.teacher(name), 'float32', shape)),
    ]),
  );
  return forward(teacher, images, { parameter: (name) => values.get(name) as Value });
}

/** A gradient times its mask is enough to keep removed weights at exactly 0, if they and their slots start there. */
function maskedGradient(
  { spec }: Weight,
  gradient: Value | undefined,
  { masked, latent, shared }: ProgramOptions,
  state: State,
): Value | undefined {
  if (!masked || latent || !spec.prunable || shared.has(spec.name)) return gradient;
  const mask = maskOf(spec, state);
  return gradient && multiply(gradient, read(mask));
}

function maskOf({ name, shape }: ParameterSpec, state: State): Variable {
  return state.variable(name + TENSOR_SUFFIXES.mask, 'float32', shape);
}

interface RateFeeds {
  readonly learningRate: Value;
  readonly beta1Power: Value;
  readonly beta2Power: Value;
}

/** One step of the optimizer for one variable. One that no gradient reaches has slots, but is left alone. */
function update(
  variable: Variable,
  gradient: Value | undefined,
  context: RateFeeds & { readonly optimizer: OptimizerSpec; readonly state: State },
): { slots: Variable[]; effect?: Node } {
  const { optimizer, state, learningRate, beta1Power, beta2Power } = context;
  const slot = (suffix: string): Variable =>
    state.variable(variable.name + suffix, 'float32', variable.shape);
  if (optimizer.kind === 'sgd') {
    const velocity = slot(TENSOR_SUFFIXES.momentum);
    const momentum = scalar(optimizer.momentum);
    const effect = gradient && applyMomentum({ variable, velocity }, { gradient, learningRate, momentum });
    return { slots: [velocity], effect };
  }
  const firstMoment = slot(TENSOR_SUFFIXES.firstMoment);
  const secondMoment = slot(TENSOR_SUFFIXES.secondMoment);
  const [beta1, beta2, epsilon] = [optimizer.beta1, optimizer.beta2, optimizer.epsilon].map(scalar);
  const effect =
    gradient &&
    applyAdam(
      { variable, firstMoment, secondMoment },
      { gradient, learningRate, beta1, beta2, epsilon, beta1Power, beta2Power },
    );
  return { slots: [firstMoment, secondMoment], effect };
}

function scaled(bytes: Value): Value {
  return multiply(cast(bytes, 'float32'), scalar(PIXEL_SCALE));
}

function zeros({ shape }: Value): Value {
  return constant('float32', shape, new Float32Array(shape.reduce((product, axis) => product * axis, 1)));
}
