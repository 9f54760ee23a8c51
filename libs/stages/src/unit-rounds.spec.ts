import { openSession } from '@espalier/engine';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import type { Snapshot } from '@espalier/tensor';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingConfig } from './config';
import { runInProcess, type TimedStage } from './in-process';
import { evaluateArtifact } from './kinds/evaluate';
import { loadStageData } from './load-data';
import { expectedStages } from './planner';
import { buildReport } from './report';
import { stageTitle } from './stage';
import { BARS, barsRecipe, openPlace, type Place } from './testing-bars';

const RECIPE = `${barsRecipe({ filters: 6, units: 16 })}train: { epochs: 6, batchSize: 20, learningRate: { kind: cosine, base: 0.01 } }
prune:
  units:
    keep: [{ conv1: 4, fc1: 12 }, { fc1: 8 }]
    retrain: { epochs: 2, learningRate: { kind: cosine, base: 0.01 } }
  keep: { global: 0.2 }
retrain: { epochs: 3, learningRate: { kind: cosine, base: 0.01 } }
share: { bits: 3 }
`;

let folder: string;
let here: Place;
let stages: TimedStage[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-units-'));
  here = await place('here');
  stages = await runInProcess(here.recipe, here);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const place = (name: string, ...sets: string[]): Promise<Place> =>
  openPlace(join(folder, name), RECIPE, sets);

function titled(title: string, among = stages): TimedStage {
  return among.find(({ spec }) => stageTitle(spec) === title) as TimedStage;
}

function snapshotOf(stage: TimedStage, { store } = here): Promise<Snapshot> {
  return store.getSnapshot(stage.result.outputs['snapshot'].digest);
}

function artifactOf(among: readonly TimedStage[]): string {
  return among.find(({ spec }) => spec.kind === 'encode')?.result.outputs['artifact'].digest as string;
}

describe('rounds of units', () => {
  it('come before those of weights, each with its retraining', () => {
    const titles = ['train', 'prune units 1', 'retrain units 1', 'prune units 2', 'retrain units 2'];
    titles.push('prune 1', 'retrain 1', 'shrink', 'share', 'encode', 'evaluate');
    expect(stages.map(({ spec }) => stageTitle(spec))).toEqual(titles);
    expect(expectedStages(here.recipe).map((stage) => stageTitle(stage))).toEqual(titles);
  });

  it('leave the units that were asked for, and a network in that shape', async () => {
    expect(titled('prune units 1').result.metrics['units']).toEqual({
      conv1: { before: 6, after: 4 },
      fc1: { before: 16, after: 12 },
    });
    const { network, tensors } = await snapshotOf(titled('retrain units 2'));
    const shapes = parametersOf(network as unknown as NetworkSpec).map(({ shape }) => shape);
    expect(shapes).toEqual([[3, 3, 1, 4], [4], [36, 8], [8], [8, 4], [4]]);
    for (const { name, shape } of parametersOf(network as unknown as NetworkSpec)) {
      expect(tensors.get(name)?.shape).toEqual(shape);
    }
  });

  it('keep the units whose squared sums of w * g over the batches are the largest', async () => {
    const { spec, result } = titled('prune units 1');
    const before = await here.store.getSnapshot(spec.inputs['start'].digest);
    const after = await here.store.getSnapshot(result.outputs['snapshot'].digest);
    const sums = new Float64Array(16);
    await using session = await openSession({
      network: before.network as unknown as NetworkSpec,
      initial: before,
      seed: spec.seed,
      optimizer: { kind: 'sgd', momentum: 0 },
      learningRate: { kind: 'constant', base: 0 },
      batchSize: 128,
      data: await loadStageData(here.store, spec.data as string, 100),
    });
    const [kernel, bias] = ['fc1/kernel', 'fc1/bias'];
    await session.eachGradient({ batches: 50 }, (gradients) => {
      for (let unit = 0; unit < 16; unit++) {
        let sum = valueAt(before, bias, unit) * (gradients.get(bias) as Float32Array)[unit];
        for (let i = unit; i < 54 * 16; i += 16) {
          sum += valueAt(before, kernel, i) * (gradients.get(kernel) as Float32Array)[i];
        }
        sums[unit] += sum * sum;
      }
    });
    const best = [...sums.keys()].sort((a, b) => sums[b] - sums[a]).slice(0, 12);
    const kept = best.sort((a, b) => a - b).map((unit) => valueAt(before, bias, unit));
    expect([...(after.tensors.get(bias)?.data ?? [])]).toEqual(kept);
  });

  it('go through one learning rate, and see other batches than the training', () => {
    const configs = [1, 2].map((round) => titled(`retrain units ${round}`).spec);
    expect(configs.map(({ config }) => config as unknown as TrainingConfig)).toMatchObject([
      { epochs: 2, epochsBefore: 0, epochsTotal: 4 },
      { epochs: 2, epochsBefore: 2, epochsTotal: 4 },
    ]);
    expect(configs[0].seed).toBe(configs[1].seed);
    expect(configs[0].seed).not.toBe(titled('train').spec.seed);
  });

  it('leave shares of weights to be counted of the whole network', () => {
    const layers = titled('prune 1').result.metrics['layers'] as unknown as { kept: number }[];
    const whole = 9 * 6 + 54 * 16 + 16 * 4;
    expect(layers.reduce((sum, { kept }) => sum + kept, 0)).toBe(Math.ceil(0.2 * whole));
    const report = reportOf(stages);
    expect(report.rounds[0].keptShare).toBeCloseTo(Math.ceil(0.2 * whole) / whole, 12);
    expect(report.weights.total).toBe(whole);
  });

  it('give a file that knows the task', async () => {
    const { error } = await evaluateArtifact(await here.store.get(artifactOf(stages)), BARS);
    expect(error).toBeLessThan(0.1);
  });

  it('give the same file again, also when they were stopped on the way', async () => {
    const cut = await place('cut');
    const stopAt = new Set(['retrain units 1', 'retrain units 2']);
    let result: TimedStage[] | undefined;
    while (!result) {
      const controller = new AbortController();
      result = await runInProcess(cut.recipe, {
        ...cut,
        signal: controller.signal,
        checkpointSeconds: 0,
        onStageEvent: (spec, { fields }) => {
          if (fields['heldOutError'] !== undefined && stopAt.delete(stageTitle(spec))) controller.abort();
        },
      }).catch((error: { code?: string }) => {
        if (error.code === 'STAGE_CANCELLED') return undefined;
        throw error;
      });
    }
    expect(stopAt.size).toBe(0);
    expect(artifactOf(result)).toBe(artifactOf(stages));
  });

  it('leave the optimizer as it is for a criterion that scores by it', async () => {
    const fisher = await place('here', 'prune.criterion=fisher');
    const done = await runInProcess(fisher.recipe, fisher);
    const { tensors } = await snapshotOf(titled('retrain units 2', done));
    expect(tensors.get('fc1/kernel:v')?.shape).toEqual([36, 8]);
    expect(done.filter(({ cached }) => cached).map(({ spec }) => stageTitle(spec))).toContain(
      'prune units 2',
    );
  });

  it('take any criterion, by the mean over a unit', async () => {
    const magnitude = await place('here', 'prune.units.criterion=magnitude');
    const done = await runInProcess(magnitude.recipe, magnitude);
    const { spec } = titled('prune units 1', done);
    expect(spec.data).toBeUndefined();
    const before = await here.store.getSnapshot(spec.inputs['start'].digest);
    const means = Array.from({ length: 6 }, (_, unit) => {
      let sum = 0;
      for (let i = unit; i < 54; i += 6) sum += Math.abs(valueAt(before, 'conv1/kernel', i));
      return sum;
    });
    const best = [...means.keys()].sort((a, b) => means[b] - means[a]).slice(0, 4);
    const { tensors } = await snapshotOf(titled('prune units 1', done));
    const kept = best.sort((a, b) => a - b).map((unit) => valueAt(before, 'conv1/bias', unit));
    expect([...(tensors.get('conv1/bias')?.data ?? [])]).toEqual(kept);
  });
});

function valueAt({ tensors }: Snapshot, name: string, index: number): number {
  return tensors.get(name)?.data[index] ?? NaN;
}

function reportOf(done: readonly TimedStage[]): ReturnType<typeof buildReport> {
  return buildReport(here.recipe, done, {
    runId: 'r',
    artifactPath: 'model.espalier',
    engine: { backend: 'native', version: '0', threads: 2 },
    stages: [],
  });
}
