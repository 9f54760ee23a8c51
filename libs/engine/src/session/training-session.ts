/** Training as a caller sees it: state, steps, evaluation. How a step runs is the executor's affair. */
import { Random } from '@espalier/base';
import { BatchSequence, isIdentityAugment } from '@espalier/datasets';
import type { Mask, Snapshot, Tensor, TensorData } from '@espalier/tensor';
import { engineError } from '../errors';
import type { Executor } from '../executor';
import { NAMES, buildTrainingProgram, type TrainingProgram } from '../graph/training-program';
import type { EngineInfo } from '../load-tensorflow';
import { learningRateAt } from './learning-rate';
import { MetricsSum, type Metrics } from './metrics';
import type { SessionOptions, SplitName } from './options';
import { checkOptions, programOptions, withoutWeights } from './session-plan';
import { SessionState, type SharedKernel } from './session-state';
import { StepDiary } from './step-diary';
import { StepImages } from './step-images';

export interface Progress {
  /** Steps done. */
  readonly step: number;
  /** Mean since the last report. */
  readonly loss: number;
  readonly learningRate: number;
  readonly samplesPerSecond: number;
}

export interface TrainOptions {
  /** Trains until this many steps are done, counted from 0 whatever the session started with. */
  readonly untilStep: number;
  readonly onProgress?: (progress: Progress) => void;
  /** Default: an epoch. */
  readonly progressEverySteps?: number;
  /** What each step did: told in turns of 20 ms, and at the end, also of a training that was stopped or failed. */
  readonly onSteps?: (done: StepsDone) => void;
  /** Ends training between two steps, with the signal's reason; the session stays usable. */
  readonly signal?: AbortSignal;
}

/** Arrays of one length; they are the listener's. */
export interface StepsDone {
  /** Steps done after each. */
  readonly steps: readonly number[];
  readonly losses: readonly number[];
  readonly learningRates: readonly number[];
}

export interface TrainingSession extends AsyncDisposable {
  readonly info: EngineInfo;
  /** Steps done; the number of the next one. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Throws ENGINE_DIVERGED when the loss is no number; the session is then spent. Lets other work go on every 20 ms. */
  train(options: TrainOptions): Promise<{ meanLoss: number }>;
  /** On the split as it is (no augmentation, no dropout); `limit`: only the first samples. */
  evaluate(split: SplitName, options?: { limit?: number }): Promise<Metrics>;
  /** d loss / d kernel, the mean over `batches` batches (a function of the seed), by tensor name. No dropout, no penalties, no masks. */
  gradients(options: { batches: number }): Promise<Map<string, Float32Array>>;
  /** The same for kernels and biases, batch by batch: each batch's gradients are shown to `visit`, which must not keep them. */
  eachGradient(options: { batches: number }, visit: (gradients: BatchGradients) => void): Promise<void>;
  /**
   * Removes weights: they and their optimizer slots become +0.0; those of the others stay. Kernels that are not named keep their mask. With
   * `latent` nothing is lost behind a mask, and weights that it keeps again are what they have become.
   */
  setMasks(masks: ReadonlyMap<string, Mask>): void;
  /**
   * With `shared: 'straight-through'`: the float weights behind the shared ones, by tensor name; removed ones are +0.0. With `latent`: the
   * weights of all prunable kernels, removed ones as they are behind their mask. Throws TENSOR_NOT_FINITE.
   */
  latents(): Map<string, Float32Array>;
  /** Other codes and centroids for kernels that are shared, as many centroids as before. Throws ENGINE_SNAPSHOT, TENSOR_SIZE. */
  setShared(kernels: ReadonlyMap<string, SharedKernel>): void;
  /** Replaces parameters, by tensor name; masks stay in force. */
  setWeights(tensors: ReadonlyMap<string, Tensor>): void;
  /** Begins the training anew at that step: the optimizer's state is as before the first update, parameters stay. */
  restart(step: number): void;
  /**
   * The state as a snapshot; of shared kernels what codes and codebook say. Removed weights are +0.0; throws TENSOR_NOT_FINITE. `slots`: with
   * the optimizer's; `latents`: with the weights behind masks, where those are trained, and slots of theirs.
   */
  read(options?: { slots?: boolean; latents?: boolean }): Snapshot;
  /** Logits [count, classes] for images [count, height, width, channels]. */
  logits(images: Uint8Array, count: number): Promise<Float32Array>;
}

/** By tensor name, of kernels and biases. */
export type BatchGradients = ReadonlyMap<string, Float32Array>;

/** For so long training keeps the event loop to itself: heartbeats and sockets wait no longer. */
const TURN_MS = 20;

