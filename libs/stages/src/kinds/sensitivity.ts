/**
 * `sensitivity`: held-out error as a function of the share kept, one layer at a time with the others dense, before and after a
 * short retraining (HAN15 section 4 and figure 6). It makes no network: what it has measured is its result, and each point is told
 * as soon as it is known.
 */
import { Random, type JsonValue } from '@espalier/base';
import { stepsPerEpoch } from '@espalier/datasets';
import { openSession, type TrainingSession } from '@espalier/engine';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { criterionByName, granularityByName } from '@espalier/pruning';
import { Mask, isParameterName, type Digest, type Snapshot } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import type { SensitivityConfig } from '../config';
import type { StageContext } from '../context';
import { stagesError } from '../errors';
import { isKernelName } from '../kept';
import { loadStageData } from '../load-data';
import { pruneSnapshot } from '../prune-snapshot';
import { stageKey, stageTitle, type StageResult, type StageSpec } from '../stage';
import { layerOfKernel } from '../view/watcher';
import { sessionOptions } from './training';

export interface SensitivityPoint {
  readonly keep: number;
  /** Held-out error right after pruning, share of 1. */
  readonly error: number;
  /** The same after the retraining. */
  readonly retrainedError: number;
}

export interface SensitivityCurve {
  /** Tensor name of the kernel. */
  readonly name: string;
  readonly points: readonly SensitivityPoint[];
}

/** The stage's metrics. */
export interface SensitivityResult {
  readonly denseError: number;
  readonly retrainSteps: number;
  readonly curves: readonly SensitivityCurve[];
}

/** A point and the kernel that it is of. */
interface Measured extends SensitivityPoint {
  readonly name: string;
}

export async function runSensitivity(
  spec: StageSpec,
  dense: Snapshot,
  context: StageContext,
): Promise<StageResult> {
  const { keep: shares, retrainSteps, training } = spec.config as unknown as SensitivityConfig;
  const network = dense.network as unknown as NetworkSpec;
  const data = await loadStageData(context.store, spec.data as Digest, training.heldOut);
  const perEpoch = stepsPerEpoch(data.train.count, training.batchSize);
  await using session = await openSession({
    ...sessionOptions(spec.seed, training, perEpoch),
    network,
    initial: dense,
    data,
  });
  const denseError = (await session.evaluate('heldOut')).error;
  const kernels = parametersOf(network).flatMap(({ name, prunable }) => (prunable ? [name] : []));
  const wanted = kernels.flatMap((name) => shares.map((keep) => ({ name, keep })));
  const checkpoint = checkpointOf(spec, context);
  const measured = await checkpoint.read();
  const report = progressReport(measured.length, wanted.length, context);
  try {
    report(measured.length);
    for (const { name, keep } of wanted.slice(measured.length)) {
      context.signal.throwIfAborted();
      const { signal } = context;
      const point = await measure({ session, dense, name, keep, retrainSteps, seed: spec.seed, signal });
      measured.push({ name, ...point });
      const done = { done: measured.length, total: wanted.length };
      const fields = { layer: layerOfKernel(name), ...point, denseError, retrainSteps, ...done };
      context.emit({ type: 'measured', fields });
      report(measured.length);
      await checkpoint.writeIfDue(measured);
    }
  } catch (error) {
    if (!context.signal.aborted) throw error;
    await checkpoint.write(measured);
    throw stagesError('STAGE_CANCELLED', { stage: stageTitle(spec) });
  }
  await checkpoint.remove();
  const curves = kernels.map((name) => ({ name, points: pointsOf(name, measured) }));
  const metrics: SensitivityResult = { denseError, retrainSteps, curves };
  return { outputs: {}, metrics: metrics as unknown as StageResult['metrics'] };
}

function pointsOf(kernel: string, measured: readonly Measured[]): SensitivityPoint[] {
  return measured.filter(({ name }) => name === kernel).map(({ name: _name, ...point }) => point);
}

function progressReport(from: number, steps: number, { emit }: StageContext): (step: number) => void {
  const startedMs = performance.now();
  return (step) => {
    const done = step - from;
    const seconds = (performance.now() - startedMs) / 1000;
    const secondsLeft = done > 0 ? (seconds / done) * (steps - step) : undefined;
    emit({ type: 'progress', fields: { step, steps, secondsLeft } });
  };
}

/** The points so far: none depends on what was measured before it. Names the dense network, so that it stays in the store as long. */
function checkpointOf(spec: StageSpec, { cache, checkpointSeconds }: StageContext) {
  const name = `checkpoint-${stageKey(spec, sha256)}`;
  let savedMs = performance.now();
  const write = async (points: readonly Measured[]): Promise<void> => {
    const snapshot = spec.inputs['start'].digest;
    await cache.put(name, { snapshot, points } as unknown as JsonValue);
    savedMs = performance.now();
  };
  return {
    write,
    async writeIfDue(points: readonly Measured[]) {
      if (performance.now() - savedMs >= checkpointSeconds * 1000) await write(points);
    },
    async read(): Promise<Measured[]> {
      const found = (await cache.find(name)) as { readonly points: readonly Measured[] } | undefined;
      return [...(found?.points ?? [])];
    },
    remove: () => cache.delete(name),
  };
}

interface Measurement {
  readonly session: TrainingSession;
  readonly dense: Snapshot;
  readonly name: string;
  readonly keep: number;
  readonly retrainSteps: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

async function measure({
  session,
  dense,
  name,
  keep,
  retrainSteps,
  seed,
  signal,
}: Measurement): Promise<SensitivityPoint> {
  const { masks } = await pruneSnapshot(dense, {
    criterion: criterionByName('magnitude'),
    granularity: granularityByName('weight'),
    minimumKept: 1,
    keep: { layers: { [name]: keep } },
    random: new Random(seed),
    gradients: () => Promise.resolve(new Map()),
    unitTaylor: () => Promise.resolve(new Map()),
    inputNorms: () => Promise.resolve(new Map()),
  });
  const full = [...dense.tensors]
    .filter(([other]) => isKernelName(other))
    .map(([other, { shape }]) => [other, Mask.full(shape)] as const);
  session.setMasks(new Map(full));
  session.setWeights(new Map([...dense.tensors].filter(([other]) => isParameterName(other))));
  session.setMasks(masks);
  session.restart(0);
  const { error } = await session.evaluate('heldOut');
  if (retrainSteps === 0) return { keep, error, retrainedError: error };
  await session.train({ untilStep: retrainSteps, signal });
  return { keep, error, retrainedError: (await session.evaluate('heldOut')).error };
}
