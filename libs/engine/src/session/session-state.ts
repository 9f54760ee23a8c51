/** The tensors of a session, between snapshots and the variables of its program. */
import { parametersOf, type NetworkSpec, type ParameterSpec } from '@espalier/models';
import {
  Mask,
  TENSOR_SUFFIXES,
  asFloat32,
  float32,
  requireFinite,
  requireTensor,
  sameShape,
  sizeOf,
  tensor,
  type Snapshot,
  type Tensor,
} from '@espalier/tensor';
import { collectUnused } from '../collect-unused';
import { engineError } from '../errors';
import type { Executor } from '../executor';
import { NAMES, type TrainingProgram } from '../graph/training-program';
import type { Variable } from '../ops/variable';
import { initialValues } from './initial-values';
import type { SessionOptions, SplitName } from './options';
import { sharedKernels, withoutWeights } from './session-plan';

/** A kernel in shared form (DC16 section 3): 0 is removed, k is codebook[k - 1]. */
export interface SharedKernel {
  /** Row-major like the kernel. */
  readonly codes: Uint16Array;
  /** [levels] */
  readonly codebook: Float32Array;
}

/** A collection takes some 20 ms. */
const LARGE_WEIGHTS = 10 * 2 ** 20;

export class SessionState {
  /** How many updates the optimizer's slots have seen: the bias correction of Adam goes by it. */
  updates: number;
  private readonly network: NetworkSpec;
  private readonly parameters: readonly ParameterSpec[];
  private readonly shared: ReadonlySet<string>;
  /** Of shared kernels. */
  private readonly codes = new Map<string, Tensor>();
  /** Of those with signs: true is minus. */
  private readonly signs = new Map<string, Mask>();
  private readonly straightThrough: boolean;
  /** Prunable kernels whose removed weights are trained on behind the mask. */
  private readonly behindMasks: ReadonlySet<string>;
  private readonly masks = new Map<string, Mask>();
  /** float32 tensors by name that wait to be loaded into a program. */
  private waiting: Map<string, Float32Array>;

  private readonly options: SessionOptions;

  constructor(options: SessionOptions) {
    const { network, initial, weightsLater } = options;
    this.options = withoutWeights(options);
    this.network = network;
    this.parameters = parametersOf(network);
    this.shared = new Set(sharedKernels(options).keys());
    this.straightThrough = options.shared === 'straight-through';
    const behind = this.parameters.filter(({ name, prunable }) => prunable && !this.shared.has(name));
    this.behindMasks = new Set(options.latent ? behind.map(({ name }) => name) : []);
    if (initial) this.waiting = this.valuesOf(initial);
    else this.waiting = weightsLater ? new Map() : initialValues(network, options.seed);
    const { updates } = initial?.info ?? {};
    this.updates = typeof updates === 'number' ? updates : 0;
    for (const { name } of this.parameters) {
      const mask = initial?.tensors.get(name + TENSOR_SUFFIXES.mask);
      if (mask) this.masks.set(name, Mask.fromTensor(mask, name + TENSOR_SUFFIXES.mask));
    }
  }

  /** Are there masks? */
  get masked(): boolean {
    return this.masks.size > 0;
  }

