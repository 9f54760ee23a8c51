/**
 * What `train` and `retrain` share: a session from a snapshot, epochs with a progress report after each, checkpoints
 * that a later call with the same key goes on from, and the evaluation at the end.
 */
import { canonicalJson, type JsonValue } from '@espalier/base';
import { stepsPerEpoch } from '@espalier/datasets';
import {
  openSession,
  type LearningRateSpec,
  type SessionOptions,
  type TrainingSession,
  type TrainOptions,
} from '@espalier/engine';
import type { NetworkSpec } from '@espalier/models';
import type { Digest, Snapshot } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import type { BetweenSteps } from '../between-steps';
import { codebookRefresher, normalised } from '../codebook-refresher';
import type { DuringSwap, EpochLearningRate, StraightThroughConfig, TrainingConfig } from '../config';
import { pluginsOf, type StageContext } from '../context';
import { stagesError } from '../errors';
import { gradualPruner, type GradualPruner, type ScoredSegment } from '../gradual';
import { keptCounts } from '../kept';
import { loadStageData, type StageData } from '../load-data';
import { stageKey, type StageResult, type StageSpec } from '../stage';
import { byMagnitude } from '../view/stage-views';
import { TrainingWatch } from '../view/training-watch';

export interface TrainingInputs {
  readonly network: NetworkSpec;
  readonly start?: Snapshot;
  readonly teacher?: Snapshot;
  /** With `straightThrough`: `start` with the weights from before the sharing as its kernels. */
  readonly latent?: Snapshot;
}

/** Steps between two looks at the clock for a checkpoint. */
const SLICE_STEPS = 250;
/** Whose error is told after each epoch to who watches: the first ones, as they are, always the same. As many as one call evaluates. */
const WATCHED_SAMPLES = 1_000;

interface Checkpoint {
  readonly snapshot: Digest;
  readonly step: number;
  /** With `during`: the swaps of the training that wrote it, and who had scored by then. */
  readonly swaps?: readonly DuringSwap[];
  readonly scoredBy?: readonly ScoredSegment[];
}

