/** The network and its tensors back from a file, and what can be said of a file without decoding it. */
import { errorCode, errorMessage } from '@espalier/base';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { float32, sizeOf, type Shape, type Tensor } from '@espalier/tensor';
import { modelOfVersion } from '../arithmetic/coder-model';
import { encodingError } from '../errors';
import { countKept, type SharedWeights } from '../shared-weights';
import type { PluginCodec } from './artifact-tensor';
import type { StreamCoding } from './coding-names';
import { decodeAs, readCodebook, type DecodedTensor } from './codings';
import { Feeders } from './feeders';
import { openArtifact, type ArtifactLimits, type OpenedArtifact } from './container';
import type { TensorHeader } from './header-code';
import { decodedByPlugin, pluginStreams } from './plugin-stream';

export interface TensorSummary {
  readonly name: string;
  readonly shape: Shape;
  readonly coding: StreamCoding;
  /** Of its stream. */
  readonly bytes: number;
  /** Entries of the codebook; 0 where there is none. */
  readonly levels: number;
}

/** A tensor that only the codec of a plugin decodes. */
export interface PluginCodedTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly codec: PluginCodec;
  readonly bytes: Uint8Array;
}

/** What the plugins made of a file's tensors, by name. */
export type DecodedByPlugins = ReadonlyMap<string, Float32Array>;

export interface ArtifactSummary {
  readonly version: number;
  readonly network: NetworkSpec;
  readonly tensors: readonly TensorSummary[];
  readonly headerBytes: number;
  readonly totalBytes: number;
}

export interface DecodedArtifact {
  /** Of the format, as the file says. */
  readonly version: number;
  readonly network: NetworkSpec;
  /** float32, by name; removed weights are +0. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Codes and codebook of the tensors that have them. */
  readonly shared: ReadonlyMap<string, SharedWeights>;
  readonly summaries: readonly (TensorSummary & { readonly kept: number })[];
  readonly headerBytes: number;
}

/** The tensors that must be decoded by plugins before the rest of the file can be. Throws ARTIFACT_*. */
export function pluginTensorsOf(bytes: Uint8Array, limits?: ArtifactLimits): PluginCodedTensor[] {
  return pluginStreams(openArtifact(bytes, limits)).map(
    ({ header: { name, shape }, codec, bytes: coded }) => ({
      name,
      shape,
      codec,
      bytes: coded,
    }),
  );
}

/**
 * Decodes everything. Throws ARTIFACT_*: one clear error for any file that is not whole and well-formed.
 * @param byPlugins what plugins made of `pluginTensorsOf`; the file says whether it is right
 */
export function decodeArtifact(
  bytes: Uint8Array,
  limits?: ArtifactLimits,
  byPlugins?: DecodedByPlugins,
): DecodedArtifact {
  const opened = openArtifact(bytes, limits);
  const { version, network, tensors, headerBytes } = opened;
  const feeders = new Feeders(parametersOf(network));
  const decoded = tensors.map((header, i) => ({
    header,
    ...guarded(header, () => decodeChecked(opened, i, { feeders, byPlugins })),
  }));
  return {
    version,
    network,
    tensors: new Map(
      decoded.map(({ header, values }) => [header.name, float32(header.shape, values, header.name)]),
    ),
    shared: new Map(
      decoded.flatMap(({ header, shared }) => (shared ? [[header.name, shared] as const] : [])),
    ),
    summaries: decoded.map(({ header, values, shared }) => ({
      ...summary(header, shared?.codebook.length ?? 0),
      kept: shared
        ? countKept(shared.codes)
        : values.reduce((count, value) => count + (value === 0 ? 0 : 1), 0),
    })),
    headerBytes,
  };
}

export interface ArtifactWeights {
  readonly network: NetworkSpec;
  /** float32, by name, each decoded when it is its turn. */
  readonly tensors: Iterable<readonly [name: string, tensor: Tensor]>;
}

/**
 * The network and its weights alone, tensor by tensor: for networks whose codes would not fit beside them, and for callers
 * that let other work go on between two tensors. Throws ARTIFACT_*, also while `tensors` is gone through.
 * @param byPlugins as of `decodeArtifact`
 */
export function decodeWeights(
  bytes: Uint8Array,
  limits?: ArtifactLimits,
  byPlugins?: DecodedByPlugins,
): ArtifactWeights {
  const opened = openArtifact(bytes, limits);
  const { network, tensors } = opened;
  function* decoded(): Generator<readonly [string, Tensor]> {
    const feeders = new Feeders(parametersOf(network));
    for (const [i, header] of tensors.entries()) {
      const { values } = guarded(header, () => decodeChecked(opened, i, { feeders, byPlugins }));
      yield [header.name, float32(header.shape, values, header.name)];
    }
  }
  return { network, tensors: decoded() };
}

/**
 * Sizes, codings and level counts; reads headers and codebooks only, so that the levels of a run of multiples include those that no
 * weight uses. Throws ARTIFACT_*.
 */
export function inspectArtifact(bytes: Uint8Array, limits?: ArtifactLimits): ArtifactSummary {
  const { version, network, tensors, streams, headerBytes } = openArtifact(bytes, limits);
  return {
    version,
    network,
    tensors: tensors.map((header, i) => {
      const codebook = guarded(header, () => readCodebook(header.coding, streams[i]));
      return summary(header, codebook?.length ?? 0);
    }),
    headerBytes,
    totalBytes: bytes.length,
  };
}

interface Known {
  readonly feeders: Feeders;
  readonly byPlugins: DecodedByPlugins | undefined;
}

function decodeChecked(opened: OpenedArtifact, index: number, { feeders, byPlugins }: Known): DecodedTensor {
  const { tensors, streams, version } = opened;
  const header = tensors[index];
  // No tensor leans on it: the others are decoded without its plugin.
  if (header.coding === 'plugin') return { values: decodedByPlugin(opened, index, byPlugins) };
  const model = modelOfVersion(version);
  const energies = feeders.of(header);
  const decoded = decodeAs(header.coding, streams[index], {
    ...header,
    model,
    ...(energies && { energies }),
  });
  if (decoded.values.length !== sizeOf(header.shape)) throw broken(header, 'it has the wrong size');
  const { values } = decoded;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw broken(header, `the value at index ${i} is ${values[i]}`);
  }
  feeders.add(header, values);
  return decoded;
}

function guarded<T>(header: TensorHeader, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    const code = errorCode(cause);
    if (code === undefined || code.startsWith('ARTIFACT_')) throw cause;
    throw encodingError('ARTIFACT_TENSOR', { name: header.name, problem: errorMessage(cause) }, { cause });
  }
}

function summary(header: TensorHeader, levels: number): TensorSummary {
  const { name, shape, coding, length } = header;
  return { name, shape, coding, bytes: length, levels };
}

function broken(header: TensorHeader, problem: string): Error {
  return encodingError('ARTIFACT_TENSOR', { name: header.name, problem });
}