  /** Fills a fresh program's variables. */
  load(program: TrainingProgram, executor: Executor): void {
    const set = (name: string, data: Parameters<Executor['set']>[1]): void => {
      executor.set(program.byName.get(name) as Variable, data);
    };
    for (const split of Object.keys(this.options.data) as SplitName[]) {
      const samples = this.options.data[split];
      if (samples) set(NAMES.imagesOf(split), samples.images);
    }
    set(NAMES.labelsOf('train'), Int32Array.from(this.options.data.train.labels));
    const { teacher } = this.options.distill ?? {};
    if (teacher) {
      for (const { name } of parametersOf(teacher.network as unknown as NetworkSpec)) {
        set(NAMES.teacher(name), asFloat32(requireTensor(teacher, name), name));
      }
    }
    for (const { name } of this.parameters) {
      if (this.shared.has(name)) {
        set(name + TENSOR_SUFFIXES.codes, Int32Array.from((this.codes.get(name) as Tensor).data));
        set(
          name + TENSOR_SUFFIXES.codebook,
          this.waiting.get(name + TENSOR_SUFFIXES.codebook) as Float32Array,
        );
        const signs = this.signs.get(name);
        if (signs)
          set(
            name + TENSOR_SUFFIXES.signs,
            Float32Array.from(signs.toFlags(), (bit) => 1 - 2 * bit),
          );
        if (this.straightThrough) set(name, this.maskedCopy(name, this.waiting.get(name) as Float32Array));
      } else {
        const values = this.waiting.get(name);
        if (values) set(name, this.maskedCopy(name, values));
      }
      this.waiting.delete(name);
    }
    this.letGo();
    for (const { variable, slots } of program.trained) {
      for (const slot of slots) {
        const held = this.waiting.get(slot.name);
        if (held) executor.set(slot, this.maskedCopy(variable.name, held));
        else executor.clear(slot);
      }
    }
    this.loadMasks(program, executor, program.kernels);
    this.waiting.clear();
    this.letGo();
  }

  /** Keeps what `load` into another program will need. */
  save(program: TrainingProgram, executor: Executor): void {
    for (const variable of this.trainedAndFixed(program)) {
      this.waiting.set(variable.name, executor.get(variable) as Float32Array);
    }
  }

  setMasks(masks: ReadonlyMap<string, Mask>): void {
    for (const [name, mask] of masks) {
      const spec = this.requireParameter(name);
      if (!sameShape(spec.shape, mask.shape)) throw this.misfit(name, shapeProblem(spec.shape, mask.shape));
      if (this.shared.has(name)) throw this.misfit(name, 'is shared: removed weights are those of code 0');
      this.masks.set(name, mask.clone());
    }
  }

  /** Brings masks that changed into a running program: removed weights and their slots become +0.0. */
  applyMasks(program: TrainingProgram, executor: Executor, names: Iterable<string>): void {
    const changed = new Set(names);
    this.loadMasks(program, executor, [...changed]);
    for (const name of changed) {
      if (this.behindMasks.has(name)) continue;
      const variable = program.byName.get(name) as Variable;
      const slots = program.trained.find((each) => each.variable === variable)?.slots ?? [];
      for (const each of [variable, ...slots]) {
        executor.set(each, this.withMask(name, executor.get(each) as Float32Array));
      }
    }
  }

  /** Slots as before the first update. */
  clearSlots(program: TrainingProgram, executor: Executor): void {
    for (const { slots } of program.trained) {
      for (const slot of slots) executor.clear(slot);
    }
    this.updates = 0;
  }

  setWeights(program: TrainingProgram, executor: Executor, tensors: ReadonlyMap<string, Tensor>): void {
    for (const [name, value] of tensors) {
      const spec = this.requireParameter(name);
      if (this.shared.has(name)) throw this.misfit(name, 'is shared: its weights come from its codebook');
      if (!sameShape(spec.shape, value.shape)) throw this.misfit(name, shapeProblem(spec.shape, value.shape));
      executor.set(program.byName.get(name) as Variable, this.maskedCopy(name, asFloat32(value, name)));
    }
  }

  /** The float weights behind the shared ones, where those are trained. Throws TENSOR_NOT_FINITE. */
  latents(program: TrainingProgram, executor: Executor): Map<string, Float32Array> {
    const latents = new Map<string, Float32Array>();
    for (const { name, shape } of this.parameters) {
      if (!this.behindMasks.has(name) && !(this.straightThrough && this.shared.has(name))) continue;
      const values = executor.get(program.byName.get(name) as Variable) as Float32Array;
      requireFinite(float32(shape, values), name);
      latents.set(name, this.withMask(name, values));
    }
    return latents;
  }

