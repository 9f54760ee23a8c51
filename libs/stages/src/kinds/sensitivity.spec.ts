import { silentLogger } from '@espalier/base';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageContext, StageEvent } from '../context';
import { runInProcess, type TimedStage } from '../in-process';
import { sensitivity } from '../sensitivity';
import { barsRecipe, openPlace, type Place } from '../testing-bars';
import type { SensitivityResult } from './sensitivity';

const RECIPE = `${barsRecipe({ filters: 4, units: 8 })}train: { epochs: 3, batchSize: 20, learningRate: { kind: constant, base: 0.01 } }
prune: { keep: { global: 0.3 } }
retrain: { epochs: 1, learningRate: { kind: constant, base: 0.01 } }
share: { bits: 3 }
`;
const SHARES = [0.5, 0.1];
const STEPS = 5;
const SCAN = `prune.sensitivity={ keep: [${SHARES.join(', ')}], retrainSteps: ${STEPS} }`;
const LAYERS = ['conv1', 'fc1', 'fc2'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-sensitivity-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const place = (name: string, ...sets: string[]): Promise<Place> =>
  openPlace(join(folder, name), RECIPE, sets);

function contextOf(here: Place): StageContext {
  const { signal } = new AbortController();
  return { ...here, emit: () => undefined, signal, logger: silentLogger, threads: 2, checkpointSeconds: 60 };
}

const scanOf = (stages: readonly TimedStage[]): TimedStage =>
  stages.find(({ spec }) => spec.kind === 'sensitivity') as TimedStage;

interface ScannedRun {
  readonly stages: readonly TimedStage[];
  /** Of the stage that measures. */
  readonly events: readonly StageEvent[];
}

async function scannedRun(here: Place, signal?: AbortSignal): Promise<ScannedRun> {
  const events: StageEvent[] = [];
  const stages = await runInProcess(here.recipe, {
    ...here,
    ...(signal && { signal }),
    onStageEvent: ({ kind }, event) => void (kind === 'sensitivity' && events.push(event)),
  });
  return { stages, events };
}

const told = (events: readonly StageEvent[], type: StageEvent['type']) =>
  events.flatMap((event) => (event.type === type ? [event.fields] : []));

describe('sensitivity in a run', () => {
  let run: ScannedRun;
  let curves: SensitivityResult;
  beforeAll(async () => {
    run = await scannedRun(await place('run', SCAN));
    curves = scanOf(run.stages).result.metrics as unknown as SensitivityResult;
  });

  it('measures what the same scan measures outside of one', async () => {
    const outside = await place('outside');
    const points: string[] = [];
    const found = await sensitivity(outside.recipe, contextOf(outside), {
      keepShares: SHARES,
      retrainSteps: STEPS,
      onPoint: ({ layer, keep, done, total }) => points.push(`${done}/${total} ${layer} ${keep}`),
    });
    expect(curves).toEqual(found);
    expect(points).toEqual([
      '1/6 conv1 0.5',
      '2/6 conv1 0.1',
      '3/6 fc1 0.5',
      '4/6 fc1 0.1',
      '5/6 fc2 0.5',
      '6/6 fc2 0.1',
    ]);
    expect(curves.curves.map(({ name }) => name)).toEqual(LAYERS.map((layer) => `${layer}/kernel`));
    // A tenth of a layer is too little for this task, and retraining helps.
    const worst = curves.curves.map(({ points: [, tenth] }) => tenth);
    expect(Math.max(...worst.map(({ error }) => error))).toBeGreaterThan(curves.denseError + 0.1);
    expect(worst.some(({ error, retrainedError }) => retrainedError < error)).toBe(true);
  });

  it('starts from the error of the training', () => {
    expect(curves.denseError).toBe(run.stages[0].result.metrics['heldOutError']);
  });

  it('tells each point when it is measured, and how far it is', () => {
    const { denseError, retrainSteps } = curves;
    const points = curves.curves.flatMap((curve, i) =>
      curve.points.map((point) => ({ layer: LAYERS[i], ...point, denseError, retrainSteps })),
    );
    expect(told(run.events, 'measured')).toEqual(
      points.map((point, i) => ({ ...point, done: i + 1, total: points.length })),
    );
    expect(told(run.events, 'progress').map(({ step, steps }) => [step, steps])).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((step) => [step, 6]),
    );
    expect(run.events.at(-2)?.type).toBe('measured');
  });

  it('changes nothing of the run', async () => {
    const plain = await place('plain');
    const without = await runInProcess(plain.recipe, plain);
    const rest = run.stages.filter((stage) => stage !== scanOf(run.stages));
    expect(rest.map(({ key }) => key)).toEqual(without.map(({ key }) => key));
    expect(rest.map(({ result }) => result.outputs)).toEqual(without.map(({ result }) => result.outputs));
  });

  it('goes on behind the points that it had when it was stopped', async () => {
    const here = await place('stopped', SCAN);
    const stop = new AbortController();
    const events: StageEvent[] = [];
    const stopped = runInProcess(here.recipe, {
      ...here,
      signal: stop.signal,
      onStageEvent: ({ kind }, event) => {
        if (kind !== 'sensitivity' || event.type !== 'measured') return;
        events.push(event);
        if (event.fields['done'] === 2) stop.abort();
      },
    });
    await expect(stopped).rejects.toThrow('STAGE_CANCELLED: sensitivity was stopped');
    const rest = await scannedRun(here);
    const points = told([...events, ...rest.events], 'measured');
    expect(points.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(scanOf(rest.stages).result.metrics).toEqual(curves);
    expect((await here.cache.keys()).filter((key) => key.startsWith('checkpoint-'))).toEqual([]);
  });

  it('is stopped in the midst of a retraining', async () => {
    const here = await place('long', 'prune.sensitivity={ keep: [0.5], retrainSteps: 100000000 }');
    const stop = new AbortController();
    const stopped = runInProcess(here.recipe, {
      ...here,
      signal: stop.signal,
      onStageEvent: ({ kind }) => void (kind === 'sensitivity' && setImmediate(() => stop.abort())),
    });
    await expect(stopped).rejects.toThrow('STAGE_CANCELLED');
  });

  it('comes out of the cache, and then tells no points', async () => {
    const again = await scannedRun(await place('run', SCAN));
    expect(scanOf(again.stages)).toMatchObject({ cached: true, result: { metrics: curves } });
    expect(again.events).toEqual([]);
  });
});
