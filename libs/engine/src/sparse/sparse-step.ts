/** One training step on the kept weights: forward, loss, backward, update. */
import { TENSOR_SUFFIXES, sizeOf, type TensorData } from '@espalier/tensor';
import { NAMES, PIXEL_SCALE, type TrainingProgram } from '../graph/training-program';
import type { Variable } from '../ops/variable';
import { wordsOf, type Call } from './calls';
import { JOBS, MAX_MEMORY_BYTES, kernelsOn, type Job, type Kernels } from './kernels';
import type { Held, SamplePart } from './layer-steps';
import { layOut, type Layout } from './layout';
import { FLOAT_BYTES, MEMORY_MAP, PARTS_OF_JOB, TILE_SAMPLES } from './memory-map';
import { partOf } from './plane';
import { SharedKernel } from './shared-kernel';
import { softmaxLoss } from './softmax-loss';
import { stepProgram, type StepProgram } from './step-program';

export interface StepData {
  /** By kernel: not 0 for what is kept. Of a shared one its codes. Where there is none, all weights are kept. */
  readonly masks: ReadonlyMap<string, Float32Array | Int32Array>;
  /** By kernel: 1 and -1, of those that have signs beside their codes. */
  readonly signs: ReadonlyMap<string, Float32Array>;
  /** [samples][features] */
  readonly images: Uint8Array;
  /** [samples] */
  readonly labels: Int32Array;
}

export interface StepThreads {
  readonly threads: number;
  /** Of a step that is no longer needed. */
  readonly before?: Kernels;
}

/** A variable that a step reads, and may change. */
export interface HeldVariable {
  readonly variable: Variable;
  readonly isTrained: boolean;
  load(tensor: Float32Array): void;
  /** The whole tensor, removed numbers +0.0. */
  read(): Float32Array;
}

/** Numbers that a vector has. */
const LANES = 4;

export class SparseStep {
  readonly kernels: Kernels;
  readonly variables: readonly HeldVariable[];
  /** By kernel. */
  private readonly shared: ReadonlyMap<string, SharedKernel>;
  private readonly layout: Layout;
  private readonly work: StepProgram;
  /** The batch's samples, one behind the other: bytes, or floats where they were distorted. */
  private readonly staged: { readonly address: number; readonly pitch: number };
  private readonly features: number;

  /** Throws a RangeError where it would take too much memory. */
  constructor(
    private readonly program: TrainingProgram,
    private readonly data: StepData,
    { threads, before }: StepThreads,
  ) {
    const { options } = program;
    const { network, batchSize, optimizer, l1 = 0, l2 = 0 } = options;
    const slots = optimizer.kind === 'sgd' ? 1 : 2;
    const { masks } = data;
    const trained = options.straightThrough ? 'latents' : 'codebook';
    const shared = new Map([...options.shared.keys()].map((name) => [name, trained] as const));
    this.layout = layOut({ ...options, network, slots, masks, shared });
    const { arena, held, parts } = this.layout;
    this.features = sizeOf(options.imageShape);
    const wholeVectors = Math.ceil(this.features / LANES) * LANES;
    const pitch = options.augment ? FLOAT_BYTES * wholeVectors : wholeVectors;
    this.staged = { address: arena.room(pitch * parts * TILE_SAMPLES), pitch };
    const bringIn = (part: SamplePart): Call => this.transpose(part);
    this.work = stepProgram(this.layout, { batchSize, optimizer, l1, l2, bringIn });
    const lists = JOBS.flatMap((job, i) =>
      this.work.parts[job].map((calls, part) => ({
        part: i * PARTS_OF_JOB + part,
        address: arena.place(wordsOf(calls)),
      })),
    );
    if (arena.bytes > MAX_MEMORY_BYTES) throw new RangeError(`it takes ${arena.bytes} bytes of memory`);
    this.kernels = kernelsOn(arena, threads, before);
    const table = new Uint32Array(this.kernels.buffer, MEMORY_MAP.parts, JOBS.length * PARTS_OF_JOB);
    for (const { part, address } of lists) table[part] = address;
    this.shared = new Map(
      held.flatMap((each) => (shared.has(each.name) ? [[each.name, this.sharedKernel(each, slots)]] : [])),
    );
    this.variables = held.flatMap((each) => this.variablesOf(each));
  }

  /** To be called when all variables have been loaded: shared weights are then those that their codes stand for. */
  lookUp(): void {
    for (const { name, values, kept } of this.layout.held) {
      this.shared.get(name)?.lookUp(this.floats(values, kept.length));
    }
  }

  /**
   * The loss of the batch before the update. Throws ENGINE_RUN.
   *
   * @param teacherLogits [batch, classes], where a teacher is distilled
   */
  run(feeds: Readonly<Record<string, TensorData>>, teacherLogits?: Float32Array): number {
    const { labelSmoothing = 0, distill } = this.program.options;
    const taught = teacherLogits && distill && { ...distill, logits: teacherLogits };
    const { logits, logitsGradient, parts } = this.layout;
    const indices = feeds[NAMES.indices] as Int32Array;
    this.stage(indices, feeds[NAMES.distorted] as Float32Array | undefined);
    this.setParameters(feeds);
    this.do('forward');
    const size = parts * logits.channels * TILE_SAMPLES;
    const labels = Int32Array.from(indices, (index) => this.data.labels[index]);
    const input = { logits: this.floats(logits.address, size), labels, classes: logits.channels };
    let loss = softmaxLoss(
      { ...input, labelSmoothing, ...(taught && { taught }) },
      this.floats(logitsGradient.address, size),
    );
    this.do('backward');
    this.do('update');
    this.updateShared();
    for (const address of this.work.penalties) loss += new Float64Array(this.kernels.buffer, address, 1)[0];
    return loss;
  }

