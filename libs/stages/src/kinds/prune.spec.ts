import { silentLogger, type JsonValue } from '@espalier/base';
import { checkNetwork, parametersOf } from '@espalier/models';
import { definePlugin, type ContributionRef, type Plugin } from '@espalier/plugin-api';
import { BlobStore, RecordStore } from '@espalier/store';
import { Mask, float32, requireTensor, sizeOf } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PruneConfig } from '../config';
import type { StageContext } from '../context';
import { pluginsInProcess } from '../plugins';
import { runStageCached } from '../run-stage';
import { stageKey, type StageResult, type StageSpec } from '../stage';

const network = checkNetwork({
  name: 'two',
  input: [8],
  layers: [
    { type: 'dense', name: 'fc1', units: 4 },
    { type: 'relu' },
    { type: 'dense', name: 'fc2', units: 4 },
  ],
});
const DIGEST = 'd'.repeat(64);

/** Scores by the index, unless it was told to fail at a layer. */
const plugin = definePlugin({
  name: 'espalier-plugin-test',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    late: { needs: ['weights'], score: ({ weights }) => weights.map((_, i) => i) },
    broken: {
      needs: ['weights'],
      options: { at: { type: 'string', default: 'fc2/kernel', description: 'The layer that it fails at.' } },
      score: ({ name, weights, options }) => {
        if (name === (options as { at: string }).at) throw new Error('no such file');
        return weights.map((_, i) => i);
      },
    },
    nonsense: { needs: ['weights'], score: ({ weights }) => weights.map(() => NaN) },
    short: { needs: ['weights'], score: () => new Float32Array(1) },
  },
  granularities: {
    pairs: {
      groupCount: (shape) => sizeOf(shape),
      groupsOf: (shape) => Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i),
      pattern: (shape) => ({
        setOf: Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i >> 1),
        keep: 1,
      }),
    },
  },
  regrowths: {
    first: { needs: ['weights'], regrow: ({ mask, shape }) => withFirst(mask, shape) },
    thief: { needs: ['weights'], regrow: ({ shape }) => Mask.empty(shape) },
  },
});

function withFirst(mask: Mask, shape: readonly number[]): Mask {
  const grown = Mask.fromFlags(shape, mask.toFlags());
  grown.set(0, true);
  return grown;
}

