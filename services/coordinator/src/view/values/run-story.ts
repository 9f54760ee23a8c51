/** What a viewer sees of a run and what its state does not say: its last events, tries that failed, layers as they were told. Pure. */
import type {
  LayerKept,
  LogLine,
  ObservedTableView,
  RunFailure,
  SensitivityView,
  SwapView,
} from '@espalier/protocol';
import type { Digest } from '@espalier/tensor';
import type { RunEvent } from '../../run-events';
import { logLine } from './log-line';
import { withTables } from './observed-tables';
import { layersKept } from './run-figures';
import { withMeasured } from './sensitivity-view';

/** Events that are told. */
const LOG_LINES = 200;

const UNTOLD: readonly string[] = [
  'stage.layers',
  'stage.measured',
  'run.observed',
] satisfies RunEvent['type'][];

/** The last try of a stage. */
export interface Attempt {
  readonly startedAt: number;
  readonly service: string;
  readonly serviceId: string;
  readonly state: 'running' | 'failed' | 'interrupted';
  readonly failure?: RunFailure;
}

export interface RunStory {
  /** Of the last event. */
  readonly seq: number;
  readonly log: readonly LogLine[];
  readonly attempts: ReadonlyMap<Digest, Attempt>;
  readonly layers: ReadonlyMap<Digest, readonly LayerKept[]>;
  readonly swaps: readonly SwapView[];
  /** Points of sensitivity curves, by the stage that measures them. */
  readonly measured: ReadonlyMap<Digest, SensitivityView>;
  /** Of observers. */
  readonly tables: readonly ObservedTableView[];
}

export const EMPTY_STORY: RunStory = {
  seq: 0,
  log: [],
  attempts: new Map(),
  layers: new Map(),
  swaps: [],
  measured: new Map(),
  tables: [],
};

/** The story after one more event of the log; one that is in it already changes nothing. */
export function addToStory(story: RunStory, event: RunEvent): RunStory {
  if (event.seq <= story.seq) return story;
  // What comes every second would push everything else out.
  const log = UNTOLD.includes(event.type) ? story.log : [...story.log, logLine(event)].slice(-LOG_LINES);
  return { ...story, ...change(story, event), seq: event.seq, log };
}

function change(story: RunStory, event: RunEvent): Partial<RunStory> {
  switch (event.type) {
    case 'stage.started': {
      const { key, service, serviceId } = event.fields;
      return tried(story, key, { startedAt: event.at, service, serviceId, state: 'running' });
    }
    case 'stage.failed': {
      const { key, code, message } = event.fields;
      return tried(story, key, { state: 'failed', failure: { code, message } });
    }
    case 'stage.interrupted':
      return tried(story, event.fields.key, { state: 'interrupted' });
    case 'stage.layers': {
      const { key, layers } = event.fields;
      const kept = layersKept(layers);
      return typeof key === 'string' && kept ? { layers: new Map(story.layers).set(key, kept) } : {};
    }
    case 'stage.measured': {
      const { key } = event.fields;
      if (typeof key !== 'string') return {};
      return {
        measured: new Map(story.measured).set(key, withMeasured(story.measured.get(key), event.fields)),
      };
    }
    case 'run.swapped':
      return { swaps: [...story.swaps, { ...event.fields, at: event.at }] };
    case 'run.observed':
      return { tables: withTables(story.tables, event.fields, event.at) };
    default:
      return {};
  }
}

function tried(story: RunStory, key: Digest, now: Partial<Attempt>): Partial<RunStory> {
  const before = story.attempts.get(key) ?? { startedAt: 0, service: '', serviceId: '', state: 'running' };
  const { failure: _failure, ...rest } = before;
  return { attempts: new Map(story.attempts).set(key, { ...rest, ...now }) };
}