  private sharedKernel({ name, kept }: Held, slots: number): SharedKernel {
    const { options } = this.program;
    const codes = this.data.masks.get(name) as Int32Array;
    const signs = this.data.signs.get(name);
    return new SharedKernel({
      codes: Uint16Array.from(kept, (at) => codes[at]),
      ...(signs && { signs: Float32Array.from(kept, (at) => signs[at]) }),
      levels: options.shared.get(name) as number,
      slots,
    });
  }

  private variablesOf({ name, kept, latents, trained, slots }: Held): HeldVariable[] {
    const { byName, trained: all } = this.program;
    const numbersOf = (variable: string): Variable[] => {
      const own = all.find((each) => each.variable.name === variable);
      return [byName.get(variable) as Variable, ...(own?.slots ?? [])];
    };
    const isTrained = (variable: string): boolean => all.some((each) => each.variable.name === variable);
    const arrays = (variable: string, own: readonly Float32Array[]): HeldVariable[] =>
      numbersOf(variable).map((each, i) => ({
        variable: each,
        isTrained: isTrained(variable),
        load: (tensor) => own[i].set(tensor),
        read: () => own[i].slice(),
      }));
    const shared = this.shared.get(name);
    const codebook = shared
      ? arrays(name + TENSOR_SUFFIXES.codebook, [shared.codebook, ...shared.slots])
      : [];
    if (trained === 'codebook') return codebook;
    const scattered = numbersOf(name).map((variable, i): HeldVariable => {
      const own = this.floats([latents, ...slots][i], kept.length);
      return {
        variable,
        isTrained: isTrained(name),
        load(tensor) {
          for (let k = 0; k < kept.length; k++) own[k] = tensor[kept[k]];
        },
        read() {
          const tensor = new Float32Array(sizeOf(variable.shape));
          for (let k = 0; k < kept.length; k++) tensor[kept[k]] = own[k];
          return tensor;
        },
      };
    });
    return [...codebook, ...scattered];
  }

  private updateShared(): void {
    const { optimizer } = this.program.options;
    const [rate] = this.floats(MEMORY_MAP.rate, 1);
    for (const { name, values, gradients, kept, trained } of this.layout.held) {
      const shared = this.shared.get(name);
      if (!shared || trained !== 'codebook' || !this.isTrained(name)) continue;
      shared.update(this.floats(gradients, kept.length), { optimizer, rate });
      shared.lookUp(this.floats(values, kept.length));
    }
  }

  private isTrained(kernel: string): boolean {
    const name = kernel + TENSOR_SUFFIXES.codebook;
    return this.program.trained.some(({ variable }) => variable.name === name);
  }

  private do(job: Job): void {
    const parts = this.work.parts[job].length;
    if (parts > 0) this.kernels.run(job, parts);
  }

  private stage(indices: Int32Array, distorted: Float32Array | undefined): void {
    const { features } = this;
    const { address, pitch } = this.staged;
    if (distorted) {
      const rows = this.floats(address, (pitch / FLOAT_BYTES) * indices.length);
      for (let i = 0; i < indices.length; i++) {
        rows.set(distorted.subarray(i * features, (i + 1) * features), (i * pitch) / FLOAT_BYTES);
      }
      return;
    }
    const rows = new Uint8Array(this.kernels.buffer, address, pitch * indices.length);
    for (let i = 0; i < indices.length; i++) {
      const from = indices[i] * features;
      rows.set(this.data.images.subarray(from, from + features), i * pitch);
    }
  }

  /** From samples, one behind the other, to features. */
  private transpose({ part, first }: SamplePart): Call {
    const { address, pitch } = this.staged;
    const place = [address + first * pitch, pitch, partOf(this.layout.input, part), this.features] as const;
    return this.program.options.augment
      ? ['transposeFloats', ...place]
      : ['transposeBytes', ...place, PIXEL_SCALE];
  }

  private setParameters(feeds: Readonly<Record<string, TensorData>>): void {
    const { optimizer } = this.program.options;
    const [low, high] = feeds[NAMES.dropoutKey];
    new Int32Array(this.kernels.buffer, MEMORY_MAP.keyLow, 2).set([low, high]);
    const [learningRate] = feeds[NAMES.learningRate];
    const rate = this.floats(MEMORY_MAP.rate, 1);
    rate[0] = learningRate;
    if (optimizer.kind === 'sgd') return;
    // Of both moments, which begin at 0.
    const [[beta1Power], [beta2Power]] = [feeds[NAMES.beta1Power], feeds[NAMES.beta2Power]];
    rate[0] = (learningRate * Math.sqrt(1 - beta2Power)) / (1 - beta1Power);
  }

  private floats(address: number, length: number): Float32Array {
    return new Float32Array(this.kernels.buffer, address, length);
  }
}