/** Trains as `config` says and stores what comes out. */
export async function runTraining(
  spec: StageSpec,
  key: Digest,
  inputs: TrainingInputs,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as TrainingConfig;
  const data = await loadStageData(context.store, spec.data as Digest, config.heldOut);
  const perEpoch = stepsPerEpoch(data.train.count, config.batchSize);
  const first = config.epochsBefore * perEpoch;
  const last = first + config.epochs * perEpoch;
  const watch = watchOf(config, first, context);
  const schedule = { config, first, last, perEpoch, name: checkpointName(spec, key), context, watch };
  const options = {
    ...sessionOptions(spec.seed, config, perEpoch),
    network: inputs.network,
    data,
    distill: config.distill && inputs.teacher ? { ...config.distill, teacher: inputs.teacher } : undefined,
    latent: await needsLatent(config, context),
  };
  const begun =
    (await readBegun(schedule)) ??
    (config.straightThrough &&
      (await trainStraightThrough(schedule, { ...options, initial: inputs.latent })));
  const session = await openSession({
    ...options,
    initial: begun?.snapshot ?? inputs.start,
    startStep: begun?.step ?? first,
  });
  try {
    const between =
      config.during &&
      (await gradualPruner(
        config.during,
        session,
        { first, last, perEpoch, seed: spec.seed },
        {
          plugins: pluginsOf(context),
          before: begun?.scoredBy,
          samples: data.train,
          batchSize: config.batchSize,
          watch,
        },
      ));
    await runEpochs({ ...schedule, session, between });
    const result = await finish(session, data, schedule);
    await context.cache.delete(schedule.name);
    if (!between) return result;
    const scoredBy = between.scoredBy() as unknown as JsonValue;
    return { ...result, metrics: { ...result.metrics, scoredBy } };
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

function watchOf(
  { during }: TrainingConfig,
  first: number,
  { watcher }: StageContext,
): TrainingWatch | undefined {
  const isByMagnitude = during !== undefined && byMagnitude(during as unknown as JsonValue);
  return watcher && new TrainingWatch(watcher, { first, byMagnitude: isByMagnitude });
}

/** Are removed weights trained on, because a regrowth looks at what they have become? */
async function needsLatent({ during }: TrainingConfig, context: StageContext): Promise<boolean> {
  if (!during?.regrowth) return false;
  return (await pluginsOf(context).regrowth(during.regrowth)).needs.includes('latent');
}

/** A training in the middle. */
interface Begun {
  readonly snapshot: Snapshot;
  readonly step: number;
  readonly scoredBy?: readonly ScoredSegment[];
}

/**
 * The first part of a centroid training, which trains the weights behind the centroids: the shared snapshot that it ends
 * with, from where the centroids are trained. What lies between two steps here is more than a snapshot, so there is a
 * checkpoint at its end alone; cut before, it starts over, to the same bits.
 */
async function trainStraightThrough(schedule: Schedule, options: SessionOptions): Promise<Begun> {
  const { config, first, last } = schedule;
  const { share, everySteps } = config.straightThrough as StraightThroughConfig;
  const until = first + Math.round(share * (last - first));
  await using session = await openSession({ ...options, shared: 'straight-through', startStep: first });
  const between = codebookRefresher(session, { everySteps, first, until });
  await runEpochs({ ...schedule, session, between, until, hasCheckpoints: false });
  const snapshot = normalised(session.read());
  await keepCheckpoint(snapshot, until, schedule);
  return { snapshot, step: until };
}

/** The session options that follow from the config alone. */
export function sessionOptions(
  seed: number,
  config: TrainingConfig,
  perEpoch: number,
): Omit<SessionOptions, 'network' | 'data'> {
  return {
    seed,
    optimizer: config.optimizer,
    learningRate: inSteps(config.learningRate, perEpoch, config.epochsTotal),
    batchSize: config.batchSize,
    augment: config.augment,
    labelSmoothing: config.labelSmoothing,
    l1: config.l1,
    l2: config.l2,
    dropout: config.dropout,
    frozen: config.frozen,
    shared: config.shared,
  };
}

function inSteps(rate: EpochLearningRate, perEpoch: number, epochsTotal: number): LearningRateSpec {
  const warmupSteps = Math.round(rate.warmupEpochs * perEpoch);
  switch (rate.kind) {
    case 'constant':
      return { kind: 'constant', base: rate.base, warmupSteps };
    case 'step':
      return {
        kind: 'step',
        base: rate.base,
        factor: rate.factor,
        everySteps: Math.round(rate.everyEpochs * perEpoch),
        warmupSteps,
      };
    case 'cosine':
      return {
        kind: 'cosine',
        base: rate.base,
        floor: rate.final / rate.base,
        totalSteps: Math.max(1, Math.round(epochsTotal * perEpoch)),
        warmupSteps,
      };
  }
}

interface Schedule {
  readonly config: TrainingConfig;
  readonly first: number;
  readonly last: number;
  readonly perEpoch: number;
  /** Of its checkpoint in the cache. */
  readonly name: string;
  readonly context: StageContext;
  readonly watch?: TrainingWatch;
}

interface Loop extends Schedule {
  readonly session: TrainingSession;
  readonly between?: BetweenSteps & Partial<Pick<GradualPruner, 'scoredBy'>>;
  /** Where to stop before `last`. */
  readonly until?: number;
  /** Default: yes. */
  readonly hasCheckpoints?: boolean;
}

async function runEpochs(loop: Loop): Promise<void> {
  const { session, first, last, perEpoch, context, between, watch, hasCheckpoints = true } = loop;
  const end = loop.until ?? last;
  const startedMs = performance.now();
  const startedAt = session.step;
  let savedMs = startedMs;
  const report = (fields: { readonly [key: string]: JsonValue | undefined }): void => {
    const done = session.step - startedAt;
    const secondsLeft =
      done > 0 ? (((performance.now() - startedMs) / done) * (last - session.step)) / 1000 : undefined;
    const steps = last - first;
    const step = session.step - first;
    context.emit({
      type: 'progress',
      fields: { step, steps, epoch: step / perEpoch, epochs: steps / perEpoch, secondsLeft, ...fields },
    });
  };
  while (session.step < end) {
    const epochEnd = first + (Math.floor((session.step - first) / perEpoch) + 1) * perEpoch;
    const until = Math.min(epochEnd, end, session.step + SLICE_STEPS, between?.nextStep(session.step) ?? end);
    await between?.doIfDue(session.step);
    // Who goes on from a checkpoint here would do that again, and weights that return are not the same twice.
    if (between && context.signal.aborted) {
      await session.train({ untilStep: session.step + 1, ...toldTo(watch) });
    }
    await trainUntil(until, loop, report);
    if (context.signal.aborted) {
      if (hasCheckpoints) await saveCheckpoint(loop);
      throw stagesError('STAGE_CANCELLED', { stage: 'training' });
    }
    if (until === epochEnd && loop.config.heldOut > 0) {
      const { error, loss } = await session.evaluate('heldOut');
      report({ heldOutError: error, heldOutLoss: loss });
      watch?.error('heldOut', session.step, error);
    }
    // Evaluating draws no random numbers and changes no weights: who is watched makes the same bits.
    if (until === epochEnd && watch) {
      const { error } = await session.evaluate('train', { limit: WATCHED_SAMPLES });
      watch.error('train', session.step, error);
    }
    const isDue = performance.now() - savedMs >= context.checkpointSeconds * 1000;
    if (hasCheckpoints && isDue && session.step < end) {
      await saveCheckpoint(loop);
      savedMs = performance.now();
    }
  }
  await between?.doIfDue(end);
}

/** Trains up to that step, or to where the signal stops it; the session then stands between two steps. */
async function trainUntil(
  untilStep: number,
  { session, watch, context: { signal } }: Loop,
  report: (fields: { readonly [key: string]: JsonValue | undefined }) => void,
): Promise<void> {
  try {
    await session.train({
      untilStep,
      signal,
      onProgress: ({ loss, learningRate, samplesPerSecond }) =>
        report({ loss, learningRate, samplesPerSecond }),
      ...toldTo(watch),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function toldTo(watch: TrainingWatch | undefined): Pick<TrainOptions, 'onSteps'> {
  return watch ? { onSteps: (done) => watch.steps(done) } : {};
}

async function finish(
  session: TrainingSession,
  data: StageData,
  { config, context, watch }: Schedule,
): Promise<StageResult> {
  const snapshot = session.read({ slots: config.keepOptimizer });
  const { id } = await context.store.putSnapshot(snapshot);
  const test = await session.evaluate('test');
  const heldOut = data.heldOut ? await session.evaluate('heldOut') : undefined;
  watch?.error('test', session.step, test.error);
  if (heldOut) watch?.error('heldOut', session.step, heldOut.error);
  return {
    outputs: { snapshot: { kind: 'snapshot', digest: id } },
    metrics: {
      steps: config.epochs * session.stepsPerEpoch,
      testError: test.error,
      testTop5Error: test.top5Error,
      testLoss: test.loss,
      heldOutError: heldOut?.error,
      heldOutLoss: heldOut?.loss,
      layers: keptCounts(snapshot) as unknown as JsonValue,
    },
  };
}

/**
 * A pruning inside a training may be swapped while it goes on: the training has another key then, and goes on from a checkpoint of
 * before. So that is named by what it would be without swaps, and says itself which it has had.
 */
function checkpointName(spec: StageSpec, key: Digest): string {
  const config = spec.config as unknown as TrainingConfig;
  if (!config.during?.swaps) return `checkpoint-${key}`;
  const { swaps: _swaps, ...during } = config.during;
  const before = { ...spec, config: { ...config, during } as unknown as JsonValue };
  return `checkpoint-${stageKey(before, sha256)}`;
}

function saveCheckpoint({ session, between, ...schedule }: Loop): Promise<void> {
  const scoredBy = between?.scoredBy?.();
  return keepCheckpoint(session.read({ slots: true, latents: true }), session.step, schedule, scoredBy);
}

async function keepCheckpoint(
  state: Snapshot,
  step: number,
  { name, config, context }: Schedule,
  scoredBy?: readonly ScoredSegment[],
): Promise<void> {
  const { id: snapshot } = await context.store.putSnapshot(state);
  const { swaps } = config.during ?? {};
  const checkpoint = { snapshot, step, ...(swaps && { swaps }), ...(scoredBy && { scoredBy }) };
  await context.cache.put(name, checkpoint as unknown as JsonValue);
}

async function readBegun(schedule: Schedule): Promise<Begun | undefined> {
  const { name, context } = schedule;
  const found = (await context.cache.find(name)) as Checkpoint | undefined;
  if (!found || !hadTheSameSwaps(found, schedule)) return undefined;
  if (!(await context.store.hasSnapshot(found.snapshot))) return undefined;
  const snapshot = await context.store.getSnapshot(found.snapshot);
  return { snapshot, step: found.step, ...(found.scoredBy && { scoredBy: found.scoredBy }) };
}

/** Up to the step of the checkpoint: what is swapped from there on, it had not come to. */
function hadTheSameSwaps({ step, swaps = [] }: Checkpoint, { first, config }: Schedule): boolean {
  const until = (all: readonly DuringSwap[]): string =>
    canonicalJson(all.filter(({ fromStep }) => first + fromStep < step) as unknown as JsonValue);
  return until(swaps) === until(config.during?.swaps ?? []);
}