export class Session implements TrainingSession {
  step: number;
  readonly stepsPerEpoch: number;
  private readonly options: SessionOptions;
  private readonly batches: BatchSequence;
  private readonly images: StepImages | undefined;
  private readonly random: Random;
  private readonly state: SessionState;
  private program: TrainingProgram;
  private executor: Executor;
  private spent: string | undefined;

  constructor(
    readonly info: EngineInfo,
    options: SessionOptions,
    private readonly execute: (program: TrainingProgram) => Executor,
  ) {
    checkOptions(options);
    this.options = withoutWeights(options);
    this.step = options.startStep ?? 0;
    this.random = new Random(options.seed);
    this.batches = new BatchSequence(options.seed, options.data.train.count, options.batchSize);
    const { augment, data } = options;
    if (augment && !isIdentityAugment(augment)) {
      const { batches, random } = this;
      const batchSize = Math.min(options.batchSize, data.train.count);
      const { threads } = info;
      this.images = new StepImages({ samples: data.train, augment, batches, batchSize, random, threads });
    }
    this.stepsPerEpoch = this.batches.stepsPerEpoch;
    this.state = new SessionState(options);
    this.program = buildTrainingProgram(programOptions(options, this.state.masked));
    this.executor = execute(this.program);
    this.state.load(this.program, this.executor);
  }

  async train(options: TrainOptions): Promise<{ meanLoss: number }> {
    const diary = options.onSteps && new StepDiary(options.onSteps);
    try {
      return await this.trainSteps(options, diary);
    } finally {
      diary?.tell();
    }
  }

  private async trainSteps(
    { untilStep, onProgress, progressEverySteps, signal }: TrainOptions,
    diary: StepDiary | undefined,
  ): Promise<{ meanLoss: number }> {
    this.requireUsable();
    const every = progressEverySteps ?? this.stepsPerEpoch;
    const batchSize = Math.min(this.options.batchSize, this.options.data.train.count);
    const from = this.step;
    let total = 0;
    let report = { step: this.step, sum: 0, at: performance.now() };
    let turnEnds = performance.now() + TURN_MS;
    while (this.step < untilStep) {
      signal?.throwIfAborted();
      const loss = this.trainStep();
      diary?.add(this.step, loss, learningRateAt(this.options.learningRate, this.step - 1));
      total += loss;
      report.sum += loss;
      const now = performance.now();
      if (onProgress && (this.step - report.step >= every || this.step === untilStep)) {
        const steps = this.step - report.step;
        onProgress({
          step: this.step,
          loss: report.sum / steps,
          learningRate: learningRateAt(this.options.learningRate, this.step - 1),
          samplesPerSecond: (steps * batchSize * 1000) / Math.max(now - report.at, 1e-3),
        });
        report = { step: this.step, sum: 0, at: now };
      }
      if (now >= turnEnds) {
        diary?.tell();
        await new Promise((resolve) => setImmediate(resolve));
        this.requireUsable();
        turnEnds = performance.now() + TURN_MS;
      }
    }
    return { meanLoss: this.step > from ? total / (this.step - from) : 0 };
  }

