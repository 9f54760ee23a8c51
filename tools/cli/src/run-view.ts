/**
 * What a watcher knows of a run: folded from its events, whichever way they come (a hub, a log, the in-process runner).
 * Pure; time comes with the events.
 */
import type { JsonValue } from '@espalier/base';

/** An event of a run's log, or a passing one (`stage.progress`). */
export interface RunEvent {
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly fields: { readonly [key: string]: JsonValue | undefined };
}

export interface LayerView {
  readonly name: string;
  readonly weights: number;
  readonly kept: number;
}

export interface StageView {
  readonly title: string;
  readonly service?: string;
  readonly startedAt: number;
  readonly epoch?: number;
  readonly epochs?: number;
  readonly step?: number;
  readonly steps?: number;
  readonly loss?: number;
  /** Share of the held-out samples that are wrong, 0 to 1. */
  readonly error?: number;
  readonly learningRate?: number;
  readonly secondsLeft?: number;
  /** It said which layers keep how much. */
  readonly toldLayers?: boolean;
}

export interface DoneStage {
  readonly title: string;
  readonly seconds: number;
  readonly cached: boolean;
  readonly loss?: number;
  readonly error?: number;
  readonly keptShare?: number;
  readonly bytes?: number;
}

export type RunStatus = 'waiting' | 'running' | 'paused' | 'stopped' | 'done' | 'failed';

export interface RunView {
  readonly status: RunStatus;
  readonly name: string;
  readonly startedAt: number;
  /** Titles of the stages that the run is expected to have, in order. */
  readonly expected: readonly string[];
  readonly done: readonly DoneStage[];
  readonly stage?: StageView;
  readonly layers: readonly LayerView[];
  /** Why the run failed. */
  readonly problem?: string;
}

export function emptyView(startedAt: number, expected: readonly string[] = []): RunView {
  return { status: 'waiting', name: '', startedAt, expected, done: [], layers: [] };
}

/** The view after one more event; unknown events change nothing. */
export function updateView(view: RunView, event: RunEvent): RunView {
  const { fields } = event;
  switch (event.type) {
    case 'run.created': {
      const recipe = map(fields['recipe']);
      return {
        ...view,
        startedAt: event.at,
        name: text(recipe['name']) ?? text(fields['name']) ?? view.name,
      };
    }
    case 'stage.started':
      return {
        ...view,
        status: 'running',
        stage: { title: title(fields), startedAt: event.at, ...optional('service', text(fields['service'])) },
      };
    case 'stage.progress':
      return { ...view, stage: { ...(view.stage ?? freshStage(event)), ...progressFields(fields) } };
    case 'stage.layers':
      return {
        ...view,
        layers: layersOf(fields['layers']) ?? view.layers,
        stage: { ...(view.stage ?? freshStage(event)), toldLayers: true },
      };
    case 'stage.done':
      return stageDone(view, event);
    case 'stage.failed':
    case 'stage.interrupted':
      // Tried again; when it is not, the run's own end says why.
      return { ...view, stage: undefined };
    case 'run.undone': {
      const kept = number(fields['kept']);
      const done =
        kept === undefined ? upToRound(view.done, number(fields['toRound']) ?? 0) : view.done.slice(0, kept);
      return { ...view, status: 'running', done, stage: undefined };
    }
    case 'run.paused':
      return {
        ...view,
        status: 'paused',
        stage: undefined,
        problem: text(fields['message']) ?? view.problem,
      };
    case 'run.resumed':
      return { ...view, status: 'running', problem: undefined };
    case 'run.stopped':
      return { ...view, status: 'stopped', stage: undefined };
    case 'run.done':
      return { ...view, status: 'done', stage: undefined, problem: undefined };
    case 'run.failed':
      return { ...view, status: 'failed', problem: text(fields['message']) ?? view.problem };
    default:
      return view;
  }
}

/** Share of all weights that is kept, or undefined before the first layers came. */
export function keptShare(layers: readonly LayerView[]): number | undefined {
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  return weights === 0 ? undefined : layers.reduce((sum, layer) => sum + layer.kept, 0) / weights;
}

function stageDone(view: RunView, event: RunEvent): RunView {
  const { fields } = event;
  const metrics = map(map(fields['result'])['metrics'] ?? fields['metrics']);
  const stage = view.stage;
  const own = layersOf(metrics['layers']) ?? (stage?.toldLayers ? view.layers : undefined);
  const done: DoneStage = {
    title: title(fields, stage?.title),
    seconds: number(fields['seconds']) ?? (event.at - (stage?.startedAt ?? event.at)) / 1000,
    cached: fields['cached'] === true,
    ...optional('loss', number(metrics['loss']) ?? stage?.loss),
    ...optional('error', errorIn(metrics) ?? stage?.error),
    ...optional('keptShare', keptShare(own ?? [])),
    ...optional('bytes', number(metrics['bytes'])),
  };
  return {
    ...view,
    status: 'running',
    done: [...view.done, done],
    layers: own ?? view.layers,
    stage: undefined,
  };
}

/** On the test set where that was measured, else on what was held out. */
function errorIn(metrics: RunEvent['fields']): number | undefined {
  return number(metrics['testError']) ?? number(metrics['error']) ?? number(metrics['heldOutError']);
}

/** What a stage calls it, by what it is called here. */
const PROGRESS_FIELDS = {
  epoch: 'epoch',
  epochs: 'epochs',
  step: 'step',
  steps: 'steps',
  loss: 'loss',
  error: 'heldOutError',
  learningRate: 'learningRate',
  secondsLeft: 'secondsLeft',
} as const satisfies Partial<Record<keyof StageView, string>>;

function progressFields(fields: RunEvent['fields']): Partial<StageView> {
  return Object.fromEntries(
    Object.entries(PROGRESS_FIELDS).flatMap(([name, theirs]) => {
      const value = number(fields[theirs]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function freshStage(event: RunEvent): StageView {
  return { title: title(event.fields), startedAt: event.at };
}

function title(fields: RunEvent['fields'], otherwise = 'stage'): string {
  const spec = map(fields['spec']);
  const kind = text(spec['kind']);
  const round = number(spec['round']);
  const fromSpec = kind === undefined ? undefined : round === undefined ? kind : `${kind} ${round}`;
  return text(fields['title']) ?? fromSpec ?? otherwise;
}

/** Come before any round. */
const OF_THE_DENSE: readonly string[] = ['train', 'sensitivity'];

/** Stages before the first one of a later round; what follows the rounds goes too. */
function upToRound(done: readonly DoneStage[], round: number): readonly DoneStage[] {
  const end = done.findIndex(({ title: name }) => {
    const [kind, number] = name.split(' ');
    return number === undefined ? !OF_THE_DENSE.includes(kind) : Number(number) > round;
  });
  return end < 0 ? done : done.slice(0, end);
}

function layersOf(value: JsonValue | undefined): readonly LayerView[] | undefined {
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0) return undefined;
  return (value as readonly JsonValue[]).flatMap((item) => {
    const { name, weights, kept } = map(item);
    return typeof name === 'string' && typeof weights === 'number' && typeof kept === 'number'
      ? [{ name: name.replace(/\/kernel$/, ''), weights, kept }]
      : [];
  });
}

function map(value: JsonValue | undefined): { readonly [key: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: JsonValue | undefined })
    : {};
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}
