/** A network and its tensors to one self-describing file. */
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { sizeOf } from '@espalier/tensor';
import type { ImageLayout } from '../arithmetic/kernel-view';
import { encodingError } from '../errors';
import { countKept, sameShared, type SharedWeights } from '../shared-weights';
import {
  quantiseForArtifact,
  valuesOf,
  type ArtifactTensor,
  type CodebookPrecision,
  type PluginTensor,
} from './artifact-tensor';
import { CODINGS, type Coding, type StreamCoding } from './coding-names';
import {
  decodeAs,
  decodeCodes,
  encodeAs,
  keepsCodes,
  type Breakdown,
  type CodedTensor,
  type OwnCoded,
  type TensorFrame,
} from './codings';
import { packArtifact } from './container';
import { Feeders } from './feeders';
import type { TensorHeader } from './header-code';
import { imageLayouts } from './image-layout';
import type { PluginPart } from './plugin-stream';
import { checksumOf, writePluginStreams } from './write-plugin-streams';

/** Carries everything, and is the longest of all but where nothing was pruned. */
const PLAIN: Coding = 'dense32';

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
  readonly coding: StreamCoding;
  /** Of its stream. */
  readonly bytes: number;
  readonly breakdown: Breakdown;
  /** Values that are not 0. */
  readonly kept: number;
  /** Entries of the codebook; 0 where there is none. */
  readonly levels: number;
  /** Bits of a code: ceil(log2(levels)); 32 or 16 for plain floats, 32 for what only a plugin can tell. */
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
export function encodeArtifact({ network, tensors, options }: ArtifactInput): EncodedArtifact {
  const encoder = new ArtifactEncoder(network, options);
  for (const tensor of tensors) encoder.add(tensor);
  return encoder.finish();
}

interface Coded {
  readonly header: TensorHeader;
  readonly stream: Uint8Array;
  readonly report: TensorReport;
  /** Of a plugin: its stream follows when the order of the file is known. */
  readonly part?: PluginPart;
}

/**
 * `encodeArtifact` tensor by tensor, in any order: of what was added only the streams are held. In the network's order the file is
 * shortest: each tensor can then lean on the one that feeds it.
 */
export class ArtifactEncoder {
  private readonly layouts: ReadonlyMap<string, ImageLayout>;
  private readonly coded = new Map<string, Coded>();
  private readonly feeders: Feeders;

  constructor(
    private readonly network: NetworkSpec,
    private readonly options: ArtifactOptions = {},
  ) {
    this.layouts = imageLayouts(network);
    this.feeders = new Feeders(parametersOf(network));
  }

  /** Throws ARTIFACT_INPUT, ARTIFACT_CODING, ENCODING_*. */
  add(given: ArtifactTensor): void {
    const steps = this.steps(given);
    while (steps.next().done !== true);
  }

  /**
   * `add` in steps, as a tensor of 10^8 weights takes a minute: between them a caller can let other work go on. The tensor is
   * in when they have ended.
   */
  *steps(given: ArtifactTensor): Generator<void, void> {
    if (this.coded.has(given.name)) {
      throw encodingError('ARTIFACT_INPUT', { name: given.name, problem: 'it is there twice' });
    }
    const tensor = quantiseForArtifact(given, this.options.codebook);
    if (tensor.kind === 'plugin') {
      this.coded.set(tensor.name, codedByPlugin(tensor));
      return;
    }
    const image = ('layout' in tensor ? tensor.layout?.image : undefined) ?? this.layouts.get(tensor.name);
    const frame = { shape: tensor.shape, ...(image && tensor.shape.length === 2 && { image }) };
    const energies = this.feeders.of({ name: tensor.name, ...frame });
    const known = { ...frame, ...(energies && { energies }) };
    const best = yield* shortest(tensor, this.options, known);
    this.feeders.add(tensor, verify(tensor, best, known));
    yield;
    const { coding, bytes: stream } = best;
    const header: TensorHeader = { name: tensor.name, ...frame, coding, length: stream.length };
    this.coded.set(tensor.name, { header, stream, report: report(tensor, best) });
  }

