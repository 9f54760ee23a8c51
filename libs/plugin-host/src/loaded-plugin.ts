/** A plugin that was admitted, wherever it runs. */
import { type OptionValues, type PluginManifest, type PluginPin } from '@espalier/plugin-api';
import type {
  HostedCodec,
  HostedCriterion,
  HostedGranularity,
  HostedObserver,
  HostedQuantizer,
  HostedRegrowth,
  HostedSchedule,
} from './contributions';

export interface PluginStatistics {
  /** Calls that were begun. */
  readonly calls: number;
  readonly failed: number;
  readonly unanswered: number;
  /** Times that its process was started again. */
  readonly restarts: number;
  /** From a call to its answer, of the last 1,000: milliseconds. */
  readonly latencyMs: { readonly mean: number; readonly p50: number; readonly p99: number };
  /** Largest resident private memory of its processes together that was seen, bytes. 0 for one in this process. */
  readonly peakBytes: number;
}

export interface DrainResult {
  /** Calls that were answered within the deadline. */
  readonly answered: number;
  /** Calls that were not: they fail with PLUGIN_CLOSED. */
  readonly unanswered: number;
}

export interface LoadedPlugin extends AsyncDisposable {
  readonly ref: PluginPin;
  readonly manifest: PluginManifest;
  readonly where: 'in-process' | 'own-process' | 'attached';
  readonly statistics: PluginStatistics;

  /** Each throws PLUGIN_NO_CONTRIBUTION, PLUGIN_UNKNOWN_OPTION, PLUGIN_OPTION. */
  criterion(name: string, options?: Readonly<Record<string, unknown>>): HostedCriterion;
  granularity(name: string, options?: Readonly<Record<string, unknown>>): HostedGranularity;
  schedule(name: string, options?: Readonly<Record<string, unknown>>): HostedSchedule;
  codec(name: string, options?: Readonly<Record<string, unknown>>): HostedCodec;
  quantizer(name: string, options?: Readonly<Record<string, unknown>>): HostedQuantizer;
  regrowth(name: string, options?: Readonly<Record<string, unknown>>): HostedRegrowth;
  observer(name: string, options?: Readonly<Record<string, unknown>>): HostedObserver;

  /** Takes no more calls, waits for those that are under way, then ends its process. */
  drain(deadlineMs: number): Promise<DrainResult>;
}

/** Options as a stage's config carries them. */
export type GivenOptions = Readonly<Record<string, unknown>> | OptionValues;
