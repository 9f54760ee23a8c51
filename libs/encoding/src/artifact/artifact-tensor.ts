/** What goes into an artifact, tensor by tensor, and in which numbers it comes out again. */
import { sizeOf, type Shape } from '@espalier/tensor';
import type { CodebookForm } from '../arithmetic/codebook-code';
import type { ImageLayout } from '../arithmetic/kernel-view';
import { encodingError } from '../errors';
import { ceilBfloat16Bits, fromBfloat16Bits, roundToFloat16 } from '../float16';
import { largestMagnitude, largestMultiple, nearestMultiple } from '../quantise-linearly';
import { normaliseShared, weightsOf, type SharedWeights } from '../shared-weights';
import type { Coding } from './coding-names';

interface TensorOf<Kind extends string> {
  readonly kind: Kind;
  readonly name: string;
  readonly shape: Shape;
  /** What may be tried for this tensor, instead of what the options say. */
  readonly codings?: readonly Coding[];
}

export interface TensorLayout {
  /** What the rows of a dense kernel are; else it is taken from the network. */
  readonly image: ImageLayout;
}

/** Weights that share a codebook. */
export interface SharedTensor extends TensorOf<'shared'>, SharedWeights {
  /** Multiples of one step (`quantiseLinearly`): then only the step is stored. */
  readonly step?: number;
  readonly layout?: TensorLayout;
}

/** Pruned weights that share nothing. */
export interface SparseTensor extends TensorOf<'sparse'> {
  readonly values: Float32Array;
  readonly layout?: TensorLayout;
}

/** Everything else: biases, normalisation, layers that were not pruned. */
export interface DenseTensor extends TensorOf<'dense'> {
  readonly values: Float32Array;
  readonly precision?: Precision;
}

/**
 * How exactly a dense tensor is kept. `bits` (2 to 16): multiples of one step, which is chosen so that the largest value is the
 * largest multiple, if it is not given.
 */
export type Precision = 'float32' | 'float16' | { readonly bits: number; readonly step?: number };

/** What a plugin's codec made of a tensor, and what it makes of that again. */
export interface PluginTensor extends TensorOf<'plugin'> {
  readonly codec: PluginCodec;
  readonly bytes: Uint8Array;
  /** Decoded from `bytes`, by who has the plugin. */
  readonly values: Float32Array;
}

/** Who decodes the tensor, as the file says it. */
export interface PluginCodec {
  /** The package's name. */
  readonly plugin: string;
  readonly version: string;
  /** SHA-256 of the plugin that wrote it, in hex. */
  readonly digest: string;
  /** Its codec. */
  readonly codec: string;
  readonly options: { readonly [name: string]: string | number | boolean };
}

export type ArtifactTensor = SharedTensor | SparseTensor | DenseTensor | PluginTensor;

export type CodebookPrecision = 'float32' | 'float16';

/**
 * The tensor with its numbers changed to those that its artifact will hold: codebook rounded and normalised, biases
 * quantised, zeros made +0. What is evaluated after this is what is decoded. Applying it twice changes nothing more. Throws
 * ARTIFACT_INPUT, ENCODING_*.
 */
export function quantiseForArtifact<T extends ArtifactTensor>(
  tensor: T,
  codebook: CodebookPrecision = 'float32',
): T {
  checkSize(tensor);
  switch (tensor.kind) {
    case 'shared':
      return { ...tensor, ...quantiseShared(tensor, codebook) };
    case 'sparse':
    case 'plugin':
      largestMagnitude(tensor.values);
      return { ...tensor, values: tensor.values.map(positiveZero) };
    case 'dense':
      return { ...tensor, ...quantiseDense(tensor) };
  }
}

/** The float32 weights that a tensor stands for. */
export function valuesOf(tensor: ArtifactTensor): Float32Array {
  return tensor.kind === 'shared' ? weightsOf(tensor) : tensor.values;
}

/** How a shared tensor's codebook is stored. */
export function codebookForm(tensor: SharedTensor, precision: CodebookPrecision): CodebookForm {
  return tensor.step === undefined ? { kind: precision } : { kind: 'step', step: Math.fround(tensor.step) };
}

/** round(value / step) of each value: exact when the values were quantised with that step. */
export function multiplesOf(
  values: Float32Array,
  { bits, step }: { bits: number; step: number },
): Int32Array {
  const most = largestMultiple(bits);
  return Int32Array.from(values, (value) => nearestMultiple(value, step, most));
}

function quantiseShared(tensor: SharedTensor, precision: CodebookPrecision): SharedWeights {
  const { codes, step } = tensor;
  if (step !== undefined) {
    const at = tensor.codebook.findIndex((value) => Math.fround(Math.round(value / step) * step) !== value);
    if (at < 0) return normaliseShared(tensor, tensor.name);
    throw input(tensor.name, `level ${at} (${tensor.codebook[at]}) is no multiple of its step ${step}`);
  }
  const rounded = precision === 'float16' ? tensor.codebook.map(roundToFloat16) : tensor.codebook;
  return normaliseShared({ codes, codebook: rounded }, tensor.name);
}

function quantiseDense(tensor: DenseTensor): { values: Float32Array; precision: Precision } {
  const { values, precision = 'float32' } = tensor;
  const largest = largestMagnitude(values);
  if (precision === 'float32') return { values: values.map(positiveZero), precision };
  if (precision === 'float16') {
    if (largest > 65504) throw input(tensor.name, `${largest} is beyond what float16 can hold`);
    return { values: values.map((value) => positiveZero(roundToFloat16(value))), precision };
  }
  const most = largestMultiple(precision.bits);
  const step = precision.step === undefined ? stepFor(largest, most) : Math.fround(precision.step);
  if (!(step > 0)) throw input(tensor.name, `its step is ${step}`);
  const quantised = values.map((value) => positiveZero(nearestMultiple(value, step, most) * step));
  return { values: quantised, precision: { bits: precision.bits, step } };
}

/** A bfloat16, as that is 2 bytes shorter; rounded up, so that nothing is clipped. */
function stepFor(largest: number, most: number): number {
  return largest === 0 ? 1 : fromBfloat16Bits(ceilBfloat16Bits(Math.fround(largest / most)));
}

function positiveZero(value: number): number {
  return value === 0 ? 0 : value;
}

function checkSize(tensor: ArtifactTensor): void {
  const expected = sizeOf(tensor.shape);
  const actual = tensor.kind === 'shared' ? tensor.codes.length : tensor.values.length;
  if (actual === expected) return;
  throw encodingError('ENCODING_SIZE', {
    name: tensor.name,
    shape: JSON.stringify(tensor.shape),
    expected,
    actual,
  });
}

function input(name: string, problem: string): Error {
  return encodingError('ARTIFACT_INPUT', { name, problem });
}
