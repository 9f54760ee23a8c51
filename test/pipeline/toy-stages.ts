/**
 * Stages that are quick and need no engine: a network of two kernels, one of which never changes. The same inputs give
 * the same bytes, as with the real ones.
 */
import type { JsonValue } from '@espalier/base';
import { Random } from '@espalier/base';
import type { RunnerContext, StageOutput, StageRunner } from '@espalier/service-kit';
import { stageKey, type FinishedStage, type StageSpec } from '@espalier/stages';
import { Mask, requireTensor, tensor, type Snapshot, type Tensor } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import type { RunPlanner } from '../../services/coordinator/src/run-planner';

/** Weights of the kernel that is pruned; its dense form has four bytes for each. */
export const TOY_WEIGHTS = 40_000;
export const FROZEN_WEIGHTS = 10_000;

export interface ToyRecipe {
  readonly rounds: number;
  readonly seed: number;
  /** Share kept by each prune of what the one before left. */
  readonly keep: number;
  readonly data?: string;
}

export const toyPlanner: RunPlanner = {
  checkRecipe: (value) => value as JsonValue,
  nextStage(recipe, finished) {
    const { rounds, seed, keep, data } = recipe as unknown as ToyRecipe;
    const common = { algorithm: 1, seed, ...(data === undefined ? {} : { data }) };
    const last = finished.at(-1);
    const inputs: StageSpec['inputs'] = last ? { start: Object.values(last.result.outputs)[0] } : {};
    if (!last) return stage({ ...common, kind: 'train', config: {}, inputs });
    const { kind, round = 0 } = last.spec;
    if (kind === 'prune') return stage({ ...common, kind: 'retrain', round, config: {}, inputs });
    if (kind === 'encode') return { step: 'done' };
    if (round < rounds)
      return stage({ ...common, kind: 'prune', round: round + 1, config: { keep }, inputs });
    return stage({ algorithm: 1, seed, kind: 'encode', config: {}, inputs });
  },
  expectedStages: (recipe) => [
    { kind: 'train' },
    ...Array.from({ length: (recipe as unknown as ToyRecipe).rounds }, (_, at) => [
      { kind: 'prune' as const, round: at + 1 },
      { kind: 'retrain' as const, round: at + 1 },
    ]).flat(),
    { kind: 'encode' },
  ],
  truncateToRound: (finished, round) =>
    finished.filter(({ spec }) => spec.kind === 'train' || (spec.round !== undefined && spec.round <= round)),
  planSwap: () => {
    throw new Error('toy runs have no criteria');
  },
  stageTitle: ({ kind, round }) => (round === undefined ? kind : `${kind} ${round}`),
  stageKey: (spec) => stageKey(spec, sha256),
  buildReport: (_recipe, finished) => ({ artifact: artifactOf(finished), stages: finished.length }),
};

function stage(spec: StageSpec): { step: 'stage'; spec: StageSpec } {
  return { step: 'stage', spec };
}

export function artifactOf(finished: readonly FinishedStage[]): string {
  return finished.at(-1)?.result.outputs['artifact'].digest ?? '';
}

/** What a test may do while a stage runs: wait, fail, count. Called before the stage does anything. */
export type ToyHook = (spec: StageSpec, context: RunnerContext) => Promise<void> | void;

export function toyRunner(hook: ToyHook = () => undefined): StageRunner {
  return {
    async run(offered, context) {
      const spec = offered as StageSpec;
      const key = stageKey(spec, sha256);
      const found = (await context.cache.get(key)) as unknown as StageOutput | undefined;
      if (found) return { result: found, cached: true };
      if (spec.data !== undefined) await context.store.get(spec.data, { verify: true });
      await hook(spec, context);
      context.signal.throwIfAborted();
      const result = await runToy(spec, context);
      await context.cache.put(key, result as unknown as JsonValue);
      return { result, cached: false };
    },
  };
}

async function runToy(spec: StageSpec, { store, emit }: RunnerContext): Promise<StageOutput> {
  if (spec.kind === 'train') return snapshotOutput(store, trained(spec.seed));
  const start = await store.getSnapshot(spec.inputs['start'].digest);
  emit({ type: 'progress', fields: { step: 1, steps: 1 } });
  if (spec.kind === 'prune') {
    return snapshotOutput(store, pruned(start, (spec.config as { keep: number }).keep));
  }
  if (spec.kind === 'retrain') return snapshotOutput(store, retrained(start));
  const { data } = requireTensor(start, 'fc1/kernel');
  const digest = await store.put(new TextEncoder().encode(JSON.stringify([...data].filter((w) => w !== 0))));
  return { outputs: { artifact: { kind: 'blob', digest } }, metrics: {} };
}

async function snapshotOutput(store: RunnerContext['store'], snapshot: Snapshot): Promise<StageOutput> {
  const { id } = await store.putSnapshot(snapshot);
  return { outputs: { snapshot: { kind: 'snapshot', digest: id } }, metrics: {} };
}

function trained(seed: number): Snapshot {
  const random = new Random(seed);
  const weights = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => random.normal());
  return snapshot({
    'fc1/kernel': tensor('float32', [TOY_WEIGHTS], weights(TOY_WEIGHTS)),
    'frozen/kernel': tensor('float32', [FROZEN_WEIGHTS], weights(FROZEN_WEIGHTS)),
  });
}

/** Keeps the largest; removed weights are +0. */
function pruned(start: Snapshot, keep: number): Snapshot {
  const { data, shape } = requireTensor(start, 'fc1/kernel');
  const left = [...data].map(Math.abs).filter((w) => w > 0);
  const threshold = left.sort((a, b) => b - a)[Math.floor(left.length * keep)];
  const kept = Float32Array.from(data, (w) => (Math.abs(w) > threshold ? w : 0));
  const mask = Mask.fromFlags(
    shape,
    Array.from(kept, (w) => (w === 0 ? 0 : 1)),
  );
  return snapshot({
    ...Object.fromEntries(start.tensors),
    'fc1/kernel': tensor('float32', shape, kept),
    'fc1/kernel:mask': mask.toTensor(),
  });
}

function retrained(start: Snapshot): Snapshot {
  const { data, shape } = requireTensor(start, 'fc1/kernel');
  const moved = Float32Array.from(data, (w) => (w === 0 ? 0 : w * 1.125));
  return snapshot({ ...Object.fromEntries(start.tensors), 'fc1/kernel': tensor('float32', shape, moved) });
}

function snapshot(tensors: Record<string, Tensor>): Snapshot {
  return { network: { name: 'toy' }, tensors: new Map(Object.entries(tensors)), info: {} };
}
