/** Stages in this process, for benches that need a part of a run only. */
import { loadEngine, type EngineInfo } from '@espalier/engine';
import { dataBlobs, dataManifest, dataManifestBytes, readMnist, type DataSet } from '@espalier/datasets';
import { silentLogger } from '@espalier/base';
import { resolveRecipe, type Recipe, type ResolvedRecipe } from '@espalier/recipe';
import { runStageCached, type StageResult, type StageSpec } from '@espalier/stages';
import { BlobStore, RecordStore } from '@espalier/store';
import { sha256 } from '@espalier/tensor/digest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH_RUNS, ROOT } from './places';

export interface BenchWorkspace {
  readonly store: BlobStore;
  readonly data: DataSet;
  readonly engine: EngineInfo;
  resolve(recipe: Recipe): ResolvedRecipe;
  /** Runs a stage, or takes its result from the cache. `seconds` is missing for the latter. */
  stage(spec: StageSpec): Promise<{ readonly result: StageResult; readonly seconds?: number }>;
}

/** A store under .bench with MNIST in it, and the engine. */
export async function openBenchWorkspace(options: { readonly threads?: number }): Promise<BenchWorkspace> {
  const engine = await loadEngine(options.threads === undefined ? {} : { threads: options.threads });
  const folder = join(BENCH_RUNS, 'stages');
  const store = await BlobStore.open(join(folder, 'store'));
  const cache = await RecordStore.open(join(folder, 'cache'));
  const data = readMnist();
  const manifest = dataManifest(data, sha256);
  for (const [digest, bytes] of dataBlobs(data, manifest)) {
    if (!(await store.has(digest))) await store.put(bytes);
  }
  const manifestBytes = dataManifestBytes(manifest);
  await store.put(manifestBytes);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return {
    store,
    data,
    engine,
    resolve: (recipe) =>
      resolveRecipe(recipe, {
        data: {
          digest: sha256(manifestBytes),
          shape: manifest.splits.train.shape,
          classes: manifest.classes,
        },
        fingerprint: engine.fingerprint,
        threads: engine.threads,
        version,
        folder: join(ROOT, 'recipes'),
      }),
    async stage(spec) {
      const startedMs = performance.now();
      const { result, cached } = await runStageCached(spec, {
        store,
        cache,
        emit: () => undefined,
        signal: new AbortController().signal,
        logger: silentLogger,
        threads: engine.threads,
        checkpointSeconds: 30,
      });
      return cached ? { result } : { result, seconds: (performance.now() - startedMs) / 1000 };
    },
  };
}