let folder: string;
let context: StageContext;
let start: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-prune-'));
  const store = await BlobStore.open(join(folder, 'store'));
  const cache = await RecordStore.open(join(folder, 'cache'));
  const tensors = parametersOf(network).map(
    ({ name, shape }) =>
      [
        name,
        float32(
          shape,
          Float32Array.from({ length: sizeOf(shape) }, (_, i) => (i + 1) / 64),
        ),
      ] as const,
  );
  start = (
    await store.putSnapshot({
      network: network as unknown as JsonValue,
      tensors: new Map(tensors),
      info: {},
    })
  ).id;
  context = {
    store,
    cache,
    emit: () => undefined,
    signal: new AbortController().signal,
    logger: silentLogger,
    threads: 1,
    checkpointSeconds: 60,
    plugins: pluginsInProcess([{ plugin, digest: DIGEST }]),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function of(name: string, options: ContributionRef['options'] = {}): ContributionRef {
  const { name: from, version } = plugin as Plugin;
  return { name, options, plugin: { name: from, version, digest: DIGEST } };
}

function specOf(change: Partial<PruneConfig>): StageSpec {
  const config: PruneConfig = {
    criterion: 'magnitude',
    criterionOptions: {},
    granularity: 'weight',
    minimumKept: 1,
    keep: { layers: { 'fc1/kernel': 0.25, 'fc2/kernel': 0.25 } },
    gradientBatches: 1,
    batchSize: 1,
    heldOut: 0,
    ...change,
  };
  const inputs = { start: { kind: 'snapshot', digest: start } } as const;
  const whole = { kind: 'prune', algorithm: 1, round: 1, config: config as unknown as JsonValue, seed: 1 };
  return { ...whole, inputs } as StageSpec;
}

async function pruned(change: Partial<PruneConfig>): Promise<StageResult> {
  return (await runStageCached(specOf(change), context)).result;
}

describe('prune', () => {
  it('says who scored: ours by name, a plugin to the byte', async () => {
    const { metrics } = await pruned({});
    expect(metrics['scoredBy']).toEqual({ criterion: 'magnitude', plugin: 'built-in' });
    const theirs = await pruned({ criterion: of('late') });
    expect(theirs.metrics['scoredBy']).toEqual({
      criterion: 'late',
      plugin: 'espalier-plugin-test',
      version: '1.0.0',
      digest: DIGEST,
    });
  });

  it('prunes to the same bits by a plugin that scores as one of ours does', async () => {
    const { outputs } = await pruned({ criterion: of('late') });
    expect(outputs).toEqual((await pruned({})).outputs);
  });

  it('is another stage with another digest of its plugin', () => {
    const { plugin: pin } = of('late');
    const other = { ...of('late'), plugin: { ...(pin as NonNullable<typeof pin>), digest: 'e'.repeat(64) } };
    const keys = [of('late'), other, of('late', { power: 1 })].map((criterion) =>
      stageKey(specOf({ criterion }), sha256),
    );
    expect(new Set(keys).size).toBe(3);
  });

  it('scores the whole round anew by the fallback when the plugin fails at a later layer', async () => {
    const change = { criterion: of('broken'), fallback: { name: 'magnitude', options: {} } };
    const { outputs, metrics } = await pruned(change);
    expect(outputs).toEqual((await pruned({})).outputs);
    expect(metrics['scoredBy']).toMatchObject({ criterion: 'magnitude', plugin: 'built-in', fallback: true });
    expect(JSON.stringify(metrics['scoredBy'])).toContain('no such file');
    // Not kept: the next time the plugin may be well.
    expect(await context.cache.find(stageKey(specOf(change), sha256))).toBeUndefined();
  });

  it.each([
    ['throws', of('broken'), 'no such file'],
    ['answers NaN', of('nonsense'), 'scores element 0 of "fc1/kernel" with NaN'],
    ['answers too little', of('short'), 'have 1'],
    ['is not there', { ...of('gone') }, 'has no criterion called "gone"'],
    [
      'is another version',
      { ...of('late'), plugin: { name: plugin.name, version: '2.0.0', digest: 'e'.repeat(64) } },
      'not loaded here',
    ],
  ])('fails with one code when a plugin without a fallback %s', async (_, criterion, problem) => {
    const failure = pruned({ criterion });
    await expect(failure).rejects.toThrow(/^PLUGIN_FAILED: the criterion/);
    await expect(failure).rejects.toThrow(problem);
  });

  it('lets a fallback stand in for a criterion alone', async () => {
    const change = { granularity: of('gone'), fallback: { name: 'magnitude', options: {} } };
    await expect(pruned(change)).rejects.toThrow('PLUGIN_FAILED: the granularity "gone"');
  });

  it('keeps exactly a pattern of every kernel, that of the classes too', async () => {
    const { metrics } = await pruned({ granularity: of('pairs'), keep: undefined });
    expect(metrics['layers']).toMatchObject([
      { name: 'fc1/kernel', weights: 32, kept: 16 },
      { name: 'fc2/kernel', weights: 16, kept: 8 },
    ]);
  });

  it('lets a regrowth bring weights back, and take none away', async () => {
    const { outputs } = await pruned({ regrowth: of('first') });
    const after = await context.store.getSnapshot(outputs['snapshot'].digest);
    const mask = Mask.fromTensor(requireTensor(after, 'fc1/kernel:mask'));
    expect([mask.get(0), mask.count()]).toEqual([true, 9]);
    await expect(pruned({ regrowth: of('thief') })).rejects.toThrow('STAGE_REGROWTH');
  });
});
