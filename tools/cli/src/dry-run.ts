/** `run --dry-run`: what would happen, from the recipe, the data set and the caches alone. */
import {
  nextStage,
  stageKey,
  stageTitle,
  expectedStages,
  type FinishedStage,
  type StageResult,
} from '@espalier/stages';
import type { ResolvedRecipe } from '@espalier/recipe';
import { RecordStore } from '@espalier/store';
import { sha256 } from '@espalier/tensor/digest';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bytes, count, percent, plural, ratio } from './output/format';
import { fields, table } from './output/table';
import type { LayerPrediction, Prediction, RoundPrediction } from './prediction';
import type { RunsFolder } from './runs-folder';
import type { Space } from './space';

export interface DryRun {
  readonly recipe: string;
  readonly network: string;
  readonly seed: number;
  readonly prediction: Prediction;
  readonly space: Space;
  readonly stages: readonly { readonly title: string; readonly cached: boolean }[];
  /** Those that the recipe names. */
  readonly plugins?: readonly {
    readonly name: string;
    readonly from: string;
    readonly version?: string;
    readonly digest?: string;
  }[];
  /** Why the cache was not looked at. */
  readonly cacheUnknown?: string;
}

/**
 * The stages that are expected, and which of them a store has already. A stage's key depends on what came out before it,
 * so the first that is missing ends the search.
 */
export async function plannedStages(recipe: ResolvedRecipe, folder: RunsFolder): Promise<DryRun['stages']> {
  const caches = await cachesOf(folder);
  const finished: FinishedStage[] = [];
  for (;;) {
    const next = nextStage(recipe, finished);
    if (next.step === 'done') break;
    const key = stageKey(next.spec, sha256);
    const result = await found(caches, key);
    if (!result) break;
    finished.push({ spec: next.spec, key, result });
  }
  const cached = finished.map(({ spec }) => ({ title: stageTitle(spec), cached: true }));
  const rest = expectedTitles(recipe).slice(cached.length);
  return [...cached, ...rest.map((title) => ({ title, cached: false }))];
}

export function expectedTitles(recipe: ResolvedRecipe): string[] {
  return expectedStages(recipe).map((stage) => stageTitle(stage));
}

async function cachesOf(folder: RunsFolder): Promise<readonly RecordStore[]> {
  const root = folder.store('');
  const owners = existsSync(root) ? readdirSync(root) : [];
  const dirs = owners.map((owner) => join(root, owner, 'cache')).filter((dir) => existsSync(dir));
  return Promise.all(dirs.map((dir) => RecordStore.open(dir)));
}

async function found(caches: readonly RecordStore[], key: string): Promise<StageResult | undefined> {
  for (const cache of caches) {
    const record = await cache.find(key);
    if (record !== undefined) return record as unknown as StageResult;
  }
  return undefined;
}

export function dryRunText(plan: DryRun): string {
  const { prediction, space, stages } = plan;
  const cached = stages.filter((stage) => stage.cached);
  const cacheLine =
    plan.cacheUnknown ?? (cached.length === 0 ? 'none' : cached.map(({ title }) => title).join(', '));
  const head = fields([
    ['recipe', `${plan.recipe}, seed ${plan.seed}`],
    [
      'network',
      `${plan.network}: ${count(prediction.parameters)} parameters, ${bytes(prediction.denseBytes)}`,
    ],
    [
      'file',
      `about ${bytes(prediction.artifactBytes)}, ${ratio(prediction.denseBytes / prediction.artifactBytes)} smaller`,
    ],
    ['disk', `about ${bytes(space.neededBytes)} needed, ${bytes(space.freeBytes)} free`],
    ...sensitivityField(prediction),
    ...unitsField(prediction),
    ['stages', `${plural(stages.length, 'stage')}: ${stages.map(({ title }) => title).join(', ')}`],
    ['cached', cacheLine],
    ...(plan.plugins ?? []).map(({ name, version, digest, from }): [string, string] => [
      'plugin',
      `${name} ${version}, digest ${digest?.slice(0, 12)}, from ${from}`,
    ]),
  ]);
  const rounds = prediction.rounds.length === 0 ? '' : `\n\n${roundTable(prediction)}`;
  const global = prediction.layers.some(({ rule }) => rule === 'global keep')
    ? '\n\nOne threshold holds for all layers: which share each of them keeps is seen only once it is trained.'
    : '';
  return `${head}\n\n${layerTable(prediction)}${rounds}${global}`;
}

function sensitivityField({ sensitivity }: Prediction): [string, string][] {
  if (!sensitivity) return [];
  const { points, steps } = sensitivity;
  return [['sensitivity', `${plural(points, 'point')}, ${count(steps)} steps of training in all`]];
}

function unitsField({ units }: Prediction): [string, string][] {
  if (units.length === 0) return [];
  return [['units', units.map(({ name, units: counts }) => `${name} ${counts.join(' -> ')}`).join(', ')]];
}

function layerTable({ layers }: Prediction): string {
  return table<LayerPrediction>(
    [
      { title: 'layer', cell: ({ name }) => name },
      { title: 'type', cell: ({ type }) => type },
      { title: 'weights', align: 'right', cell: ({ weights }) => count(weights) },
      { title: 'rule', cell: ({ rule }) => rule },
      { title: 'kept', align: 'right', cell: ({ weights, keptShare }) => count(weights * keptShare) },
      { title: 'share', align: 'right', cell: ({ keptShare }) => percent(keptShare) },
      { title: 'bits', align: 'right', cell: ({ bits }) => String(Math.ceil(bits)) },
    ],
    layers,
  );
}

function roundTable({ rounds, layers }: Prediction): string {
  return table<RoundPrediction>(
    [
      { title: 'round', align: 'right', cell: ({ round }) => String(round) },
      ...layers.map(({ name }) => ({
        title: name,
        align: 'right' as const,
        cell: ({ keptShares }: RoundPrediction) => percent(keptShares[name]),
      })),
      { title: 'epochs of retraining', align: 'right', cell: ({ epochs }) => String(epochs) },
    ],
    rounds,
  );
}
