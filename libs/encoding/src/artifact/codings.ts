/** Each coding of a tensor and its inverse. */
import { sizeOf, viewAs, bytesOf, type Shape } from '@espalier/tensor';
import type { CoderModel } from '../arithmetic/coder-model';
import type { OutputEnergies } from '../arithmetic/feed';
import type { ImageLayout } from '../arithmetic/kernel-view';
import { codeMultiples } from '../arithmetic/linear-code';
import { RangeDecoder, RangeEncoder } from '../arithmetic/range-coder';
import { codebookOf, decodeShared, encodeShared } from '../arithmetic/shared-coder';
import { decodeSparse, encodeSparse } from '../arithmetic/sparse-coder';
import { encodingError } from '../errors';
import { fromFloat16Bits, toFloat16Bits } from '../float16';
import { decodeHuffmanIndex, encodeHuffmanIndex, readHuffmanCodebook } from '../huffman-index';
import { GAP_BITS } from '../relative-index';
import { weightsOf, type SharedWeights } from '../shared-weights';
import {
  codebookForm,
  multiplesOf,
  valuesOf,
  type ArtifactTensor,
  type CodebookPrecision,
} from './artifact-tensor';
import type { Coding, StreamCoding } from './coding-names';

/** Bytes of a tensor by what they are for; fractions where one stream carries several. */
export interface Breakdown {
  readonly index: number;
  readonly values: number;
  readonly codebook: number;
}

export interface CodedTensor<C extends StreamCoding = StreamCoding> {
  readonly coding: C;
  readonly bytes: Uint8Array;
  readonly breakdown: Breakdown;
}

/** In one of our codings. */
export type OwnCoded = CodedTensor<Coding>;

export interface DecodedTensor {
  readonly values: Float32Array;
  /** Only where the coding keeps them. */
  readonly shared?: SharedWeights;
}

export interface CodingOptions {
  readonly codebook: CodebookPrecision;
  /** Default: 8 for convolutions, 5 otherwise. */
  readonly gapBits?: number;
}

/** What a decoder knows of a tensor before its bytes. */
export interface TensorFrame {
  readonly shape: Shape;
  readonly image?: ImageLayout;
  /** Of what feeds the tensor. */
  readonly energies?: OutputEnergies;
  /** What the mixing codings know; default: as in the newest version of the format. */
  readonly model?: CoderModel;
}

export interface Setting extends Pick<TensorFrame, 'image' | 'energies'> {
  readonly options: CodingOptions;
}

/** The tensor (already quantised) in this coding, or undefined when the coding cannot carry it without loss. */
export function encodeAs(
  coding: Coding,
  tensor: ArtifactTensor,
  { options, image, energies }: Setting,
): OwnCoded | undefined {
  const { shape } = tensor;
  switch (coding) {
    case 'dense32':
      return plain(coding, bytesOf(valuesOf(tensor)));
    case 'dense16':
      if (tensor.kind !== 'dense' || tensor.precision !== 'float16') return undefined;
      return plain(coding, bytesOf(Uint16Array.from(tensor.values, toFloat16Bits)));
    case 'multiples': {
      if (tensor.kind !== 'dense' || typeof tensor.precision !== 'object') return undefined;
      const { bits, step = 1 } = tensor.precision;
      const coder = new RangeEncoder();
      codeMultiples(coder, tensor.values.length, {
        multiples: multiplesOf(tensor.values, { bits, step }),
        step,
      });
      return plain(coding, coder.finish());
    }
    case 'huffman-index': {
      if (tensor.kind !== 'shared') return undefined;
      const gapBits = options.gapBits ?? (shape.length === 4 ? GAP_BITS.conv : GAP_BITS.dense);
      const form = codebookForm(tensor, options.codebook);
      return { coding, ...encodeHuffmanIndex(tensor, { gapBits, form }) };
    }
    case 'arithmetic':
      if (tensor.kind !== 'shared') return undefined;
      return {
        coding,
        ...encodeShared(tensor, { shape, image, energies }, codebookForm(tensor, options.codebook)),
      };
    case 'sparse32':
      if (tensor.kind !== 'sparse') return undefined;
      return { coding, ...encodeSparse(tensor.values, { shape, image, energies }) };
  }
}

/** The inverse. Throws ENCODING_STREAM. */
export function decodeAs(coding: Coding, bytes: Uint8Array, frame: TensorFrame): DecodedTensor {
  const size = sizeOf(frame.shape);
  switch (coding) {
    case 'dense32':
      requireLength(bytes, 4 * size);
      return { values: viewAs('float32', bytes.slice()) as Float32Array };
    case 'dense16':
      requireLength(bytes, 2 * size);
      return { values: Float32Array.from(viewAs('uint16', bytes.slice()), fromFloat16Bits) };
    case 'multiples':
      return { values: codeMultiples(new RangeDecoder(bytes), size).values };
    case 'huffman-index':
    case 'arithmetic': {
      const shared = decodeCodes(coding, bytes, frame);
      return { values: weightsOf(shared), shared };
    }
    case 'sparse32':
      return { values: decodeSparse(bytes, frame) };
  }
}

/** Of the codings that keep them, codes and codebook, without the values that they stand for. Throws ENCODING_STREAM. */
export function decodeCodes(coding: CodesCoding, bytes: Uint8Array, frame: TensorFrame): SharedWeights {
  return coding === 'arithmetic'
    ? decodeShared(bytes, frame)
    : decodeHuffmanIndex(bytes, sizeOf(frame.shape));
}

export function keepsCodes(coding: Coding): coding is CodesCoding {
  return coding === 'arithmetic' || coding === 'huffman-index';
}

type CodesCoding = 'arithmetic' | 'huffman-index';

/** The codebook alone, without decoding what comes after it; undefined for codings that have none. */
export function readCodebook(coding: StreamCoding, bytes: Uint8Array): Float32Array | undefined {
  if (coding === 'arithmetic') return codebookOf(bytes);
  return coding === 'huffman-index' ? readHuffmanCodebook(bytes) : undefined;
}

function plain(coding: Coding, bytes: Uint8Array): OwnCoded {
  return { coding, bytes, breakdown: { index: 0, values: bytes.length, codebook: 0 } };
}

function requireLength(bytes: Uint8Array, expected: number): void {
  if (bytes.length === expected) return;
  const problem = `${expected} bytes are needed, there are ${bytes.length}`;
  throw encodingError('ENCODING_STREAM', { what: 'plain numbers', problem });
}
