/** One training step on the kept weights: forward, loss, backward, update. */
import type { TensorData } from '@espalier/tensor';
import { sizeOf } from '@espalier/tensor';
import { NAMES, PIXEL_SCALE, type TrainingProgram } from '../graph/training-program';
import type { Variable } from '../ops/variable';
import { MAX_MEMORY_BYTES, kernelsOn, type KernelMemory } from './kernels';
import { layOut, type Layout } from './layout';
import { softmaxLoss } from './softmax-loss';

export interface StepData {
  /** By kernel. */
  readonly masks: ReadonlyMap<string, Float32Array>;
  /** [samples][features] */
  readonly images: Uint8Array;
  /** [samples] */
  readonly labels: Int32Array;
}

/** Numbers of one variable: where they are, and at which places of the tensor they belong. */
export interface HeldNumbers {
  readonly address: number;
  readonly kept: Uint32Array;
}

export class SparseStep {
  readonly memory: KernelMemory;
  /** All that a step reads, and of that what it changes. */
  readonly variables: readonly {
    readonly variable: Variable;
    readonly held: HeldNumbers;
    readonly isTrained: boolean;
  }[];
  private readonly layout: Layout;
  private readonly trained: ReadonlySet<string>;
  /** The batch's samples, one behind the other: bytes, or floats where they were distorted. */
  private readonly staged: number;
  private readonly pitch: number;
  private readonly features: number;
  private readonly samples: number;

  /** Throws a RangeError where it would take too much memory. */
  constructor(
    private readonly program: TrainingProgram,
    private readonly data: StepData,
    /** Memory of a step that is no longer needed. */
    before?: KernelMemory,
  ) {
    const { options, trained, byName } = program;
    const { network, batchSize, augment } = options;
    this.trained = new Set(trained.map(({ variable }) => variable.name));
    this.layout = layOut({
      ...{ network, batchSize, frozen: options.frozen, dropout: options.dropout, masks: data.masks },
      slots: options.optimizer.kind === 'sgd' ? 1 : 2,
    });
    const { arena, held } = this.layout;
    this.samples = batchSize;
    this.features = sizeOf(options.imageShape);
    const wholeVectors = Math.ceil(this.features / LANES) * LANES;
    this.pitch = augment ? wholeVectors * Float32Array.BYTES_PER_ELEMENT : wholeVectors;
    this.staged = arena.room(this.pitch * Math.ceil(batchSize / LANES) * LANES);
    if (arena.bytes > MAX_MEMORY_BYTES) throw new RangeError(`it takes ${arena.bytes} bytes of memory`);
    this.memory = kernelsOn(arena, before);
    this.variables = held.flatMap((each) => {
      const isTrained = this.trained.has(each.name);
      const slots = trained.find(({ variable }) => variable.name === each.name)?.slots ?? [];
      const own = byName.get(each.name) as Variable;
      return [
        { variable: own, held: { address: each.values, kept: each.kept }, isTrained },
        ...slots.map((variable, i) => ({
          variable,
          held: { address: each.slots[i], kept: each.kept },
          isTrained,
        })),
      ];
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

  /** The loss of the batch before the update. */
  run(feeds: Readonly<Record<string, TensorData>>): number {
    const { kernels, buffer } = this.memory;
    const { steps, logits, logitsGradient, batchBytes } = this.layout;
    const { labelSmoothing = 0 } = this.program.options;
    const indices = feeds[NAMES.indices] as Int32Array;
    this.bringIn(indices, feeds[NAMES.distorted] as Float32Array | undefined);
    const key = feeds[NAMES.dropoutKey] as Int32Array;
    for (const step of steps) step.forward(kernels, key);
    const pitch = batchBytes / Float32Array.BYTES_PER_ELEMENT;
    const size = logits.channels * pitch;
    const labels = Int32Array.from(indices, (index) => this.data.labels[index]);
    let loss = softmaxLoss(
      {
        logits: this.floats(logits.address, size),
        ...{ pitch, labels, classes: logits.channels, labelSmoothing },
      },
      this.floats(logitsGradient.address, size),
    );
    for (let i = steps.length - 1; i >= 0; i--) steps[i].backward?.(kernels, buffer);
    loss += this.penalties();
    this.update(feeds);
    return loss;
  }

  private bringIn(indices: Int32Array, distorted: Float32Array | undefined): void {
    const { kernels, buffer } = this.memory;
    const { input, batchBytes } = this.layout;
    const { features, pitch, staged, samples } = this;
    const rows = Math.ceil(samples / LANES) * LANES;
    if (distorted) {
      const room = this.floats(staged, (pitch / Float32Array.BYTES_PER_ELEMENT) * samples);
      for (let i = 0; i < samples; i++) {
        room.set(
          distorted.subarray(i * features, (i + 1) * features),
          (i * pitch) / Float32Array.BYTES_PER_ELEMENT,
        );
      }
      kernels.transposeFloats(staged, pitch, input.address, features, rows, batchBytes);
      return;
    }
    const { images } = this.data;
    const room = new Uint8Array(buffer, staged, pitch * samples);
    for (let i = 0; i < samples; i++) {
      const from = indices[i] * features;
      room.set(images.subarray(from, from + features), i * pitch);
    }
    kernels.transposeBytes(staged, pitch, input.address, features, rows, batchBytes, PIXEL_SCALE);
  }

  private penalties(): number {
    const { l1 = 0, l2 = 0 } = this.program.options;
    if (l1 === 0 && l2 === 0) return 0;
    const { penalise } = this.memory.kernels;
    return this.layout.held
      .filter(({ isKernel }) => isKernel)
      .reduce((sum, { values, gradients, count }) => sum + penalise(values, gradients, count, l1, l2), 0);
  }

  private update(feeds: Readonly<Record<string, TensorData>>): void {
    const { optimizer } = this.program.options;
    const { momentum, adam } = this.memory.kernels;
    const [learningRate] = feeds[NAMES.learningRate];
    const trained = this.layout.held.filter(({ name }) => this.trained.has(name));
    if (optimizer.kind === 'sgd') {
      for (const { values, slots, gradients, count } of trained) {
        momentum(values, slots[0], gradients, count, learningRate, optimizer.momentum);
      }
      return;
    }
    const [[beta1Power], [beta2Power]] = [feeds[NAMES.beta1Power], feeds[NAMES.beta2Power]];
    const rate = (learningRate * Math.sqrt(1 - beta2Power)) / (1 - beta1Power);
    const { beta1, beta2, epsilon } = optimizer;
    for (const { values, slots, gradients, count } of trained) {
      adam(values, slots[0], slots[1], gradients, count, rate, 1 - beta1, 1 - beta2, epsilon);
    }
  }

  private floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }
}

/** Numbers that a vector has. */
const LANES = 4;
