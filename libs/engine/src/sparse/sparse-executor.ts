/**
 * Runs a program's training step on the kept weights alone (../../assembly), where the program allows it and so few are kept that it
 * pays; everything else, and all other steps, are the inner executor's. State goes from one to the other when it is asked for.
 */
import { sizeOf, TENSOR_SUFFIXES, type TensorData } from '@espalier/tensor';
import { engineError } from '../errors';
import type { Executor } from '../executor';
import { NAMES, type TrainingProgram } from '../graph/training-program';
import type { Variable } from '../ops/variable';
import type { Kernels } from './kernels';
import { SparseStep } from './sparse-step';
import { isWorthwhile, unsupported } from './support';

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
    // Before the first masks nothing is pruned.
    if (this.problem) return program.options.masked ? this.leave(this.problem) : 'inner';
    const masks = new Map(program.kernels.map((name) => [name, this.maskOf(name)]));
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
        { masks, images, labels },
        { threads: options.threads, ...(before && { before }) },
      );
    } catch (error) {
      before?.close();
      if (error instanceof RangeError) return this.leave(error.message);
      throw error;
    }
    this.kernels = step.kernels;
    for (const { variable, held } of step.variables) {
      step.load(held, inner.get(variable) as Float32Array);
    }
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

  /** Frozen kernels have none in the program: of those what is 0 stays it. */
  private maskOf(kernel: string): Float32Array {
    const { byName } = this.program;
    const variable = byName.get(kernel + TENSOR_SUFFIXES.mask) ?? byName.get(kernel);
    return this.inner.get(variable as Variable) as Float32Array;
  }

  /** Brings what the steps have changed to the inner executor. */
  private handBack(): void {
    const { ahead, inner } = this;
    this.ahead = undefined;
    for (const { variable, held, isTrained } of ahead?.variables ?? []) {
      if (isTrained) inner.set(variable, (ahead as SparseStep).read(held, sizeOf(variable.shape)));
    }
  }
}

function countKept(mask: Float32Array): number {
  let kept = 0;
  for (const flag of mask) if (flag !== 0) kept++;
  return kept;
}
