/** The events of a short run, as observers see them. */
import type { ObservedEvent } from '../observer';

const T0 = Date.UTC(2026, 0, 1);
const LAYERS = [
  { name: 'fc1', weights: 235_200, kept: 18_816, threshold: 0.04 },
  { name: 'fc2', weights: 30_000, kept: 2_700, threshold: 0.05 },
];

/** Ends with `run.done`. With progress between stages, a stage that failed once, and a type that is not known yet. */
export function sampleEvents(): ObservedEvent[] {
  const events: Pick<ObservedEvent, 'type' | 'fields'>[] = [
    { type: 'run.created', fields: { name: 'sample', recipe: { version: 1, name: 'sample' }, dataUrls: [] } },
    ...stage('train', { error: 0.02, loss: 0.07 }),
    ...stage('prune 1', { layers: LAYERS }),
    { type: 'stage.layers', fields: { title: 'prune 1', layers: LAYERS } },
    {
      type: 'stage.failed',
      fields: {
        title: 'retrain 1',
        service: 'retrainer',
        code: 'TRANSPORT_GONE',
        message: 'gone',
        again: true,
      },
    },
    ...stage('retrain 1', { error: 0.021, loss: 0.08, layers: LAYERS }),
    { type: 'later.unheard-of', fields: { anything: [1, null, { deep: true }] } },
    { type: 'run.done', fields: { report: { final: { error: 0.021 } } } },
  ];
  return events.map((event, i) => ({
    ...event,
    at: T0 + 250 * i,
    ...(event.type !== 'stage.progress' && { seq: i + 1 }),
  }));
}

function stage(title: string, metrics: ObservedEvent['fields']): Pick<ObservedEvent, 'type' | 'fields'>[] {
  const progress = [1, 2, 3].map((epoch) => ({
    type: 'stage.progress',
    fields: {
      title,
      epoch,
      epochs: 3,
      step: 100 * epoch,
      loss: 0.1 / epoch,
      heldOutError: 0.03,
      rate: 0.001,
    },
  }));
  return [
    { type: 'stage.started', fields: { title, service: 'trainer', attempt: 1 } },
    ...progress,
    {
      type: 'stage.done',
      fields: { title, seconds: 1.5, cached: false, result: { outputs: {}, metrics } },
    },
  ];
}
