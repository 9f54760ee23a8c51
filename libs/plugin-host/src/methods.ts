/**
 * What can be asked of a plugin's contributions, as one table of types: `invoke` is the seam between the faces that the host shows
 * (`contributions.ts`) and where a plugin runs: in this process, or behind a socket.
 */
import type {
  ContributionKind,
  Observation,
  ObservedEvent,
  OptionValues,
  Pattern,
  QuantizeInput,
  Quantized,
  RegrowInput,
  ScoreInput,
} from '@espalier/plugin-api';
import type { Mask, Shape } from '@espalier/tensor';
import type { Observable } from 'rxjs';

export interface Groups {
  readonly count: number;
  /** [size] */
  readonly of: Uint32Array;
  readonly pattern?: Pattern;
}

interface NamedTensor {
  readonly name: string;
  readonly shape: Shape;
}

export interface Methods {
  readonly score: { readonly input: Omit<ScoreInput, 'options'>; readonly answer: Float32Array };
  readonly groups: { readonly input: { readonly shape: Shape }; readonly answer: Groups };
  readonly completion: {
    readonly input: { readonly progresses: readonly number[] };
    readonly answer: readonly number[];
  };
  readonly encode: {
    readonly input: NamedTensor & { readonly values: Float32Array };
    readonly answer: Uint8Array;
  };
  readonly decode: {
    readonly input: NamedTensor & { readonly bytes: Uint8Array };
    readonly answer: Float32Array;
  };
  readonly quantize: { readonly input: Omit<QuantizeInput, 'options'>; readonly answer: Quantized };
  readonly regrow: { readonly input: Omit<RegrowInput, 'options'>; readonly answer: Mask };
}

export type Method = keyof Methods;
export type InputOf<M extends Method> = Methods[M]['input'];
export type AnswerOf<M extends Method> = Methods[M]['answer'];

export const KIND_OF_METHOD = {
  score: 'criterion',
  groups: 'granularity',
  completion: 'schedule',
  encode: 'codec',
  decode: 'codec',
  quantize: 'quantizer',
  regrow: 'regrowth',
} as const satisfies Readonly<Record<Method, ContributionKind>>;

export interface Invocation<M extends Method = Method> {
  readonly method: M;
  /** Of the contribution. */
  readonly name: string;
  readonly input: InputOf<M>;
  readonly options: OptionValues;
}

export interface ObserveOptions {
  readonly run: string;
  readonly folder: string;
  readonly options: OptionValues;
}

/** Where a plugin runs. What it answers is not to be trusted. */
export interface Backend {
  /** @param check makes an answer of what came, or throws PLUGIN_ANSWER_SHAPE or PLUGIN_ANSWER_VALUE */
  invoke<M extends Method>(
    invocation: Invocation<M>,
    check: (answer: unknown) => AnswerOf<M>,
  ): Promise<AnswerOf<M>>;
  observe(name: string, events$: Observable<ObservedEvent>, context: ObserveOptions): Observable<Observation>;
}
