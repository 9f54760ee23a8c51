/** A quantizer gives weights few values: from a codebook, or multiples of a scale. */
import type { Random } from '@espalier/base';
import type { Mask, Shape } from '@espalier/tensor';
import type { OptionsOf, OptionsSchema } from './options';

export interface QuantizeInput<Options = unknown> {
  readonly name: string;
  /** dense [in, out], conv [kh, kw, in / groups, out] */
  readonly shape: Shape;
  /** Row-major; removed weights are +0 and must stay so. */
  readonly values: Float32Array;
  readonly random: Random;
  readonly options: Options;
}

/** Weight sharing (DC16 3): code 0 is removed, code k is `codebook[k - 1]`. */
export interface CodebookQuantized {
  readonly kind: 'codebook';
  /** [size] */
  readonly codes: Uint16Array;
  readonly codebook: Float32Array;
  /** Weights that are the negative of their codebook value (HashedNets); absent: none. */
  readonly signs?: Mask;
}

/** Linear: weight = scale * (code - zero point), by tensor (one of each) or by channel of the last axis (as many as it is long). */
export interface AffineQuantized {
  readonly kind: 'affine';
  /** [size] */
  readonly codes: Int8Array;
  readonly scales: Float32Array;
  /** As many as there are scales; absent: all 0 (symmetric). */
  readonly zeroPoints?: Int8Array;
}

export type Quantized = CodebookQuantized | AffineQuantized;

/** What an author writes. */
export interface QuantizerDefinition<S extends OptionsSchema = OptionsSchema> {
  readonly description?: string;
  readonly options?: S;
  quantize(input: QuantizeInput<OptionsOf<S>>): Quantized | Promise<Quantized>;
}
