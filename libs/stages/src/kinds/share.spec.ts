import { Random, type JsonValue } from '@espalier/base';
import { checkNetwork } from '@espalier/models';
import { BlobStore } from '@espalier/store';
import { float32, requireTensor, type Snapshot } from '@espalier/tensor';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageSpec } from '../stage';
import { StoredSnapshot } from '../stored-snapshot';
import { runShare } from './share';

const PROTOCOL_BYTES = 64 * 1024;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-share-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Metrics of sharing `count` kernels of 2,000 weights in that many levels. */
async function metricsOf(count: number, levels: number): Promise<JsonValue> {
  const names = Array.from({ length: count }, (_, i) => `fc${i}/kernel`);
  const weights = Float32Array.from({ length: 2_000 }, (_, i) => Math.fround(Math.sin(i + 1)));
  const start: Snapshot = {
    network: null,
    tensors: new Map(names.map((name) => [name, float32([2_000], weights)])),
    info: {},
  };
  const store = await BlobStore.open(folder);
  const { id } = await store.putSnapshot(start);
  const config = { method: 'linear', levels: Object.fromEntries(names.map((name) => [name, levels])) };
  const spec = { kind: 'share', algorithm: 1, config, seed: 1, inputs: {} } as StageSpec;
  const { metrics } = await runShare(spec, await StoredSnapshot.open(store, id));
  return metrics['layers'] as JsonValue;
}

describe('sharing with a price on bits', () => {
  it('takes fewer levels, and keeps fewer weights the dearer a bit is', async () => {
    const network = checkNetwork({
      name: 'one-layer',
      input: [40],
      layers: [{ type: 'dense', name: 'fc', units: 50, bias: false }],
    });
    const random = new Random(1);
    const weights = Float32Array.from({ length: 2_000 }, () => {
      const weight = random.normal();
      return Math.abs(weight) < 0.7 ? 0 : weight;
    });
    const tensors = new Map([['fc/kernel', float32([40, 50], weights)]]);
    const store = await BlobStore.open(folder);
    const { id } = await store.putSnapshot({ network: network as unknown as JsonValue, tensors, info: {} });
    const shared = async (rateWeight?: number): Promise<{ levels: number; kept: number }> => {
      const base = { method: 'kmeans', init: 'linear', levels: { 'fc/kernel': 16 } };
      const config = rateWeight === undefined ? base : { ...base, rateWeight };
      const spec = { kind: 'share', algorithm: 1, config, seed: 1, inputs: {} } as StageSpec;
      const { outputs, metrics } = await runShare(spec, await StoredSnapshot.open(store, id));
      const after = await store.getSnapshot(outputs['snapshot'].digest);
      const [{ levels }] = metrics['layers'] as { levels: number }[];
      const kernel = requireTensor(after, 'fc/kernel').data as Float32Array;
      return { levels, kept: kernel.filter((weight) => weight !== 0).length };
    };
    const [nearest, cheap, dear] = [await shared(), await shared(1), await shared(60)];
    expect(nearest).toEqual({ levels: 16, kept: weights.filter((weight) => weight !== 0).length });
    expect(cheap.kept).toBeLessThanOrEqual(nearest.kept);
    expect(dear.levels).toBeLessThan(cheap.levels);
    expect(dear.kept).toBeLessThan(cheap.kept);
  });
});

describe('what sharing tells', () => {
  it('is the codebook and its usage while they are small', async () => {
    const [layer] = (await metricsOf(1, 16)) as {
      levels: number;
      codebook: number[];
      usage: number[];
    }[];
    expect(layer.codebook).toHaveLength(layer.levels);
    expect(layer.usage).toHaveLength(layer.levels);
  });

  it('fits in a control message for many levels and for many layers', async () => {
    for (const layers of [await metricsOf(1, 4096), await metricsOf(20, 256)]) {
      expect(JSON.stringify(layers).length).toBeLessThan(PROTOCOL_BYTES / 2);
      expect((layers as { levels: number }[]).every(({ levels }) => levels > 1)).toBe(true);
    }
  });
});
