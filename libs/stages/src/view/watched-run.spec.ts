/** Whole runs that are watched: what was shown against what was made. */
import { inflateRawSync } from 'node:zlib';
import { silentLogger } from '@espalier/base';
import type { LayerView } from '@espalier/protocol';
import { Mask, requireTensor } from '@espalier/tensor';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInProcess, type TimedStage } from '../in-process';
import { runStage } from '../run-stage';
import { stageTitle, type StageSpec } from '../stage';
import { barsRecipe, openPlace, type Place } from '../testing-bars';

const RECIPE = `${barsRecipe({ filters: 4, units: 16 })}train: { epochs: 3, batchSize: 20, learningRate: { kind: cosine, base: 0.01 } }
prune: { keep: { global: 0.2 }, schedule: { kind: cubic, rounds: 1 } }
retrain: { epochs: 2, learningRate: { kind: cosine, base: 0.01, span: run } }
share: { bits: 3, retrain: { epochs: 1, learningRate: { kind: constant, base: 0.001 } } }
`;
const PER_EPOCH = 30;

interface Shown {
  readonly series: Map<string, { x: number[]; y: number[] }>;
  readonly views: LayerView[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-watched-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Watches every stage of a run; by title. */
async function watched(place: Place): Promise<{ stages: TimedStage[]; shown: Map<string, Shown> }> {
  const shown = new Map<string, Shown>();
  const stages = await runInProcess(place.recipe, { ...place, watch: (spec) => watcherOf(spec, shown) });
  return { stages, shown };
}

function watcherOf(spec: StageSpec, shown: Map<string, Shown>) {
  const title = stageTitle(spec);
  const of: Shown = shown.get(title) ?? { series: new Map(), views: [] };
  shown.set(title, of);
  return {
    points(name: string, x: ArrayLike<number>, y: ArrayLike<number>) {
      const series = of.series.get(name) ?? { x: [], y: [] };
      of.series.set(name, series);
      series.x.push(...Array.from(x));
      series.y.push(...Array.from(y));
    },
    view: (layer: LayerView) => void of.views.push(layer),
  };
}

const digests = (stages: readonly TimedStage[]): unknown[] => stages.map(({ result }) => result.outputs);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const bitsOf = ({ picture }: LayerView): number[] => [
  ...inflateRawSync(Buffer.from(picture?.data ?? '', 'base64')),
];

describe('a run that is watched', () => {
  let place: Place;
  let stages: TimedStage[];
  let shown: Map<string, Shown>;
  const of = (title: string): Shown => shown.get(title) as Shown;
  const resultOf = (title: string): TimedStage =>
    stages.find(({ spec }) => stageTitle(spec) === title) as TimedStage;
  beforeAll(async () => {
    place = await openPlace(join(folder, 'watched'), RECIPE, []);
    ({ stages, shown } = await watched(place));
  });

  it('makes the same bits and keys as one that is not', async () => {
    const other = await openPlace(join(folder, 'alone'), RECIPE, []);
    const alone = await runInProcess(other.recipe, other);
    expect(digests(stages)).toEqual(digests(alone));
    expect(stages.map(({ key }) => key)).toEqual(alone.map(({ key }) => key));
  });

  it('tells loss and learning rate of every step, and the errors that were measured', () => {
    for (const [title, epochs] of [
      ['train', 3],
      ['retrain 1', 2],
      ['retrain', 1],
    ] as const) {
      const { series } = of(title);
      expect(series.get('loss')?.x).toEqual(upTo(epochs * PER_EPOCH));
      expect(series.get('learningRate')?.x).toEqual(upTo(epochs * PER_EPOCH));
      expect(series.get('error/heldOut')?.x).toEqual(upTo(epochs).map((epoch) => epoch * PER_EPOCH));
      const { testError, heldOutError } = resultOf(title).result.metrics;
      expect(series.get('error/test')).toEqual({ x: [epochs * PER_EPOCH], y: [testError] });
      expect(series.get('error/heldOut')?.y.at(-1)).toBe(heldOutError);
      expect(series.get('error/train')?.x).toEqual(series.get('error/heldOut')?.x);
    }
    const { y: rates = [] } = of('train').series.get('learningRate') ?? {};
    expect(rates[0]).toBeCloseTo(0.01, 4);
    expect([...rates].sort((a, b) => b - a)).toEqual(rates);
    const { y: losses = [] } = of('train').series.get('loss') ?? {};
    expect(losses[0]).toBeGreaterThan(4 * (losses.at(-1) ?? Infinity));
  });

  it('tells what a pruning keeps, of each layer and of all', () => {
    const { series } = of('prune 1');
    const layers = resultOf('prune 1').result.metrics['layers'] as unknown as {
      name: string;
      weights: number;
      kept: number;
    }[];
    for (const { name, weights, kept } of layers) {
      expect(series.get(`kept/${name.replace('/kernel', '')}`)).toEqual({ x: [0], y: [kept / weights] });
    }
    expect(series.get('kept')?.y[0]).toBeCloseTo(0.2, 2);
    expect(of('train').series.get('kept')).toEqual({ x: [0], y: [1] });
    expect(of('train').series.get('kept/fc1')).toEqual({ x: [0], y: [1] });
  });

  it.each(['train', 'prune 1', 'retrain 1', 'shrink', 'share', 'retrain', 'encode'])(
    'shows the layers at the end of %s as they are in its snapshot',
    async (title) => {
      const { spec, result } = resultOf(title);
      const { digest } = result.outputs['snapshot'] ?? spec.inputs['start'];
      const snapshot = await place.store.getSnapshot(digest);
      const { views } = of(title);
      expect(views.map(({ name }) => name)).toEqual(['conv1', 'fc1', 'fc2']);
      for (const view of views) {
        const { data, shape } = requireTensor(snapshot, `${view.name}/kernel`);
        const mask = Mask.fromFlags(shape, data);
        expect(view.shape).toEqual(shape);
        expect(view.kept).toBe(mask.count());
        expect(bitsOf(view)).toEqual([...mask.bits]);
        expect(view.histogram?.to).toBe(Math.max(...Array.from(data, Math.abs)));
      }
    },
  );

  it('has thresholds where weights went by their magnitude, and codebooks where they are shared', () => {
    const { views } = of('prune 1');
    const layers = resultOf('prune 1').result.metrics['layers'] as unknown as { threshold: number }[];
    expect(views.map(({ histogram }) => histogram?.thresholds)).toEqual(
      layers.map(({ threshold }) => [threshold]),
    );
    expect(of('retrain 1').views[0].histogram?.thresholds).toEqual([]);
    for (const title of ['share', 'retrain', 'encode']) {
      const { codebook, kept } = of(title).views[1];
      expect(codebook?.centroids.length).toBeGreaterThan(1);
      expect(codebook?.counts.reduce((sum, count) => sum + count, 0)).toBe(kept);
    }
  });

  it('shows the layers of stages that were in the cache, and no steps', async () => {
    const again = await watched(place);
    expect(again.stages.every(({ cached }) => cached)).toBe(true);
    expect(again.shown.get('retrain 1')?.views).toEqual(of('retrain 1').views);
    expect(again.shown.get('retrain 1')?.series.size).toBe(0);
  });
});

describe('a training that is watched and prunes', () => {
  it('tells what is kept as it goes, and shows its layers meanwhile', async () => {
    const during = 'prune.during={everySteps: 10, fromEpoch: 0, untilShare: 0.8}';
    const place = await openPlace(join(folder, 'during'), RECIPE, [during]);
    const { stages, shown } = await watched(place);
    const { series, views } = shown.get('retrain 1') as Shown;
    const last = 2 * PER_EPOCH * 0.8;
    expect(series.get('kept')?.x).toEqual([0, 10, 20, 30, 40, last]);
    const { y = [] } = series.get('kept') ?? {};
    expect([...y].sort((a, b) => b - a)).toEqual(y);
    expect(y.at(-1)).toBeCloseTo(0.2, 2);
    expect(series.get('kept/fc1')?.x).toEqual(series.get('kept')?.x);
    expect(views.length).toBeGreaterThanOrEqual(6);
    expect(views[1].histogram?.thresholds).toHaveLength(1);
    const retrain = stages.find(({ spec }) => spec.kind === 'retrain') as TimedStage;
    const layers = retrain.result.metrics['layers'] as unknown as { kept: number }[];
    expect(views.slice(-3).map(({ kept }) => kept)).toEqual(layers.map(({ kept }) => kept));
  });

  it('that is cut and goes on repeats no other figures than before', async () => {
    const place = await openPlace(join(folder, 'cut'), RECIPE, []);
    const whole = await watched(await openPlace(join(folder, 'uncut'), RECIPE, []));
    const [{ spec }] = whole.stages;
    const shown = new Map<string, Shown>();
    const stop = new AbortController();
    const watcher = watcherOf(spec, shown);
    const context = {
      ...place,
      emit: () => undefined,
      logger: silentLogger,
      threads: 2,
      checkpointSeconds: 0,
    };
    const stopping = {
      ...watcher,
      points: (name: string, x: ArrayLike<number>, y: ArrayLike<number>) => {
        watcher.points(name, x, y);
        if (x[x.length - 1] >= 40) stop.abort();
      },
    };
    await expect(runStage(spec, { ...context, watcher: stopping, signal: stop.signal })).rejects.toThrow(
      /STAGE_CANCELLED/,
    );
    const cut = shown.get('train')?.series.get('loss') ?? { x: [], y: [] };
    expect(cut.x.length).toBeLessThan(3 * PER_EPOCH);
    const { signal } = new AbortController();
    await runStage(spec, { ...context, watcher, signal });
    const told = new Map(cut.x.map((step, i) => [step, cut.y[i]]));
    const { x, y } = whole.shown.get('train')?.series.get('loss') ?? { x: [], y: [] };
    expect([...told.keys()].sort((a, b) => a - b)).toEqual(x);
    cut.x.forEach((step, i) => expect(cut.y[i]).toBe(y[step - 1]));
  });
});
