/** Runs one stage: looks at its kind, loads its inputs from the store, stores what comes out. */
import { assertNever, errorMessage, type JsonValue } from '@espalier/base';
import type { Snapshot } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { collectUnused } from './collect-unused';
import type { StageContext } from './context';
import { stagesError } from './errors';
import { runEncode } from './kinds/encode';
import { runEvaluate } from './kinds/evaluate';
import { runPrune } from './kinds/prune';
import { runPruneUnits } from './kinds/prune-units';
import { needsLatent, runRetrain } from './kinds/retrain';
import { runSensitivity } from './kinds/sensitivity';
import { runShare } from './kinds/share';
import { runShrink } from './kinds/shrink';
import { runTrain } from './kinds/train';
import { usedFallback } from './scoring';
import { stageKey, stageTitle, type StageInput, type StageResult, type StageSpec } from './stage';
import { StoredSnapshot } from './stored-snapshot';
import { showFinished } from './view/stage-views';

/** What must lie in the store before the stage can run, beside the data set. */
export function inputsOf(spec: StageSpec): StageInput[] {
  return Object.values(spec.inputs);
}

/**
 * Runs a stage; its inputs, and the blobs of its data set, must be in `context.store`. Goes on from a checkpoint of the
 * same key when there is one. Throws STAGE_CANCELLED after a checkpoint when the signal says so.
 */
export async function runStage(spec: StageSpec, context: StageContext): Promise<StageResult> {
  switch (spec.kind) {
    case 'train':
      return runTrain(spec, context);
    case 'sensitivity':
      return runSensitivity(spec, await snapshotInput(spec, 'start', context), context);
    case 'pruneUnits':
      return runPruneUnits(spec, await snapshotInput(spec, 'start', context), context);
    case 'prune':
      return runPrune(spec, await storedInput(spec, 'start', context), context);
    case 'retrain': {
      const teacher = spec.inputs['teacher'] && (await snapshotInput(spec, 'teacher', context));
      const latent = needsLatent(spec) ? await storedInput(spec, 'latent', context) : undefined;
      return runRetrain(
        spec,
        { start: await snapshotInput(spec, 'start', context), teacher, latent },
        context,
      );
    }
    case 'shrink':
      return runShrink(await snapshotInput(spec, 'start', context), context);
    case 'share':
      return runShare(spec, await storedInput(spec, 'start', context), context);
    case 'encode':
      return runEncode(spec, await storedInput(spec, 'start', context), context);
    case 'evaluate':
      return runEvaluate(spec, await context.store.get(requireInput(spec, 'artifact').digest), context);
    default:
      return assertNever(spec.kind);
  }
}

export interface CachedStageResult {
  readonly result: StageResult;
  readonly cached: boolean;
}

/** The result under the stage's key when its outputs are still in the store; otherwise runs it and keeps the result. */
export async function runStageCached(spec: StageSpec, context: StageContext): Promise<CachedStageResult> {
  const key = stageKey(spec, sha256);
  const found = (await context.cache.find(key)) as unknown as StageResult | undefined;
  if (found && (await allHere(found, context))) {
    await show(spec, found, context);
    return { result: found, cached: true };
  }
  const result = await runStage(spec, context).finally(collectUnused);
  // What a fallback made is good for this run alone: next time the plugin may be well.
  if (!usedFallback(result.metrics)) await context.cache.put(key, result as unknown as JsonValue);
  await show(spec, result, context);
  return { result, cached: false };
}

/** A picture that cannot be made is no reason for a stage to fail. */
async function show(spec: StageSpec, result: StageResult, context: StageContext): Promise<void> {
  const { watcher, store, logger } = context;
  if (!watcher) return;
  try {
    await showFinished(spec, result, { store, watcher });
  } catch (error) {
    logger.warn('a stage could not be shown', { stage: stageTitle(spec), problem: errorMessage(error) });
  }
  collectUnused();
}

async function allHere(result: StageResult, { store }: StageContext): Promise<boolean> {
  for (const { kind, digest } of Object.values(result.outputs)) {
    if (!(kind === 'snapshot' ? await store.hasSnapshot(digest) : await store.has(digest))) return false;
  }
  return true;
}

async function snapshotInput(spec: StageSpec, role: string, context: StageContext): Promise<Snapshot> {
  return context.store.getSnapshot(requireInput(spec, role).digest);
}

function storedInput(spec: StageSpec, role: string, { store }: StageContext): Promise<StoredSnapshot> {
  return StoredSnapshot.open(store, requireInput(spec, role).digest);
}

function requireInput(spec: StageSpec, role: string): StageInput {
  const input = spec.inputs[role];
  if (input) return input;
  const given = Object.keys(spec.inputs).join(', ') || 'none';
  throw stagesError('STAGE_INPUT', { stage: stageTitle(spec), role, given });
}
