import { silentLogger } from '@espalier/base';
import { decodeArtifact, encodeSafetensors } from '@espalier/encoding';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageContext } from './context';
import { runInProcess, type TimedStage } from './in-process';
import { evaluateArtifact } from './kinds/evaluate';
import { buildReport } from './report';
import { reportSchema } from './report-schema';
import { sensitivity } from './sensitivity';
import { BARS, barsRecipe, openPlace, type Place } from './testing-bars';

const RECIPE = `${barsRecipe({ filters: 4, units: 16 })}train: { epochs: 6, batchSize: 20, learningRate: { kind: cosine, base: 0.01 } }
prune: { keep: { layers: { conv1: 0.7, fc1: 0.15, fc2: 0.5 } }, schedule: { kind: cubic, rounds: 2 } }
retrain:
  epochs: 2
  learningRate: { kind: cosine, base: 0.01, span: run }
  distill: { temperature: 2, weight: 0.5 }
share: { bits: 3, retrain: { epochs: 1, learningRate: { kind: constant, base: 0.001 } } }
encode: { biasBits: 8 }
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-stages-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const place = (name: string, ...sets: string[]): Promise<Place> =>
  openPlace(join(folder, name), RECIPE, sets);

function artifactOf(stages: readonly TimedStage[]): string {
  return stages.find(({ spec }) => spec.kind === 'encode')?.result.outputs['artifact'].digest as string;
}

describe('runInProcess', () => {
  let first: Place;
  let stages: TimedStage[];
  beforeAll(async () => {
    first = await place('first');
    stages = await runInProcess(first.recipe, first);
  });

  it('ends with an artifact that decodes to the very weights of the last snapshot', async () => {
    const centroids = stages.filter(({ spec }) => spec.kind === 'retrain').at(-1) as TimedStage;
    const snapshot = await first.store.getSnapshot(centroids.result.outputs['snapshot'].digest);
    const { tensors } = decodeArtifact(await first.store.get(artifactOf(stages)));
    const kernel = tensors.get('fc1/kernel')?.data as Float32Array;
    const expected = snapshot.tensors.get('fc1/kernel')?.data as Float32Array;
    expect(kernel.length).toBe(expected.length);
    kernel.forEach((value, i) => {
      expect(value === 0).toBe(expected[i] === 0);
      expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(Math.abs(expected[i]) / 1024);
    });
  });

  it('keeps exactly the shares of the recipe after the last pruning', () => {
    const prune = stages.filter(({ spec }) => spec.kind === 'prune').at(-1) as TimedStage;
    const layers = prune.result.metrics['layers'] as unknown as { name: string; kept: number }[];
    expect(layers.map(({ name, kept }) => [name, kept])).toEqual([
      ['conv1/kernel', Math.ceil(36 * 0.7)],
      ['fc1/kernel', Math.ceil(36 * 16 * 0.15)],
      ['fc2/kernel', 32],
    ]);
  });

  it('learns the task, and the decoded file still knows it', async () => {
    const evaluation = await evaluateArtifact(await first.store.get(artifactOf(stages)), BARS);
    expect(evaluation.error).toBeLessThan(0.1);
    const measured = stages.at(-1)?.result.metrics['error'];
    expect(evaluation.error).toBe(measured);
  });

  it('gives a report that holds its schema', () => {
    const report = buildReport(first.recipe, stages, {
      runId: 'r',
      artifactPath: 'model.espalier',
      engine: { backend: 'native', version: '0', threads: 2 },
      stages: stages.map(({ seconds, cached }) => ({ seconds, cached })),
    });
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report.weights.kept).toBeLessThan(report.weights.total / 4);
  });

  it('gives the same artifact from an empty store', async () => {
    const again = await place('again');
    expect(artifactOf(await runInProcess(again.recipe, again))).toBe(artifactOf(stages));
  });

  it('runs only what a change of the recipe reaches', async () => {
    const changed = { ...first, recipe: (await place('first', 'encode.biasBits=16')).recipe };
    const cached = (await runInProcess(changed.recipe, changed)).map(({ spec, cached }) => [
      spec.kind,
      cached,
    ]);
    expect(cached.filter(([, fromCache]) => !fromCache).map(([kind]) => kind)).toEqual([
      'encode',
      'evaluate',
    ]);
  });

  it('runs a stage again whose record in the cache is damaged', async () => {
    const train = stages[0];
    await writeFile(join(folder, 'first', 'cache', `${train.key}.json`), '{"version":1,');
    const again = await runInProcess(first.recipe, first);
    expect(again.filter(({ cached }) => !cached).map(({ spec }) => spec.kind)).toEqual(['train']);
    expect(artifactOf(again)).toBe(artifactOf(stages));
  });

  it('measures the same sensitivity of a layer whatever was measured before', async () => {
    const context: StageContext = {
      ...first,
      emit: () => undefined,
      signal: new AbortController().signal,
      logger: silentLogger,
      threads: 2,
      checkpointSeconds: 60,
    };
    const both = await sensitivity(first.recipe, context, { keepShares: [0.5, 0.1], retrainSteps: 5 });
    const alone = await sensitivity(first.recipe, context, { keepShares: [0.1], retrainSteps: 5 });
    expect(alone.curves.map(({ points }) => points[0])).toEqual(both.curves.map(({ points }) => points[1]));
    expect(both.denseError).toBe(stages[0].result.metrics['heldOutError']);
  });

  it('runs with nothing held out', async () => {
    const all = await place('all', 'data.heldOut=0', 'train.epochs=1', 'prune.schedule.rounds=1');
    const done = await runInProcess(all.recipe, all);
    expect(done[0].result.metrics).toMatchObject({ steps: 35, testError: expect.any(Number) });
    expect(done[0].result.metrics['heldOutError']).toBeUndefined();
  });

  it("prunes somebody's trained weights as they are", async () => {
    const dense = await first.store.getSnapshot(stages[0].result.outputs['snapshot'].digest);
    const renamed = [...dense.tensors].map(
      ([name, value]) => [name.replace('fc1/', 'dense_1.'), value] as const,
    );
    const file = await first.store.put(encodeSafetensors(new Map(renamed)));
    const names = 'init={from: w.safetensors, names: {fc1/kernel: dense_1.kernel, fc1/bias: dense_1.bias}}';
    const { recipe } = await place('first', names);
    const resolved = { ...recipe, train: undefined, resolved: { ...recipe.resolved, init: file } };
    const done = await runInProcess(resolved, first);
    expect(done[0].result.metrics['testError']).toBe(stages[0].result.metrics['testError']);
    expect(done.map(({ spec }) => spec.kind)).toEqual(stages.map(({ spec }) => spec.kind));
  });

  it('goes on from a checkpoint to the same artifact after it was stopped in the middle of each training', async () => {
    const cut = await place('cut');
    const expected = artifactOf(stages);
    const stopAt = new Set(['train', 'retrain 1', 'retrain 2']);
    let result: TimedStage[] | undefined;
    while (!result) {
      const controller = new AbortController();
      result = await runInProcess(cut.recipe, {
        ...cut,
        signal: controller.signal,
        checkpointSeconds: 0,
        onStageEvent: (spec, event) => {
          const title = spec.round ? `${spec.kind} ${spec.round}` : spec.kind;
          if (
            event.type === 'progress' &&
            event.fields['heldOutError'] !== undefined &&
            stopAt.delete(title)
          ) {
            controller.abort();
          }
        },
      }).catch((error: { code?: string }) => {
        if (error.code === 'STAGE_CANCELLED') return undefined;
        throw error;
      });
    }
    expect(stopAt.size).toBe(0);
    expect(artifactOf(result)).toBe(expected);
  });
});
