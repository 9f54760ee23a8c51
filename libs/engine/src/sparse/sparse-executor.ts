/**
 * Runs a program's training step on the kept weights alone (../../assembly), where the program allows it and so few are kept that it
 * pays; everything else, and all other steps, are the inner executor's. State goes from one to the other when it is asked for.
 */
import { TENSOR_SUFFIXES, type TensorData } from '@espalier/tensor';
import { engineError } from '../errors';
import type { Executor } from '../executor';
import { NAMES, type TrainingProgram } from '../graph/training-program';
import type { Variable } from '../ops/variable';
import type { Kernels } from './kernels';
import { SparseStep } from './sparse-step';
import { NO_MASKS, isWorthwhile, unsupported } from './support';

export interface SparseOptions {
  /** `auto`: where it is the faster way; `always`: else ENGINE_OPTION. */
  readonly use: 'auto' | 'always';
  /** Of both ways; the bits do not depend on it. */
  readonly threads: number;
}

export class SparseExecutor implements Executor {
  /** Why it cannot be done. */
  private readonly problem: string | undefined;
  /** What training data were set: TensorFlow does not give bytes back. */
  private readonly data = new Map<string, TensorData>();
  /** As it was last laid out; undefined: not yet, or something was set since. */
  private step: SparseStep | 'inner' | undefined;
  /** Of the last step that was laid out. */
  private kernels: Kernels | undefined;
  /** The step that has changed what the inner executor has. */
  private ahead: SparseStep | undefined;

  constructor(
    private readonly program: TrainingProgram,
    private readonly inner: Executor,
    private readonly options: SparseOptions,
  ) {
    this.problem = unsupported(program.options);
  }

  /** Was the last step done on the kept weights? */
  get isSparse(): boolean {
    return this.step !== undefined && this.step !== 'inner';
  }

  set(variable: Variable, data: TensorData): void {
    this.handBack();
    if (variable.name === NAMES.imagesOf('train') || variable.name === NAMES.labelsOf('train')) {
      this.data.set(variable.name, data);
    }
    this.inner.set(variable, data);
    this.step = undefined;
  }

  clear(variable: Variable): void {
    this.handBack();
    this.inner.clear(variable);
    this.step = undefined;
  }

  get(variable: Variable): TensorData {
    this.handBack();
    return this.inner.get(variable);
  }

  call(name: string, feeds: Readonly<Record<string, TensorData>>): Readonly<Record<string, TensorData>> {
    if (name === NAMES.step) {
      this.step ??= this.layOut();
      if (this.step !== 'inner') {
        this.ahead = this.step;
        return { loss: Float32Array.of(this.step.run(feeds, this.teacherLogits(feeds))) };
      }
    }
    this.handBack();
    return this.inner.call(name, feeds);
  }

  dispose(): void {
    this.kernels?.close();
    this.kernels = undefined;
    this.inner.dispose();
  }

  private layOut(): SparseStep | 'inner' {
    const { program, inner, options } = this;
    if (this.problem) return this.problem === NO_MASKS ? 'inner' : this.leave(this.problem);
    const masks = new Map(
      program.kernels.flatMap((name) => {
        const mask = this.maskOf(name);
        return mask ? [[name, mask] as const] : [];
      }),
    );
    const signs = this.signs();
    const kept = new Map([...masks].map(([name, mask]) => [name, countKept(mask)]));
    if (options.use === 'auto' && !isWorthwhile(program.options.network, kept)) return 'inner';
    const images = this.data.get(NAMES.imagesOf('train')) as Uint8Array;
    const labels = this.data.get(NAMES.labelsOf('train')) as Int32Array;
    const { kernels: before } = this;
    this.kernels = undefined;
    let step: SparseStep;
    try {
      step = new SparseStep(
        program,
        { masks, signs, images, labels },
        { threads: options.threads, ...(before && { before }) },
      );
    } catch (error) {
      before?.close();
      if (error instanceof RangeError) return this.leave(error.message);
      throw error;
    }
    this.kernels = step.kernels;
    for (const { variable, load } of step.variables) load(inner.get(variable) as Float32Array);
    step.lookUp();
    return step;
  }

  /** To the inner executor, unless that was ruled out. */
  private leave(problem: string): 'inner' {
    if (this.options.use === 'auto') return 'inner';
    throw engineError('ENGINE_OPTION', { option: 'executor', value: 'sparse', problem });
  }

  /** A teacher has all its weights. */
  private teacherLogits(feeds: Readonly<Record<string, TensorData>>): Float32Array | undefined {
    if (!this.program.options.teacher) return undefined;
    return this.inner.call(NAMES.teacherLogits, feeds).logits as Float32Array;
  }

  /** Not 0 for weights that are kept: a mask, codes, or of a frozen kernel the weights themselves. Undefined where all are trained. */
  private maskOf(kernel: string): Float32Array | Int32Array | undefined {
    const { byName, trained, options } = this.program;
    const suffix = options.shared.has(kernel) ? TENSOR_SUFFIXES.codes : TENSOR_SUFFIXES.mask;
    const own = byName.get(kernel + suffix);
    if (own) return this.inner.get(own) as Float32Array | Int32Array;
    const isTrained = trained.some(({ variable }) => variable.name === kernel);
    return isTrained ? undefined : (this.inner.get(byName.get(kernel) as Variable) as Float32Array);
  }

  private signs(): Map<string, Float32Array> {
    const { byName, options } = this.program;
    return new Map(
      [...options.signed].map((name) => {
        const signs = byName.get(name + TENSOR_SUFFIXES.signs) as Variable;
        return [name, this.inner.get(signs) as Float32Array];
      }),
    );
  }

  /** Brings what the steps have changed to the inner executor. */
  private handBack(): void {
    const { ahead, inner } = this;
    this.ahead = undefined;
    for (const { variable, isTrained, read } of ahead?.variables ?? []) {
      if (isTrained) inner.set(variable, read());
    }
  }
}

function countKept(mask: Float32Array | Int32Array): number {
  let kept = 0;
  for (const flag of mask) if (flag !== 0) kept++;
  return kept;
}
