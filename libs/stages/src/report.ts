/** The report of a finished run: `report.json` (its schema is docs/report.schema.json), made from the stages' figures alone. */
import type { EngineInfo } from '@espalier/engine';
import { parametersOf } from '@espalier/models';
import type { ResolvedRecipe } from '@espalier/recipe';
import { sizeOf } from '@espalier/tensor';
import { bestRound, holdsBudget } from './budget';
import type { ArtifactEvaluation } from './kinds/evaluate';
import type { LayerCount } from './kept';
import {
  REPORT_VERSION,
  type Report,
  type ReportLayer,
  type ReportRound,
  type StageWire,
} from './report-schema';
import { isRoundRetrain, stageTitle, type FinishedStage } from './stage';

export interface ReportExtras {
  readonly runId: string;
  /** As the report should name it, relative to the report. */
  readonly artifactPath: string;
  readonly engine: Pick<EngineInfo, 'backend' | 'version' | 'threads'>;
  /** By index in the list of finished stages. */
  readonly stages: readonly {
    readonly seconds: number;
    readonly wire?: StageWire;
    readonly cached?: boolean;
  }[];
  /** What a process that had only the file and the data measured; the run's own evaluation stands in until it has. */
  readonly artifactError?: number;
}

/** The report of a run whose `nextStage` is done. */
export function buildReport(
  recipe: ResolvedRecipe,
  finished: readonly FinishedStage[],
  extras: ReportExtras,
): Report {
  const train = stage(finished, 'train');
  const encode = stage(finished, 'encode');
  const evaluation = stage(finished, 'evaluate').result.metrics as unknown as ArtifactEvaluation;
  const parameters = parametersOf(recipe.network).filter(({ trainable }) => trainable);
  const denseBytes = 4 * parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const bytes = encode.result.metrics['bytes'] as number;
  const error = extras.artifactError ?? evaluation.error;
  return {
    version: REPORT_VERSION,
    run: extras.runId,
    recipe: recipe.name,
    network: recipe.network.name,
    seed: recipe.seed,
    dense: { error: train.result.metrics['testError'] as number },
    final: { error: evaluation.error },
    weights: count(
      parameters.filter(({ prunable }) => prunable),
      evaluation.kept,
    ),
    parameters: count(parameters, evaluation.kept),
    layers: reportLayers(recipe, finished, encode, evaluation),
    rounds: reportRounds(recipe, train, finished),
    artifact: {
      path: extras.artifactPath,
      bytes,
      denseBytes,
      ratio: denseBytes / bytes,
      error,
      digest: encode.result.outputs['artifact'].digest,
    },
    paperCoding: (encode.result.metrics['paper'] ?? null) as Report['paperCoding'],
    engine: {
      backend: extras.engine.backend,
      version: extras.engine.version,
      threads: extras.engine.threads,
    },
    stages: finished.map(({ spec }, i) => {
      const { seconds, wire, cached } = extras.stages[i] ?? { seconds: 0 };
      const wireBytes = wire ? wire.dense + wire.masked + wire.overhead : 0;
      return {
        stage: stageTitle(spec),
        seconds,
        wireBytes,
        ...(wire ? { wire } : {}),
        cached: cached ?? false,
      };
    }),
  };
}

interface CodedTensor {
  readonly name: string;
  readonly bytes: number;
  readonly levels?: number;
}

function reportLayers(
  recipe: ResolvedRecipe,
  finished: readonly FinishedStage[],
  encode: FinishedStage,
  evaluation: ArtifactEvaluation,
): ReportLayer[] {
  const coded = encode.result.metrics['tensors'] as unknown as readonly CodedTensor[];
  const best = bestRound(recipe, stage(finished, 'train'), finished);
  const pruned = finished.find(({ spec }) => spec.kind === 'prune' && spec.round === best?.spec.round);
  const counts = pruned?.result.metrics['layers'] as unknown as
    readonly (LayerCount & { threshold: number | null })[] | undefined;
  return parametersOf(recipe.network)
    .filter(({ prunable }) => prunable)
    .map(({ name, layer, shape }) => {
      const own = coded.filter((tensor) => tensor.name.startsWith(`${layer}/`));
      const levels = own.find((tensor) => tensor.name === name)?.levels;
      const weights = sizeOf(shape);
      const kept = evaluation.kept[name] ?? 0;
      return {
        name: layer,
        weights,
        kept,
        keptShare: kept / weights,
        threshold: counts?.find((entry) => entry.name === name)?.threshold ?? null,
        bits: levels ? Math.ceil(Math.log2(Math.max(2, levels))) : 32,
        bytes: own.reduce((sum, tensor) => sum + tensor.bytes, 0),
      };
    });
}

function reportRounds(
  recipe: ResolvedRecipe,
  train: FinishedStage,
  finished: readonly FinishedStage[],
): ReportRound[] {
  const best = bestRound(recipe, train, finished);
  // Of the recipe's network: rounds of units have made it smaller by then.
  const weights = parametersOf(recipe.network)
    .filter(({ prunable }) => prunable)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return finished.filter(isRoundRetrain).map((round) => {
    const { metrics } = round.result;
    const layers = metrics['layers'] as unknown as readonly LayerCount[];
    const kept = layers.reduce((sum, layer) => sum + layer.kept, 0);
    return {
      round: round.spec.round as number,
      kept,
      keptShare: kept / weights,
      heldOutError: (metrics['heldOutError'] as number | undefined) ?? null,
      testError: metrics['testError'] as number,
      withinBudget: holdsBudget(recipe, train, round),
      chosen: round === best,
    };
  });
}

function count(
  parameters: readonly { readonly name: string; readonly shape: readonly number[] }[],
  kept: Readonly<Record<string, number>>,
): Report['weights'] {
  const total = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const left = parameters.reduce((sum, { name }) => sum + (kept[name] ?? 0), 0);
  return { total, kept: left, ratio: total / left };
}

function stage(finished: readonly FinishedStage[], kind: string): FinishedStage {
  return finished.find(({ spec }) => spec.kind === kind) as FinishedStage;
}