  finish(): EncodedArtifact {
    const { network, coded } = this;
    const ordered = parametersOf(network).flatMap(({ name }) => coded.get(name) ?? []);
    const all = withPluginStreams([
      ...ordered,
      ...[...coded.values()].filter((tensor) => !ordered.includes(tensor)),
    ]);
    const bytes = packArtifact(
      { network, tensors: all.map(({ header }) => header) },
      all.map(({ stream }) => stream),
    );
    const streamBytes = all.reduce((sum, { stream }) => sum + stream.length, 0);
    return { bytes, tensors: all.map(({ report }) => report), headerBytes: bytes.length - streamBytes };
  }
}

function codedByPlugin(tensor: PluginTensor): Coded {
  const { name, shape, codec, bytes, values } = tensor;
  const breakdown = { index: 0, values: bytes.length, codebook: 0 };
  return {
    header: { name, shape, coding: 'plugin', length: 0 },
    stream: new Uint8Array(0),
    report: report(tensor, { coding: 'plugin', bytes, breakdown }),
    part: { codec, bytes, checksum: checksumOf(values) },
  };
}

function withPluginStreams(all: readonly Coded[]): readonly Coded[] {
  const parts = all.flatMap(({ part }) => part ?? []);
  const streams = writePluginStreams(parts);
  return all.map((coded) => {
    if (!coded.part) return coded;
    const stream = streams[parts.indexOf(coded.part)];
    const { length } = stream;
    return {
      header: { ...coded.header, length },
      stream,
      report: { ...coded.report, bytes: length },
    };
  });
}

function* shortest(
  tensor: Exclude<ArtifactTensor, PluginTensor>,
  options: ArtifactOptions,
  { image, energies }: TensorFrame,
): Generator<void, OwnCoded> {
  const { codebook = 'float32', gapBits } = options;
  const codings = tensor.codings ?? options.codings ?? CODINGS;
  const settings = {
    options: { codebook, ...(gapBits !== undefined && { gapBits }) },
    ...(image && { image }),
    ...(energies && { energies }),
  };
  let best: OwnCoded | undefined;
  for (const coding of codings) {
    const next = coding === PLAIN ? undefined : encodeAs(coding, tensor, settings);
    if (next && (!best || next.bytes.length < best.bytes.length)) best = next;
    yield;
  }
  // The floats as they are: their size is known without writing them.
  const plainBytes = codings.includes(PLAIN) ? 4 * sizeOf(tensor.shape) : Infinity;
  const plainFirst = best && codings.indexOf(PLAIN) < codings.indexOf(best.coding);
  if (best && (plainFirst ? best.bytes.length < plainBytes : best.bytes.length <= plainBytes)) return best;
  const plain = plainBytes === Infinity ? undefined : encodeAs(PLAIN, tensor, settings);
  if (plain) return plain;
  throw encodingError('ARTIFACT_CODING', {
    codings: codings.join(', '),
    name: tensor.name,
    kind: tensor.kind,
    advice: '"dense32", which carries everything',
  });
}

/** The decoded tensor, which is the one that was encoded. Where the codes are the same, so are the values. */
function verify(
  tensor: Exclude<ArtifactTensor, PluginTensor>,
  { coding, bytes }: OwnCoded,
  frame: TensorFrame,
): Float32Array | SharedWeights {
  const wrong = (): Error => encodingError('ARTIFACT_VERIFY', { name: tensor.name, coding });
  if (tensor.kind === 'shared' && keepsCodes(coding)) {
    const decoded = decodeCodes(coding, bytes, frame);
    if (sameShared(decoded, tensor)) return decoded;
    throw wrong();
  }
  const decoded = decodeAs(coding, bytes, frame).values;
  const values = valuesOf(tensor);
  for (let i = 0; i < decoded.length; i++) if (!Object.is(decoded[i], values[i])) throw wrong();
  return decoded;
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
  if (tensor.kind !== 'dense' || tensor.precision === undefined || tensor.precision === 'float32') return 32;
  return tensor.precision === 'float16' ? 16 : tensor.precision.bits;
}

function countNonZero(values: Float32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}
