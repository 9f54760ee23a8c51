/** What stands in a run's log. Only `stage.progress` is not durable: it is sent to viewers and forgotten. */
import type { JsonValue } from '@espalier/base';
import type { StageResult, StageSpec } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';

/** Payload bytes that a stage pulled, by form; `had` is what it would have pulled but held already. */
export interface WireBytes {
  readonly dense: number;
  readonly masked: number;
  readonly had: number;
  /** Manifests, headers and questions. */
  readonly overhead: number;
}

/** A map of JSON values, open for more. */
export type Fields = { readonly [key: string]: JsonValue | undefined };

export interface RunEventFields {
  'run.created': {
    /** The resolved recipe. */
    readonly recipe: JsonValue;
    readonly data?: Digest;
    /** Data planes that hold the data set: the CLI's. */
    readonly dataUrls: readonly string[];
    readonly name?: string;
  };
  'stage.started': {
    readonly key: Digest;
    readonly title: string;
    readonly service: string;
    readonly serviceId: string;
    readonly leaseId: string;
    /** 1 for the first try. */
    readonly attempt: number;
  };
  'stage.progress': Fields;
  'stage.layers': Fields;
  'stage.note': Fields;
  /** A point of a sensitivity curve: layer, keep, error, retrainedError, denseError, retrainSteps; it is number `done` of `total`. */
  'stage.measured': Fields;
  'stage.done': {
    readonly key: Digest;
    readonly title: string;
    readonly spec: StageSpec;
    readonly result: StageResult;
    readonly service: string;
    readonly serviceId: string;
    readonly wire: WireBytes;
    readonly seconds: number;
    readonly cached: boolean;
    /** The engine that made it, as the service announced it. */
    readonly engine?: JsonValue;
  };
  'stage.failed': {
    readonly key: Digest;
    readonly title: string;
    readonly service: string;
    readonly code: string;
    readonly message: string;
    /** Will it be offered again? */
    readonly again: boolean;
  };
  /** A lease was taken back (pause, stop, undo); the stage goes on later from its checkpoint. */
  'stage.interrupted': {
    readonly key: Digest;
    readonly title: string;
    readonly reason: string;
    /** Nobody took it back: the service was busy, and the stage is offered again after a pause. */
    readonly busy?: boolean;
  };
  /** `kept`: how many finished stages, from the first, are still of this run. */
  'run.undone': {
    readonly toRound: number;
    readonly kept: number;
    /** Nobody asked for it: what the stages after these made is lost, and is made again. */
    readonly lost?: { readonly key: Digest; readonly title: string; readonly code: string };
    readonly recipe?: JsonValue;
    readonly dataUrls?: readonly string[];
  };
  /** Another criterion from that round on, or from that step of its training; `plugins`: those that it brings, pinned. */
  'run.swapped': {
    readonly round: number;
    readonly fromStep?: number;
    readonly criterion: JsonValue;
    readonly plugins?: JsonValue;
  };
  /** What an observer of a plugin made of the run, by the name of both: points of series, tables. */
  'run.observed': {
    readonly plugin: string;
    readonly observer: string;
    readonly observations: readonly JsonValue[];
  };
  /** `code` and `message` when nobody asked for it: a plugin failed, and there is no fallback. */
  'run.paused': { readonly code?: string; readonly message?: string };
  'run.resumed': { readonly dataUrls?: readonly string[] };
  'run.stopped': Fields;
  'run.done': { readonly report: JsonValue };
  'run.failed': { readonly code: string; readonly message: string };
}

export type RunEventType = keyof RunEventFields;
export type RunEventInput = {
  [T in RunEventType]: { readonly type: T; readonly fields: RunEventFields[T] };
}[RunEventType];
/** As it stands in the log: numbered from 1 without gaps, with the time in milliseconds since the epoch. */
export type RunEvent = RunEventInput & { readonly seq: number; readonly at: number };