  setShared(program: TrainingProgram, executor: Executor, kernels: ReadonlyMap<string, SharedKernel>): void {
    for (const [name, { codes, codebook }] of kernels) {
      const { shape } = this.requireParameter(name);
      if (!this.shared.has(name)) throw this.misfit(name, 'is not shared: it has no codebook');
      const levels = program.byName.get(name + TENSOR_SUFFIXES.codebook) as Variable;
      const codesTensor = tensor('uint16', shape, codes.slice(), name + TENSOR_SUFFIXES.codes);
      if (codebook.length !== sizeOf(levels.shape)) {
        throw this.misfit(name, `should have ${sizeOf(levels.shape)} centroids, not ${codebook.length}`);
      }
      this.requireCodes(name, codesTensor, codebook.length);
      executor.set(levels, codebook);
      executor.set(program.byName.get(name + TENSOR_SUFFIXES.codes) as Variable, Int32Array.from(codes));
      this.codes.set(name, codesTensor);
    }
  }

  read(
    program: TrainingProgram,
    executor: Executor,
    { slots, latents, step }: { slots: boolean; latents: boolean; step: number },
  ): Snapshot {
    const tensors = new Map<string, Tensor>();
    const put = (name: string, value: Tensor): void => {
      requireFinite(value, name);
      tensors.set(name, value);
    };
    const valueOf = (name: string): Float32Array =>
      executor.get(program.byName.get(name) as Variable) as Float32Array;
    for (const { name, shape } of this.parameters) {
      if (this.shared.has(name)) {
        const codes = this.codes.get(name) as Tensor;
        const codebook = valueOf(name + TENSOR_SUFFIXES.codebook);
        const signs = this.signs.get(name);
        const valueAt = (code: number, i: number): number =>
          code === 0 ? 0 : signs?.get(i) ? -codebook[code - 1] : codebook[code - 1];
        put(name, float32(shape, Float32Array.from(codes.data, valueAt)));
        if (signs) put(name + TENSOR_SUFFIXES.signs, signs.clone().toTensor());
        put(name + TENSOR_SUFFIXES.codes, codes);
        put(name + TENSOR_SUFFIXES.codebook, float32([codebook.length], codebook));
      } else {
        const values = valueOf(name);
        if (latents && this.behindMasks.has(name)) {
          put(name + TENSOR_SUFFIXES.latent, float32(shape, values.slice()));
        }
        put(name, float32(shape, this.masks.get(name)?.apply(values) ?? values));
      }
      const mask = this.masks.get(name);
      if (mask) put(name + TENSOR_SUFFIXES.mask, mask.clone().toTensor());
    }
    if (slots) {
      for (const { variable, slots: own } of program.trained) {
        for (const { name, shape } of own) {
          const values = valueOf(name);
          // Of what is trained on behind a mask only those who go on with it want the whole.
          const isWhole = latents && this.behindMasks.has(variable.name);
          if (!isWhole) this.masks.get(variable.name)?.apply(values);
          put(name, float32(shape, this.withMask(variable.name, values)));
        }
      }
    }
    const network = this.network as unknown as Snapshot['network'];
    return { network, tensors, info: slots ? { step, updates: this.updates } : { step } };
  }

  /** Frees what was loaded of a large network: nothing else would, as training asks V8 for little. */
  private letGo(): void {
    const weights = this.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (weights >= LARGE_WEIGHTS) collectUnused();
  }

  private loadMasks(program: TrainingProgram, executor: Executor, names: Iterable<string>): void {
    for (const name of names) {
      const variable = program.byName.get(name + TENSOR_SUFFIXES.mask);
      if (!variable) continue;
      const mask = this.masks.get(name);
      const flags = new Float32Array(sizeOf(variable.shape)).fill(1);
      executor.set(variable, mask ? mask.apply(flags) : flags);
    }
  }

