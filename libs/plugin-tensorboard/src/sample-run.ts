/** A short run as its log tells it, for tests. */
import type { ObservedEvent } from '@espalier/plugin-api';

const layers = [
  { name: 'fc1/kernel', weights: 200, kept: 50, threshold: 0.5 },
  { name: 'fc2/kernel', weights: 100, kept: 100, threshold: null },
];

const done = (at: number, kind: string, metrics: object): ObservedEvent =>
  ({
    type: 'stage.done',
    at,
    fields: { title: kind, spec: { kind }, result: { outputs: {}, metrics }, seconds: 1.5 },
  }) as ObservedEvent;

const progress = (at: number, step: number, more: object): ObservedEvent =>
  ({ type: 'stage.progress', at, fields: { title: 'train', step, steps: 200, ...more } }) as ObservedEvent;

export const SAMPLE_RUN: readonly ObservedEvent[] = [
  { type: 'run.created', at: 1_700_000_000_250, fields: {} },
  { type: 'stage.started', at: 1_700_000_000_500, fields: { title: 'train' } },
  progress(1_700_000_001_000, 100, { loss: 0.5, learningRate: 0.01, samplesPerSecond: 1000 }),
  progress(1_700_000_001_100, 100, { heldOutError: 0.04, heldOutLoss: 0.2 }),
  progress(1_700_000_002_000, 200, { loss: 0.25, learningRate: 0, samplesPerSecond: 2000 }),
  done(1_700_000_003_000, 'train', {
    steps: 200,
    testError: 0.03,
    testLoss: 0.1,
    heldOutError: null,
    layers: [],
  }),
  { type: 'stage.layers', at: 1_700_000_004_000, fields: { title: 'prune 1', layers } },
  done(1_700_000_004_100, 'prune', { layers }),
  progress(1_700_000_005_000, 50, { loss: 0.75, learningRate: 0.005 }),
  { type: 'stage.interrupted', at: 1_700_000_005_500, fields: { title: 'retrain 1', reason: 'paused' } },
  progress(1_700_000_006_000, 80, { loss: 0.625, learningRate: 0.004 }),
  done(1_700_000_007_000, 'retrain', { steps: 100, testError: 0.035, testLoss: 0.12, layers }),
  done(1_700_000_008_000, 'share', {
    layers: [
      { name: 'fc1/kernel', levels: 3, codebook: [0.5, -0.25, 1], usage: [10, 30, 10] },
      { name: 'fc2/kernel', levels: 4096 },
    ],
  }),
  done(1_700_000_009_000, 'encode', { bytes: 1234, tensors: [{ name: 'fc1/kernel', bytes: 1000 }] }),
  done(1_700_000_010_000, 'evaluate', { error: 0.036, loss: 0.125 }),
  { type: 'run.done', at: 1_700_000_010_500, fields: { report: {} } },
];
