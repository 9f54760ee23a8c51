/** Contributions as the host uses them: options filled in and checked, answers checked, and always asynchronous. */
import type {
  AffineQuantized,
  CodebookQuantized,
  CriterionNeed,
  Observation,
  ObservedEvent,
  OptionValues,
  Pattern,
  QuantizeInput,
  RegrowInput,
  RegrowthNeed,
  ScoreInput,
} from '@espalier/plugin-api';
import type { Mask, Shape } from '@espalier/tensor';
import type { Observable } from 'rxjs';

interface Hosted {
  /** Of the contribution. */
  readonly name: string;
  /** Of the plugin. */
  readonly version: string;
  /** All of them, defaults filled in. */
  readonly options: OptionValues;
}

/** Fits where a `Criterion` may be asynchronous. Options given to `score` itself go before these. */
export interface HostedCriterion extends Hosted {
  readonly needs: readonly CriterionNeed[];
  /** The same as `options`. */
  readonly defaults: OptionValues;
  /** [size] finite scores. @throws PLUGIN_THREW, PLUGIN_ANSWER_SHAPE, PLUGIN_ANSWER_VALUE and what a process adds */
  score(input: Omit<ScoreInput, 'options'> & { readonly options?: unknown }): Promise<Float32Array>;
}

/** A `Granularity`. */
export interface HostedGranularity extends Hosted {
  groupCount(shape: Shape): Promise<number>;
  /** What is asked of one shape in a row is one call. @throws as `HostedCriterion.score` */
  groupsOf(shape: Shape): Promise<Uint32Array>;
  /** Where the plugin has one. */
  readonly pattern?: (shape: Shape) => Promise<Pattern>;
}

/** A `Schedule`. */
export interface HostedSchedule extends Hosted {
  completion(progress: number): Promise<number>;
}

export interface HostedCodec extends Hosted {
  encode(input: {
    readonly name: string;
    readonly shape: Shape;
    readonly values: Float32Array;
  }): Promise<Uint8Array>;
  decode(input: {
    readonly name: string;
    readonly shape: Shape;
    readonly bytes: Uint8Array;
  }): Promise<Float32Array>;
}

export interface HostedQuantizer extends Hosted {
  quantize(input: Omit<QuantizeInput, 'options'>): Promise<CodebookQuantized | AffineQuantized>;
}

export interface HostedRegrowth extends Hosted {
  readonly needs: readonly RegrowthNeed[];
  /** A superset of `input.mask`. */
  regrow(input: Omit<RegrowInput, 'options'>): Promise<Mask>;
}

export interface HostedObserver extends Hosted {
  readonly events?: readonly string[];
  /** Completes after `events$` has completed and the plugin has finished. */
  observe(
    events$: Observable<ObservedEvent>,
    context: { readonly run: string; readonly folder: string },
  ): Observable<Observation>;
}
