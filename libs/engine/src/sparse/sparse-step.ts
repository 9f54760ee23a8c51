/** One training step on the kept weights: forward, loss, backward, update. */
import { sizeOf, type TensorData } from '@espalier/tensor';
import { NAMES, PIXEL_SCALE, type TrainingProgram } from '../graph/training-program';
import type { Variable } from '../ops/variable';
import { wordsOf, type Call } from './calls';
import { JOBS, MAX_MEMORY_BYTES, kernelsOn, type Job, type Kernels } from './kernels';
import type { SamplePart } from './layer-steps';
import { layOut, type Layout } from './layout';
import { FLOAT_BYTES, MEMORY_MAP, PARTS_OF_JOB, TILE_SAMPLES } from './memory-map';
import { partOf } from './plane';
import { softmaxLoss } from './softmax-loss';
import { stepProgram, type StepProgram } from './step-program';

export interface StepData {
  /** By kernel. */
  readonly masks: ReadonlyMap<string, Float32Array>;
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

/** Numbers of one variable: where they are, and at which places of the tensor they belong. */
export interface HeldNumbers {
  readonly address: number;
  readonly kept: Uint32Array;
}

/** Numbers that a vector has. */
const LANES = 4;

export class SparseStep {
  readonly kernels: Kernels;
  /** All that a step reads, and of that what it changes. */
  readonly variables: readonly {
    readonly variable: Variable;
    readonly held: HeldNumbers;
    readonly isTrained: boolean;
  }[];
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
    const { options, trained, byName } = program;
    const { network, batchSize, optimizer, l1 = 0, l2 = 0 } = options;
    const slots = optimizer.kind === 'sgd' ? 1 : 2;
    this.layout = layOut({ ...options, network, slots, masks: data.masks });
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
    this.variables = held.flatMap(({ name, kept, values, slots: places }) => {
      const own = trained.find(({ variable }) => variable.name === name);
      const all = [byName.get(name) as Variable, ...(own?.slots ?? [])];
      return all.map((variable, i) => ({
        variable,
        held: { address: [values, ...places][i], kept },
        isTrained: own !== undefined,
      }));
    });
  }

  /** Takes the numbers that are held of a tensor. */
  load({ address, kept }: HeldNumbers, tensor: Float32Array): void {
    const own = this.floats(address, kept.length);
    for (let i = 0; i < kept.length; i++) own[i] = tensor[kept[i]];
  }

  /** The tensor of `size`, removed numbers +0.0. */
  read({ address, kept }: HeldNumbers, size: number): Float32Array {
    const own = this.floats(address, kept.length);
    const tensor = new Float32Array(size);
    for (let i = 0; i < kept.length; i++) tensor[kept[i]] = own[i];
    return tensor;
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
    for (const address of this.work.penalties) loss += new Float64Array(this.kernels.buffer, address, 1)[0];
    return loss;
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
