/** A codec turns a tensor into bytes of the artifact and back. */
import type { Shape } from '@espalier/tensor';
import type { OptionsOf, OptionsSchema } from './options';

export interface EncodeInput<Options = unknown> {
  /** Tensor name, e.g. `fc1/kernel`. */
  readonly name: string;
  readonly shape: Shape;
  /** Row-major; removed weights are +0. */
  readonly values: Float32Array;
  readonly options: Options;
}

export interface DecodeInput<Options = unknown> {
  readonly name: string;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
  readonly options: Options;
}

/**
 * What an author writes. A codec may lose precision: what it decodes is what is evaluated. `decode` needs nothing but its input, so
 * that a file is read by whoever has the plugin, in a browser too, and refuses hostile bytes with an error.
 */
export interface CodecDefinition<S extends OptionsSchema = OptionsSchema> {
  readonly description?: string;
  readonly options?: S;
  /** What it decodes is bit for bit what it encoded; the conformance kit holds it to that. Default: false. */
  readonly lossless?: boolean;
  encode(input: EncodeInput<OptionsOf<S>>): Uint8Array | Promise<Uint8Array>;
  /** As many values as the shape has; the same for the same bytes, everywhere. */
  decode(input: DecodeInput<OptionsOf<S>>): Float32Array | Promise<Float32Array>;
}
