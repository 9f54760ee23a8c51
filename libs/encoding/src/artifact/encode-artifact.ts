/** A network and its tensors to one self-describing file. */
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { encodingError } from '../errors';
import { countKept } from '../shared-weights';
import {
  quantiseForArtifact,
  valuesOf,
  type ArtifactTensor,
  type CodebookPrecision,
} from './artifact-tensor';
import { CODINGS, type Coding } from './coding-names';
import { decodeAs, encodeAs, type Breakdown, type CodedTensor } from './codings';
import { packArtifact } from './container';
import type { TensorHeader } from './header-code';
import { imageLayouts } from './image-layout';

export interface ArtifactOptions {
  /** What may be tried; default: everything. Each tensor gets the shortest of those that carry it. */
  readonly codings?: readonly Coding[];
  /** How codebooks are stored; default float32. */
  readonly codebook?: CodebookPrecision;
  /** Of `huffman-index`; default 8 for convolutions, 5 otherwise (DC16). */
  readonly gapBits?: number;
}

export interface ArtifactInput {
  readonly network: NetworkSpec;
  readonly tensors: readonly ArtifactTensor[];
  readonly options?: ArtifactOptions;
}

export interface TensorReport {
  readonly name: string;
  readonly coding: Coding;
  /** Of its stream. */
  readonly bytes: number;
  readonly breakdown: Breakdown;
  /** Values that are not 0. */
  readonly kept: number;
  /** Entries of the codebook; 0 where there is none. */
  readonly levels: number;
  /** Bits of a code: ceil(log2(levels)); 32 or 16 for plain floats. */
  readonly bits: number;
}

export interface EncodedArtifact {
  readonly bytes: Uint8Array;
  readonly tensors: readonly TensorReport[];
  /** Everything that is no tensor's stream: magic, version, network, lengths, checksum. */
  readonly headerBytes: number;
}

/**
 * Encodes; the numbers that come out are those of `quantiseForArtifact`. Every stream is decoded and compared before it is
 * accepted. Tensors are stored in the order of the network's parameters, others after them. The same input gives the same
 * bytes. Throws ARTIFACT_INPUT, ARTIFACT_CODING, ENCODING_*.
 */
export function encodeArtifact({ network, tensors, options = {} }: ArtifactInput): EncodedArtifact {
  const layouts = imageLayouts(network);
  const coded = inOrder(network, tensors).map((given) => {
    const tensor = quantiseForArtifact(given, options.codebook);
    const image = ('layout' in tensor ? tensor.layout?.image : undefined) ?? layouts.get(tensor.name);
    const frame = { shape: tensor.shape, ...(image && tensor.shape.length === 2 && { image }) };
    const best = shortest(tensor, options, frame.image);
    verify(tensor, best, frame);
    const header: TensorHeader = {
      name: tensor.name,
      ...frame,
      coding: best.coding,
      length: best.bytes.length,
    };
    return { header, stream: best.bytes, report: report(tensor, best) };
  });
  const bytes = packArtifact(
    { network, tensors: coded.map(({ header }) => header) },
    coded.map(({ stream }) => stream),
  );
  const streamBytes = coded.reduce((sum, { stream }) => sum + stream.length, 0);
  return { bytes, tensors: coded.map(({ report }) => report), headerBytes: bytes.length - streamBytes };
}

function inOrder(network: NetworkSpec, tensors: readonly ArtifactTensor[]): readonly ArtifactTensor[] {
  const byName = new Map<string, ArtifactTensor>();
  for (const tensor of tensors) {
    if (byName.has(tensor.name)) {
      throw encodingError('ARTIFACT_INPUT', { name: tensor.name, problem: 'it is there twice' });
    }
    byName.set(tensor.name, tensor);
  }
  const ordered = parametersOf(network).flatMap(({ name }) => byName.get(name) ?? []);
  const others = tensors.filter((tensor) => !ordered.includes(tensor));
  return [...ordered, ...others];
}

function shortest(
  tensor: ArtifactTensor,
  options: ArtifactOptions,
  image: TensorHeader['image'],
): CodedTensor {
  const { codebook = 'float32', gapBits } = options;
  const codings = tensor.codings ?? options.codings ?? CODINGS;
  const settings = {
    options: { codebook, ...(gapBits !== undefined && { gapBits }) },
    ...(image && { image }),
  };
  const candidates = codings.flatMap((coding) => encodeAs(coding, tensor, settings) ?? []);
  if (candidates.length > 0) {
    return candidates.reduce((best, next) => (next.bytes.length < best.bytes.length ? next : best));
  }
  throw encodingError('ARTIFACT_CODING', {
    codings: codings.join(', '),
    name: tensor.name,
    kind: tensor.kind,
    advice: '"dense32", which carries everything',
  });
}

function verify(
  tensor: ArtifactTensor,
  coded: CodedTensor,
  frame: Pick<TensorHeader, 'shape' | 'image'>,
): void {
  const decoded = decodeAs(coded.coding, coded.bytes, frame).values;
  const expected = valuesOf(tensor);
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(decoded[i], expected[i])) {
      throw encodingError('ARTIFACT_VERIFY', { name: tensor.name, coding: coded.coding });
    }
  }
}

function report(tensor: ArtifactTensor, coded: CodedTensor): TensorReport {
  const levels = tensor.kind === 'shared' ? tensor.codebook.length : 0;
  return {
    name: tensor.name,
    coding: coded.coding,
    bytes: coded.bytes.length,
    breakdown: coded.breakdown,
    kept: tensor.kind === 'shared' ? countKept(tensor.codes) : countNonZero(tensor.values),
    levels,
    bits: bitsOf(tensor, levels),
  };
}

function bitsOf(tensor: ArtifactTensor, levels: number): number {
  if (tensor.kind === 'shared') return levels < 2 ? levels : 32 - Math.clz32(levels - 1);
  if (tensor.kind === 'sparse' || tensor.precision === undefined || tensor.precision === 'float32') return 32;
  return tensor.precision === 'float16' ? 16 : tensor.precision.bits;
}

function countNonZero(values: Float32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}
