import type { LayerView, LayerViewBody, PointsBody } from '@espalier/protocol';
import { showDesk, type ShownStage } from './show-desk';

const KEY = 'a'.repeat(64);
const STAGE: ShownStage = { run: 'run-1', key: KEY };
const layer = (name: string, kept: number): LayerView => ({
  name,
  kind: 'dense',
  shape: [2, 2],
  weights: 4,
  kept,
});

/** A desk whose time is moved by hand, and whose hub answers when it is told to. */
function deskWith(answer: (call: number) => Promise<void> = async () => undefined) {
  let nowMs = 0;
  let timer: { dueMs: number; call: () => void } | undefined;
  const sent: { atMs: number; kind: string; run: string; body: PointsBody | LayerViewBody }[] = [];
  const desk = showDesk({
    clock: { monotonicMs: () => nowMs },
    after: (ms, call) => {
      const own = { dueMs: nowMs + ms, call };
      timer = own;
      return () => (timer = timer === own ? undefined : timer);
    },
    deliver: async (kind, body, run) => {
      sent.push({ atMs: nowMs, kind, run, body: body as PointsBody | LayerViewBody });
      await answer(sent.length);
    },
  });
  const to = async (ms: number): Promise<void> => {
    nowMs = ms;
    if (timer && timer.dueMs <= ms) {
      const { call } = timer;
      timer = undefined;
      call();
    }
    await settle();
  };
  const points = (): PointsBody[] =>
    sent.filter(({ kind }) => kind === 'points').map(({ body }) => body as PointsBody);
  return { desk, sent, points, to };
}

/** All that can go on without time. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const stepsOf = (bodies: readonly PointsBody[], name = 'loss'): number[] =>
  bodies.flatMap(({ series }) => series.filter((each) => each.name === name).flatMap(({ x }) => x));

describe('what stages show', () => {
  it('goes at once, with all that is said in the same turn, and then at most every 20 ms', async () => {
    const { desk, sent, points, to } = deskWith();
    const watcher = desk.watch(STAGE);
    for (let ms = 0; ms <= 60; ms += 5) {
      await to(ms);
      watcher.points('loss', [2 * ms, 2 * ms + 1], [ms, ms]);
      watcher.points('learningRate', [ms], [1]);
      await settle();
    }
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 20, 40, 60]);
    expect(sent.every(({ run }) => run === 'run-1')).toBe(true);
    expect(points().map(({ key, seq }) => [key, seq])).toEqual([0, 1, 2, 3].map((seq) => [KEY, seq]));
    expect(points()[0].series.map(({ name }) => name)).toEqual(['loss', 'learningRate']);
    await desk.settled();
    expect(stepsOf(points())).toEqual(Array.from({ length: 13 }, (_, i) => [10 * i, 10 * i + 1]).flat());
  });

  it('is sent step after step while the hub is slow, in few messages', async () => {
    let free: () => void = () => undefined;
    const { desk, points, to } = deskWith((call) =>
      call === 1 ? new Promise((resolve) => (free = resolve)) : Promise.resolve(),
    );
    const watcher = desk.watch(STAGE);
    for (let step = 1; step <= 500; step++) {
      await to(step * 10);
      watcher.points('loss', [step], [step]);
      await settle();
    }
    expect(stepsOf(points())).toEqual([1]);
    free();
    await settle();
    await to(6_000);
    expect(points()).toHaveLength(2);
    expect(stepsOf(points())).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
  });

  it('is bounded while the hub is away for long, and no extreme is lost', async () => {
    let free: () => void = () => undefined;
    const { desk, points } = deskWith((call) =>
      call === 1 ? new Promise((resolve) => (free = resolve)) : Promise.resolve(),
    );
    const watcher = desk.watch(STAGE);
    for (let step = 0; step < 60_000; step++) {
      watcher.points('loss', [step], [step === 31_234 ? 50 : 1 / (1 + step)]);
      if (step === 0) await settle();
    }
    free();
    await desk.settled();
    const all = points().flatMap(({ series }) => series);
    expect(stepsOf(points()).length).toBeLessThanOrEqual(4_001);
    expect(Math.max(...all.flatMap(({ y }) => y))).toBe(50);
    expect(stepsOf(points()).at(-1)).toBe(59_999);
    expect(points().every(({ series }) => series.reduce((sum, { x }) => sum + x.length, 0) <= 1_000)).toBe(
      true,
    );
  });

  it('of a layer is its latest look, and each layer is told', async () => {
    let free: () => void = () => undefined;
    const { desk, sent, to } = deskWith((call) =>
      call === 1 ? new Promise((resolve) => (free = resolve)) : Promise.resolve(),
    );
    const watcher = desk.watch(STAGE);
    watcher.points('loss', [1], [1]);
    await settle();
    for (let kept = 4; kept >= 0; kept--) for (const name of ['fc1', 'fc2']) watcher.view(layer(name, kept));
    free();
    await to(1_000);
    await desk.settled();
    const views = sent.filter(({ kind }) => kind === 'layer.view').map(({ body }) => body as LayerViewBody);
    expect(views).toEqual([
      { key: KEY, layer: layer('fc1', 0) },
      { key: KEY, layer: layer('fc2', 0) },
    ]);
  });

  it('of two stages goes to each', async () => {
    const { desk, sent } = deskWith();
    const [first, second] = [desk.watch(STAGE), desk.watch({ run: 'run-2', key: 'b'.repeat(64) })];
    first.points('loss', [1], [1]);
    second.points('loss', [1], [2]);
    second.view(layer('fc1', 1));
    await desk.settled();
    expect(sent.map(({ run, kind }) => [run, kind])).toEqual([
      ['run-1', 'points'],
      ['run-2', 'points'],
      ['run-2', 'layer.view'],
    ]);
  });

  it('is settled when nothing was shown', async () => {
    await expect(deskWith().desk.settled()).resolves.toBeUndefined();
  });
});
