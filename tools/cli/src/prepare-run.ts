/** From a recipe's file to everything that a run starts with: the checked recipe, the data set, given weights. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import {
  dataBlobs,
  dataManifest,
  dataManifestBytes,
  readIdxDataSet,
  readMnist,
  type DataManifest,
  type DataSet,
} from '@espalier/datasets';
import {
  parseRecipe,
  pinned,
  resolveRecipe,
  type DataSection,
  type PluginsFacts,
  type Recipe,
  type ResolvedRecipe,
} from '@espalier/recipe';
import type { BlobStore } from '@espalier/store';
import type { Digest } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { readInput } from './files';
import { version } from './installation';
import { completionsOf, lookAtPlugins, type RecipePlugins } from './recipe-plugins';

export interface RecipeOptions {
  /** `a.b=c`, on top of the file. */
  readonly sets: readonly string[];
  readonly threads?: number;
  readonly seed?: number;
  /** What is known of its plugins; without it references to them are taken as they are. */
  readonly plugins?: PluginsFacts;
}

export interface RunInputs {
  readonly recipe: Recipe;
  /** The folder that paths in the recipe count from. */
  readonly folder: string;
  readonly data: RunData;
  /** The bytes of the weights file that `init` names. */
  readonly init?: Uint8Array;
  /** What is known of the plugins that the recipe names. */
  readonly plugins?: RecipePlugins;
}

export interface RunData {
  readonly set: DataSet;
  readonly manifest: DataManifest;
  readonly digest: Digest;
}

/** A recipe whose plugins have been looked at, and what they are. */
export async function readRecipeWithPlugins(
  file: string,
  options: RecipeOptions,
): Promise<{ recipe: Recipe; folder: string; plugins?: RecipePlugins }> {
  const read = readRecipe(file, options);
  if (read.recipe.plugins === undefined) return read;
  const facts = await lookAtPlugins(read.recipe, read.folder);
  const { recipe, folder } = readRecipe(file, { ...options, plugins: facts });
  const completions = await completionsOf(recipe, facts, folder);
  return { recipe, folder, plugins: { facts, ...(completions && { completions }) } };
}

/** The recipe with its plugins pinned, and their folders spelled in full. */
export function withPins({ recipe, folder, plugins }: RunInputs): Recipe {
  if (!recipe.plugins || !plugins) return recipe;
  return { ...recipe, plugins: pinned(recipe.plugins, plugins.facts, folder) };
}

export function readRecipe(file: string, options: RecipeOptions): { recipe: Recipe; folder: string } {
  const text = new TextDecoder().decode(readInput(file));
  const sets = [
    ...options.sets,
    ...(options.threads === undefined ? [] : [`engine.threads=${options.threads}`]),
    ...(options.seed === undefined ? [] : [`seed=${options.seed}`]),
  ];
  const { plugins } = options;
  return { recipe: parseRecipe(text, { file, sets, plugins }).recipe, folder: dirname(resolve(file)) };
}

/** Reads what the recipe names. @throws DATA_*, CLI_FILE */
export function readRunInputs(recipe: Recipe, folder: string, plugins?: RecipePlugins): RunInputs {
  const set = readDataSection(recipe.data, folder);
  const manifest = dataManifest(set, sha256);
  const data = { set, manifest, digest: sha256(dataManifestBytes(manifest)) };
  const read = { recipe, folder, data, ...(plugins && { plugins }) };
  if (!recipe.init) return read;
  const from = recipe.init.from;
  return { ...read, init: readInput(isAbsolute(from) ? from : join(folder, from)) };
}

export interface EngineFacts {
  readonly fingerprint: string;
  readonly threads: number;
}

/** The recipe that replays the run. @throws RECIPE_CONFLICT, RECIPE_INPUT_CHANGED */
export function resolveInputs(
  { recipe, folder, data, init, plugins }: RunInputs,
  engine: EngineFacts,
): ResolvedRecipe {
  return resolveRecipe(recipe, {
    data: { digest: data.digest, shape: data.manifest.splits.train.shape, classes: data.manifest.classes },
    fingerprint: engine.fingerprint,
    threads: engine.threads,
    version: version(),
    folder,
    ...(plugins ? { plugins: plugins.facts, completions: plugins.completions } : {}),
    ...(init ? { init: sha256(init) } : {}),
  });
}

/** Puts what services will pull into a store: the data set's blobs, its manifest, given weights. */
export async function storeInputs({ data, init }: RunInputs, store: BlobStore): Promise<void> {
  for (const [digest, bytes] of dataBlobs(data.set, data.manifest)) {
    if (!(await store.has(digest))) await store.put(bytes);
  }
  await store.put(dataManifestBytes(data.manifest));
  if (init) await store.put(init);
}

/** Bytes of the data set's blobs. */
export function dataBytes({ set }: RunData): number {
  return [set.train, set.test].reduce((sum, { images, labels }) => sum + images.length + labels.length, 0);
}

function readDataSection(data: DataSection, folder: string): DataSet {
  if (data.format === 'mnist') return readMnist();
  const at = (file: string): string => resolve(folder, file);
  const files = ({ images, labels }: { images: string; labels: string }) => ({
    images: at(images),
    labels: at(labels),
  });
  return readIdxDataSet({
    name: 'idx',
    train: files(data.train),
    test: files(data.test),
    ...(data.classes === undefined ? {} : { classes: data.classes }),
  });
}