  async evaluate(split: SplitName, { limit }: { limit?: number } = {}): Promise<Metrics> {
    const samples = this.options.data[split];
    if (!samples) {
      const problem = 'the session was opened without these samples';
      throw engineError('ENGINE_DATA', { split, network: this.options.network.name, problem });
    }
    const count = Math.min(limit ?? samples.count, samples.count);
    const sum = new MetricsSum(this.classes());
    const call = NAMES.logitsOf(split);
    for (let start = 0; start < count; start += this.evaluationBatch()) {
      this.requireUsable();
      // The last batch is filled up with sample 0; only rows that have a label are counted.
      const indices = Int32Array.from({ length: this.evaluationBatch() }, (_, i) =>
        start + i < count ? start + i : 0,
      );
      const { logits } = this.executor.call(call, { [NAMES.indices]: indices });
      sum.add(
        logits as Float32Array,
        samples.labels.subarray(start, Math.min(start + this.evaluationBatch(), count)),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    return sum.result();
  }

  async gradients({ batches }: { batches: number }): Promise<Map<string, Float32Array>> {
    const sums = new Map<string, Float32Array>();
    await this.eachGradient({ batches }, (gradients) => {
      for (const name of this.program.kernels) {
        const gradient = gradients.get(name) as Float32Array;
        const sum = sums.get(name) ?? new Float32Array(gradient.length);
        for (let i = 0; i < sum.length; i++) sum[i] += gradient[i] / batches;
        sums.set(name, sum);
      }
    });
    return sums;
  }

  async eachGradient(
    { batches }: { batches: number },
    visit: (gradients: BatchGradients) => void,
  ): Promise<void> {
    const sequence = new BatchSequence(
      this.random.fork('gradients').uint32(),
      this.options.data.train.count,
      this.options.batchSize,
    );
    for (let batch = 0; batch < batches; batch++) {
      this.requireUsable();
      const indices = Int32Array.from(sequence.at(batch));
      const found = this.executor.call(NAMES.gradients, { [NAMES.indices]: indices });
      visit(new Map(Object.entries(found) as [string, Float32Array][]));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  setMasks(masks: ReadonlyMap<string, Mask>): void {
    this.requireUsable();
    const wasMasked = this.state.masked;
    if (!wasMasked) {
      // A graph without masks is faster; the first one asks for a graph with them, which takes over the state.
      this.state.save(this.program, this.executor);
      this.state.setMasks(masks);
      this.executor.dispose();
      this.program = buildTrainingProgram(programOptions(this.options, true));
      this.executor = this.execute(this.program);
      this.state.load(this.program, this.executor);
    } else {
      this.state.setMasks(masks);
      this.state.applyMasks(this.program, this.executor, masks.keys());
    }
  }

  setWeights(tensors: ReadonlyMap<string, Tensor>): void {
    this.requireUsable();
    this.state.setWeights(this.program, this.executor, tensors);
  }

  latents(): Map<string, Float32Array> {
    this.requireUsable();
    return this.state.latents(this.program, this.executor);
  }

  setShared(kernels: ReadonlyMap<string, SharedKernel>): void {
    this.requireUsable();
    this.state.setShared(this.program, this.executor, kernels);
  }

  restart(step: number): void {
    this.requireUsable();
    this.state.clearSlots(this.program, this.executor);
    this.step = step;
  }

  read({ slots = false, latents = false }: { slots?: boolean; latents?: boolean } = {}): Snapshot {
    this.requireUsable();
    return this.state.read(this.program, this.executor, { slots, latents, step: this.step });
  }

  async logits(images: Uint8Array, count: number): Promise<Float32Array> {
    const classes = this.classes();
    const size = images.length / count;
    const batch = this.evaluationBatch();
    const result = new Float32Array(count * classes);
    for (let start = 0; start < count; start += batch) {
      this.requireUsable();
      const end = Math.min(start + batch, count);
      const block = new Uint8Array(batch * size);
      block.set(images.subarray(start * size, end * size));
      const { logits } = this.executor.call(NAMES.logits, { [NAMES.images]: block });
      result.set((logits as Float32Array).subarray(0, (end - start) * classes), start * classes);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.spent !== 'is closed') {
      this.images?.close();
      this.executor.dispose();
    }
    this.spent = 'is closed';
  }

  private trainStep(): number {
    const { options, step } = this;
    const learningRate = learningRateAt(options.learningRate, step);
    const loss = this.callStep(this.stepFeeds(step, learningRate))[0];
    if (!Number.isFinite(loss)) {
      // Found after the update: the weights are no longer worth anything, so the session gives none of them out.
      this.spent = `has diverged at step ${step}`;
      throw engineError('ENGINE_DIVERGED', { loss: String(loss), step, learningRate });
    }
    this.step++;
    this.state.updates++;
    return loss;
  }

  private callStep(feeds: Record<string, TensorData>): TensorData {
    try {
      return this.executor.call(NAMES.step, feeds).loss;
    } catch (error) {
      this.spent = `failed in step ${this.step}, which may be half applied`;
      throw error;
    }
  }

  /** All that a step takes from outside is a function of seed and step. */
  private stepFeeds(step: number, learningRate: number): Record<string, TensorData> {
    const { optimizer } = this.options;
    const indices = new Int32Array(this.batches.at(step));
    const feeds: Record<string, TensorData> = {
      [NAMES.indices]: indices,
      [NAMES.learningRate]: Float32Array.of(learningRate),
      [NAMES.dropoutKey]: Int32Array.of(this.random.fork('dropout').uint32(), step),
    };
    if (optimizer.kind === 'adam') {
      const updates = this.state.updates + 1;
      feeds[NAMES.beta1Power] = Float32Array.of(optimizer.beta1 ** updates);
      feeds[NAMES.beta2Power] = Float32Array.of(optimizer.beta2 ** updates);
    }
    if (this.images) feeds[NAMES.distorted] = this.images.at(step);
    return feeds;
  }

  private classes(): number {
    return this.logitsShape()[1];
  }

  private evaluationBatch(): number {
    return this.logitsShape()[0];
  }

  private logitsShape(): readonly number[] {
    const evaluate = this.program.functions.find(({ name }) => name === NAMES.logits);
    return evaluate?.fetches.logits.shape as readonly number[];
  }

  private requireUsable(): void {
    if (this.spent) throw engineError('ENGINE_SPENT', { reason: this.spent });
  }
}
