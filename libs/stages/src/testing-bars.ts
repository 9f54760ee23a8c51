/** Fixtures for specs that run stages: a small data set, and a store that has it. */
import { Random } from '@espalier/base';
import { dataBlobs, dataManifest, dataManifestBytes, type DataSet, type Samples } from '@espalier/datasets';
import { parseRecipe, resolveRecipe, type PluginsFacts, type ResolvedRecipe } from '@espalier/recipe';
import { BlobStore, RecordStore } from '@espalier/store';
import { sha256 } from '@espalier/tensor/digest';
import { join } from 'node:path';

/** Bars in one of four places, with noise: a network of a few units learns it, and most pixels do not matter. */
function bars(count: number, random: Random): Samples {
  const images = new Uint8Array(count * 64);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const label = random.below(4);
    labels[n] = label;
    for (let i = 0; i < 64; i++) {
      const lit = label < 2 ? (i & 7) === 2 + 3 * label : i >> 3 === 2 + 3 * (label - 2);
      images[n * 64 + i] = (lit ? 180 : 0) + random.below(60);
    }
  }
  return { images, labels, count, shape: [8, 8, 1] };
}

export const BARS: DataSet = {
  name: 'bars',
  classes: 4,
  train: bars(700, new Random(1)),
  test: bars(200, new Random(2)),
};

/**
 * The beginning of a recipe for them, up to and with `data`: one hidden layer of so many units, behind a convolution of
 * so many filters where there is one.
 */
export function barsRecipe({
  filters,
  units,
}: {
  readonly filters?: number;
  readonly units: number;
}): string {
  const convolution = `
    - { type: conv2d, name: conv1, filters: ${filters}, kernel: 3 }
    - { type: maxPool, name: pool1, size: 2 }`;
  return `
version: 1
name: bars
network:
  input: [8, 8, 1]
  layers:${filters === undefined ? '' : convolution}
    - { type: flatten, name: flat }
    - { type: dense, name: fc1, units: ${units} }
    - { type: relu, name: relu1 }
    - { type: dense, name: fc2, units: 4 }
data:
  format: idx
  heldOut: 100
  train: { images: train-images, labels: train-labels }
  test: { images: test-images, labels: test-labels }
`;
}

export interface Place {
  readonly store: BlobStore;
  readonly cache: RecordStore;
  readonly recipe: ResolvedRecipe;
}

/** A store in that folder with the data in it, and a recipe for them. */
export async function openPlace(
  folder: string,
  text: string,
  sets: readonly string[],
  plugins?: PluginsFacts,
): Promise<Place> {
  const store = await BlobStore.open(join(folder, 'blobs'));
  const cache = await RecordStore.open(join(folder, 'cache'));
  const manifest = dataManifest(BARS, sha256);
  for (const blob of dataBlobs(BARS, manifest).values()) await store.put(blob);
  const digest = await store.put(dataManifestBytes(manifest));
  const { recipe } = parseRecipe(text, { file: 'bars.yaml', sets, ...(plugins && { plugins }) });
  const resolved = resolveRecipe(recipe, {
    data: { digest, shape: [8, 8, 1], classes: 4 },
    fingerprint: 'test',
    threads: 2,
    version: '0',
    ...(plugins && { plugins }),
  });
  return { store, cache, recipe: resolved };
}
