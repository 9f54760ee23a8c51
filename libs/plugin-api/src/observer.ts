/** An observer sees the events of a run, and may make series, tables and files of them; it changes nothing. */
import type { JsonValue } from '@espalier/base';
import type { Observable } from 'rxjs';
import type { OptionsOf, OptionsSchema } from './options';

/** As it stands in the run's log, or a progress that does not. */
export interface ObservedEvent {
  /** `stage.done`, `stage.progress`, `stage.layers`, ... */
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly seq?: number;
  readonly fields: { readonly [key: string]: JsonValue | undefined };
}

/** What an observer may publish, under its plugin's name. */
export type Observation =
  | { readonly kind: 'point'; readonly series: string; readonly x: number; readonly y: number }
  | {
      readonly kind: 'table';
      readonly title: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly (string | number)[])[];
    };

export interface ObserveContext<Options = unknown> {
  readonly run: string;
  /** A folder of its own inside the run's, where it may write files. */
  readonly folder: string;
  readonly options: Options;
}

/** What an author writes. */
export interface ObserverDefinition<S extends OptionsSchema = OptionsSchema> {
  readonly description?: string;
  readonly options?: S;
  /** Types of events that it wants; absent: all. */
  readonly events?: readonly string[];
  /** `events$` completes when the run ends, and what is returned must complete then, after its files are written. */
  observe(events$: Observable<ObservedEvent>, context: ObserveContext<OptionsOf<S>>): Observable<Observation>;
}