  private trainedAndFixed(program: TrainingProgram): Variable[] {
    const own = this.parameters.flatMap(({ name }) => [
      ...(this.shared.has(name) ? [name + TENSOR_SUFFIXES.codebook] : []),
      ...(!this.shared.has(name) || this.straightThrough ? [name] : []),
    ]);
    return [
      ...own.map((name) => program.byName.get(name) as Variable),
      ...program.trained.flatMap(({ slots }) => slots),
    ];
  }

  /** The float32 tensors of a snapshot that a session can start from, with their shapes checked; not copied. */
  private valuesOf(initial: Snapshot): Map<string, Float32Array> {
    const values = new Map<string, Float32Array>();
    for (const { name, shape } of this.parameters) {
      if (this.shared.has(name)) {
        const codes = requireTensor(initial, name + TENSOR_SUFFIXES.codes);
        const codebook = asFloat32(requireTensor(initial, name + TENSOR_SUFFIXES.codebook), name);
        if (!sameShape(codes.shape, shape)) throw this.misfit(name, shapeProblem(shape, codes.shape));
        this.requireCodes(name, codes, codebook.length);
        this.codes.set(name, codes);
        values.set(name + TENSOR_SUFFIXES.codebook, codebook.slice());
        const signs = initial.tensors.get(name + TENSOR_SUFFIXES.signs);
        if (signs && !sameShape(signs.shape, shape))
          throw this.misfit(name, shapeProblem(shape, signs.shape));
        if (signs) this.signs.set(name, Mask.fromTensor(signs, name + TENSOR_SUFFIXES.signs));
      }
      if (!this.shared.has(name) || this.straightThrough) {
        const latent = this.behindMasks.has(name)
          ? initial.tensors.get(name + TENSOR_SUFFIXES.latent)
          : undefined;
        const value = latent ?? requireTensor(initial, name);
        if (!sameShape(value.shape, shape)) throw this.misfit(name, shapeProblem(shape, value.shape));
        values.set(name, asFloat32(value, name));
      }
    }
    const slots = [TENSOR_SUFFIXES.momentum, TENSOR_SUFFIXES.firstMoment, TENSOR_SUFFIXES.secondMoment];
    for (const [name, value] of initial.tensors) {
      if (slots.some((suffix) => name.endsWith(suffix))) values.set(name, asFloat32(value, name));
    }
    return values;
  }

  /** `values`, which may be a caller's, with removed weights at +0.0: copied only where there is a mask. */
  private maskedCopy(name: string, values: Float32Array): Float32Array {
    if (this.behindMasks.has(name)) return values;
    return this.masks.has(name) || this.codes.has(name) ? this.withMask(name, values.slice()) : values;
  }

  /** `values` of or beside a kernel with removed weights at +0.0, in place, unless they are trained on. Code 0 removes, too. */
  private withMask(name: string, values: Float32Array): Float32Array {
    if (this.behindMasks.has(name)) return values;
    const codes = this.codes.get(name)?.data;
    if (codes) values.forEach((_, i) => codes[i] === 0 && (values[i] = 0));
    return this.masks.get(name)?.apply(values) ?? values;
  }

  private requireCodes(name: string, { data }: Tensor, levels: number): void {
    if (data.every((code) => code <= levels)) return;
    throw this.misfit(name, `has codes beyond its ${levels} centroids`);
  }

  private requireParameter(name: string): ParameterSpec {
    const spec = this.parameters.find((each) => each.name === name);
    if (!spec) throw this.misfit(name, 'is no parameter of it');
    return spec;
  }

  private misfit(name: string, problem: string): Error {
    return engineError('ENGINE_SNAPSHOT', { network: this.network.name, tensor: name, problem });
  }
}

function shapeProblem(expected: readonly number[], actual: readonly number[]): string {
  return `should have shape [${expected.join(', ')}], not [${actual.join(', ')}]`;
}
