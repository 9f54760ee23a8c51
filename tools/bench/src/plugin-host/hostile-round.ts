/** A pruning round whose criterion is a plugin's, in a process of its own, with one of ours as fallback: as a service runs its stage. */
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger, type JsonValue } from '@espalier/base';
import { checkNetwork, parametersOf } from '@espalier/models';
import type { ContributionRef } from '@espalier/plugin-api';
import { stagePlugins, type PluginHost } from '@espalier/plugin-host';
import { copyHostile } from '@espalier/plugin-host/testing';
import {
  pluginsInProcess,
  runStageCached,
  type PruneConfig,
  type ScoredBy,
  type StageSpec,
} from '@espalier/stages';
import { BlobStore, RecordStore } from '@espalier/store';
import { float32, sizeOf } from '@espalier/tensor';
import { BENCH_RUNS } from '../places';

/** The fallback of every round here. */
export const FALLBACK: ContributionRef = { name: 'magnitude', options: {} };

/** The deadline of a call, for all twelve alike. */
export const HOSTILE_ROUND_MS = 2_000;

export interface PrunedRound {
  /** From the beginning of the stage, its plugin admitted before, to its end. */
  readonly ms: number;
  /** Of the pruned snapshot: what two rounds have in common to the last bit. */
  readonly digest: string;
  /** As it stands in the run's log. */
  readonly scoredBy: ScoredBy;
}

export interface Rounds extends AsyncDisposable {
  /** Gone when this is disposed of. */
  readonly folder: string;
  /** By one of ours. */
  byOurs(name: string): Promise<PrunedRound>;
  /** By a criterion of the plugin in `testing/plugins/NAME`, copied into `folder`. */
  byPlugin(name: string, criterion: string): Promise<PrunedRound>;
}

const network = checkNetwork({
  name: 'two',
  input: [8],
  layers: [
    { type: 'dense', name: 'fc1', units: 4 },
    { type: 'relu' },
    { type: 'dense', name: 'fc2', units: 4 },
  ],
});

/** Rounds over the same small snapshot, by plugins of `host`. */
export async function openRounds(host: PluginHost): Promise<Rounds> {
  // Not in the system's temporary folder: some of the plugins find their packages from where they lie.
  await mkdir(BENCH_RUNS, { recursive: true });
  const folder = await realpath(await mkdtemp(join(BENCH_RUNS, 'hostile-')));
  const store = await BlobStore.open(join(folder, 'store'));
  const cache = await RecordStore.open(join(folder, 'cache'));
  const start = await putStart(store);
  const places: { readonly name: string; readonly from: string }[] = [];
  const plugins = stagePlugins({ host, places: async () => places, ours: pluginsInProcess() });

  const round = async (criterion: ContributionRef): Promise<PrunedRound> => {
    const from = performance.now();
    const { result } = await runStageCached(specOf(start, criterion), {
      store,
      cache,
      plugins,
      emit: () => undefined,
      signal: new AbortController().signal,
      logger: silentLogger,
      threads: 1,
      checkpointSeconds: 60,
    });
    const ms = performance.now() - from;
    const scoredBy = result.metrics['scoredBy'] as unknown as ScoredBy;
    return { ms, digest: result.outputs['snapshot'].digest, scoredBy };
  };
  return {
    folder,
    byOurs: (name) => round({ name, options: {} }),
    byPlugin: async (name, criterion) => {
      const from = copyHostile(name, folder);
      places.push({ name, from });
      const ref = { name: criterion, options: {}, plugin: (await host.describe({ from })).ref };
      await plugins.criterion(ref);
      return round(ref);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function putStart(store: BlobStore): Promise<string> {
  const tensors = parametersOf(network).map(({ name, shape }) => {
    // Signs and magnitudes that no order of the weights gives away.
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 37) % 64) / 64 - 0.5);
    return [name, float32(shape, values)] as const;
  });
  const snapshot = { network: network as unknown as JsonValue, tensors: new Map(tensors), info: {} };
  return (await store.putSnapshot(snapshot)).id;
}

function specOf(start: string, criterion: ContributionRef): StageSpec {
  const config: PruneConfig = {
    criterion: criterion.plugin ? criterion : criterion.name,
    criterionOptions: {},
    fallback: FALLBACK,
    granularity: 'weight',
    minimumKept: 1,
    keep: { layers: { 'fc1/kernel': 0.25, 'fc2/kernel': 0.25 } },
    gradientBatches: 1,
    batchSize: 1,
    heldOut: 0,
  };
  const inputs = { start: { kind: 'snapshot', digest: start } } as const;
  const whole = { kind: 'prune', algorithm: 1, round: 1, config: config as unknown as JsonValue, seed: 1 };
  return { ...whole, inputs } as StageSpec;
}
