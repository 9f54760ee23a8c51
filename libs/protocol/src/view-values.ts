/** The values of a viewer's topics: what the JSON of a `view.state` says. Times are milliseconds since the epoch. */
import type { JsonValue } from '@espalier/base';
import type { WireBytes } from './messages/lease';
import type { LayerView, PluginState } from './messages/view';

export type RunStatusName = 'queued' | 'running' | 'paused' | 'stopped' | 'done' | 'failed';

export interface RunFailure {
  readonly code: string;
  readonly message: string;
}

/** Topic `runs`: one of them, newest first. */
export interface RunLine {
  readonly id: string;
  readonly name?: string;
  readonly status: RunStatusName;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Title of the stage in work. */
  readonly stage?: string;
  readonly network?: string;
  readonly finishedStages: number;
  /** How many there will be, where that is known. */
  readonly stages?: number;
  /** Of the weights, 0 to 1. */
  readonly keptShare?: number;
  /** Dense bytes / bytes of the file. */
  readonly ratio?: number;
  /** Of the latest network that was tested (the file, at the end), 0 to 1. */
  readonly error?: number;
  readonly denseError?: number;
  readonly bytes?: number;
  /** That its stages took. */
  readonly seconds: number;
  readonly failure?: RunFailure;
}

export const STEERING_WISHES = ['pause', 'resume', 'stop', 'undo', 'swap'] as const;
export type SteeringWishName = (typeof STEERING_WISHES)[number];

/** Topic `run`. */
export interface RunView {
  readonly id: string;
  readonly name?: string;
  readonly status: RunStatusName;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The resolved recipe, with its swaps. */
  readonly recipe: JsonValue;
  /** In their order: finished ones, the one in work, then those that are expected. */
  readonly stages: readonly StageView[];
  readonly rounds: readonly RoundView[];
  readonly swaps: readonly SwapView[];
  /** From the stage `sensitivity` on, where the recipe asks for it. */
  readonly sensitivity?: SensitivityView;
  /** What observers of plugins have told in tables: the latest of each title, as it was last told. */
  readonly tables?: readonly ObservedTableView[];
  readonly report?: JsonValue;
  readonly failure?: RunFailure;
  /** What is possible now. */
  readonly steerable: readonly SteeringWishName[];
  /** The last 200 events of the log, oldest first. */
  readonly log: readonly LogLine[];
}

export type StageStateName = 'waiting' | 'running' | 'done' | 'failed' | 'interrupted';

export interface StageView {
  /** Of one that is only expected: its title, which is no digest. */
  readonly key: string;
  /** For people: `prune 3`. */
  readonly title: string;
  readonly kind: string;
  readonly round?: number;
  readonly state: StageStateName;
  readonly startedAt?: number;
  readonly seconds?: number;
  /** `trainer`, `pruner` ... */
  readonly service?: string;
  readonly serviceId?: string;
  readonly cached?: boolean;
  /** Bytes that its service pulled for it. */
  readonly wire?: WireBytes;
  /** Run-global step at which its points begin. */
  readonly baseX: number;
  readonly metrics?: JsonValue;
  readonly layers?: readonly LayerKept[];
  /** `GET /api/runs/ID/views/KEY` has pictures of its layers. */
  readonly hasView: boolean;
  /** Grows with each picture of a stage in work. */
  readonly viewVersion?: number;
  /** Criterion, plugin, version and digest that scored, as in the stage's metrics. */
  readonly scoredBy?: JsonValue;
  /** Of the last try. */
  readonly failure?: RunFailure;
}

export interface LayerKept {
  readonly name: string;
  readonly weights: number;
  readonly kept: number;
}

/** A finished round: a point of the Pareto front. */
export interface RoundView {
  readonly round: number;
  readonly keptShare: number;
  /** Weights / kept weights. */
  readonly ratio: number;
  readonly heldOutError?: number;
  readonly testError?: number;
  /** Of the file, where this round was coded. */
  readonly bytes?: number;
  /** The stage that ended it. */
  readonly stageKey: string;
}

/** The held-out error as one layer is pruned, the others dense; as far as it has been measured. */
export interface SensitivityView {
  readonly denseError?: number;
  /** Behind each `retrainedError`; 0 for none. */
  readonly retrainSteps?: number;
  readonly curves: readonly SensitivityCurveView[];
}

export interface SensitivityCurveView {
  readonly layer: string;
  readonly points: readonly SensitivityPointView[];
}

export interface SensitivityPointView {
  /** Share of the layer's weights, above 0, up to 1. */
  readonly keep: number;
  /** Right after pruning, and after the retraining. */
  readonly error: number;
  readonly retrainedError: number;
}

export interface ObservedTableView {
  readonly plugin: string;
  readonly observer: string;
  readonly title: string;
  readonly columns: readonly string[];
  /** The first of them. */
  readonly rows: readonly (readonly (string | number)[])[];
  /** How many were told. */
  readonly rowCount: number;
  readonly at: number;
}

export interface SwapView {
  readonly round: number;
  readonly fromStep?: number;
  readonly criterion: JsonValue;
  readonly plugins?: JsonValue;
  readonly at: number;
}

export interface LogLine {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly text: string;
}

/** Topic `progress`: the stage in work; null when there is none. */
export type ProgressTopic = ProgressView | null;

export interface ProgressView {
  readonly run: string;
  /** Title of the stage. */
  readonly stage: string;
  readonly key: string;
  readonly step: number;
  readonly steps: number;
  readonly epoch?: number;
  readonly epochs?: number;
  readonly loss?: number;
  readonly learningRate?: number;
  readonly error?: number;
  readonly keptShare?: number;
  readonly secondsLeft?: number;
  readonly at: number;
}

/** Topic `services`: one of them. */
export interface ServiceView {
  readonly id: string;
  /** `trainer`, `pruner` ... */
  readonly service: string;
  /** Stages that it can do. */
  readonly kinds: readonly string[];
  readonly engine?: JsonValue;
  readonly leaseRun?: string;
  readonly leaseTitle?: string;
  readonly memoryBytes?: number;
  /** Its last sign of life. */
  readonly heartbeatAt: number;
  readonly connectedAt: number;
  readonly plugins?: readonly PluginState[];
}

/** `GET /api/runs/ID/views/KEY`. */
export interface StageViews {
  readonly key: string;
  readonly title: string;
  readonly layers: readonly LayerView[];
}

/** `GET /api/plugins/criteria?run=ID`: one of them. */
export interface CriterionChoice {
  /** As a recipe and `swap` name it. */
  readonly name: string;
  readonly description?: string;
  /** `built-in`, or the plugin's name. */
  readonly plugin: string;
  readonly version?: string;
  /** JSON Schema of its options. */
  readonly options: JsonValue;
  /** What `swap` must bring with it, as a resolved recipe pins plugins. */
  readonly plugins?: JsonValue;
  /** The run uses it now. */
  readonly current?: boolean;
  /** Of the one that is used now: the options that it was given. */
  readonly given?: { readonly [option: string]: JsonValue };
}

/** `GET /api/session`. */
export interface SessionView {
  readonly scopes: readonly string[];
  /** Of the coordinator's process: another one means that it was started anew. */
  readonly session: string;
}
