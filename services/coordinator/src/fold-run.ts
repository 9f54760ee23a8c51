/**
 * A run's state is what its log says, and nothing else: the coordinator that starts again folds the log and goes on.
 * Pure: no clock, no sockets, no files.
 */
import { assertNever, type JsonValue } from '@espalier/base';
import { withSwap, type ResolvedRecipe, type Swap } from '@espalier/recipe';
import type { FinishedStage } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import type { RunEvent, WireBytes } from './run-events';

/** `queued`: nothing has started yet; `failed` and `stopped` runs can be resumed, `done` ones undone. */
export type RunStatus = 'queued' | 'running' | 'paused' | 'stopped' | 'done' | 'failed';

export interface FinishedRunStage extends FinishedStage {
  readonly title: string;
  readonly service: string;
  readonly serviceId: string;
  readonly wire: WireBytes;
  readonly seconds: number;
  readonly cached: boolean;
  readonly engine?: JsonValue;
}

export interface CurrentStage {
  readonly key: Digest;
  readonly title: string;
  readonly service: string;
  readonly serviceId: string;
  readonly leaseId: string;
  readonly startedAt: number;
}

/** Tries of one stage that ended in a failure worth another try; the time in milliseconds since the epoch. */
export interface Retries {
  readonly key: Digest;
  readonly count: number;
  readonly lastAt: number;
}

export interface RunState {
  readonly id: string;
  readonly name?: string;
  readonly recipe: JsonValue;
  readonly data?: Digest;
  readonly dataUrls: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Of the last event. */
  readonly seq: number;
  readonly status: RunStatus;
  readonly finished: readonly FinishedRunStage[];
  readonly current?: CurrentStage;
  readonly retries?: Retries;
  /** Offers of one stage, since it last began or failed, that services refused because they were busy. */
  readonly refusals?: Retries;
  /** How often stages were dropped because what they made is lost, since somebody last steered the run. */
  readonly replans?: number;
  readonly report?: JsonValue;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** The state after these events, or undefined when the log does not begin with `run.created`. */
export function foldRun(id: string, events: Iterable<RunEvent>): RunState | undefined {
  let state: RunState | undefined;
  for (const event of events) state = applyEvent(id, state, event);
  return state;
}

/** The state after one more event; an event that is seen twice (a `seq` not above the last) changes nothing. */
export function applyEvent(id: string, state: RunState | undefined, event: RunEvent): RunState | undefined {
  if (!state) return event.type === 'run.created' ? created(id, event) : undefined;
  if (event.seq <= state.seq) return state;
  return { ...state, ...change(state, event), seq: event.seq, updatedAt: event.at };
}

function created(id: string, event: RunEvent & { type: 'run.created' }): RunState {
  return {
    id,
    ...event.fields,
    createdAt: event.at,
    updatedAt: event.at,
    seq: event.seq,
    status: 'queued',
    finished: [],
  };
}

const IDLE = { current: undefined, retries: undefined, refusals: undefined } as const;
const UNFINISHED = { report: undefined, failure: undefined } as const;

function change(state: RunState, event: RunEvent): Partial<RunState> {
  switch (event.type) {
    case 'run.created':
    case 'stage.progress':
    case 'stage.layers':
    case 'stage.note':
    case 'stage.measured':
    case 'run.observed':
      return {};
    case 'stage.started': {
      const { key, title, service, serviceId, leaseId } = event.fields;
      const current = { key, title, service, serviceId, leaseId, startedAt: event.at };
      return { status: 'running', current };
    }
    case 'stage.done':
      return { ...IDLE, finished: [...state.finished, event.fields] };
    case 'stage.failed': {
      const { key, again } = event.fields;
      const retries = again ? oneMore(state.retries, key, event.at) : undefined;
      return { current: undefined, refusals: undefined, retries };
    }
    case 'stage.interrupted': {
      const { key, busy = false } = event.fields;
      return { current: undefined, ...(busy ? { refusals: oneMore(state.refusals, key, event.at) } : {}) };
    }
    case 'run.undone': {
      const { kept, recipe = state.recipe, dataUrls = state.dataUrls, lost } = event.fields;
      const replans = lost ? (state.replans ?? 0) + 1 : 0;
      const status = state.status === 'paused' ? 'paused' : 'running';
      const finished = state.finished.slice(0, kept);
      return { ...IDLE, ...UNFINISHED, status, finished, recipe, dataUrls, replans };
    }
    case 'run.swapped':
      return { recipe: swapped(state.recipe, event.fields as unknown as Swap) };
    case 'run.paused': {
      const { code, message } = event.fields;
      const failure = code === undefined ? undefined : { code, message: message ?? '' };
      return { ...IDLE, status: 'paused', failure };
    }
    case 'run.resumed': {
      const dataUrls = event.fields.dataUrls ?? state.dataUrls;
      return { ...IDLE, ...UNFINISHED, status: 'running', dataUrls, replans: 0 };
    }
    case 'run.stopped':
      return { ...IDLE, status: 'stopped' };
    case 'run.done':
      return { ...IDLE, status: 'done', report: event.fields.report };
    case 'run.failed':
      return { ...IDLE, status: 'failed', failure: event.fields };
    default:
      return assertNever(event);
  }
}

function swapped(recipe: JsonValue, swap: Swap): JsonValue {
  return withSwap(recipe as unknown as ResolvedRecipe, swap) as unknown as JsonValue;
}

function oneMore(before: Retries | undefined, key: Digest, at: number): Retries {
  return { key, count: (before?.key === key ? before.count : 0) + 1, lastAt: at };
}
