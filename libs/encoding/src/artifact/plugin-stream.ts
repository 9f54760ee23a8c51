/**
 * The streams of tensors that plugins coded. Each begins with a varint: 0, and a description of the codec follows; or k, and it is the
 * k-th description of the file. Then the CRC-32 of the decoded values (float32, little-endian), then the codec's own bytes. A description
 * is the plugin's digest (32 bytes), a varint length, and the JSON array [plugin, version, codec, options].
 */
import { sizeOf } from '@espalier/tensor';
import { encodingError } from '../errors';
import type { PluginCodec } from './artifact-tensor';
import { readVarint, type OpenedArtifact } from './container';
import type { TensorHeader } from './header-code';
import { checksumOf } from './write-plugin-streams';

const DIGEST_BYTES = 32;
const CHECKSUM_BYTES = 4;

export interface PluginPart {
  readonly codec: PluginCodec;
  readonly bytes: Uint8Array;
  /** CRC-32 of the decoded values. */
  readonly checksum: number;
}

export function pluginStreams({
  tensors,
  streams,
}: Pick<OpenedArtifact, 'tensors' | 'streams'>): (PluginPart & { readonly header: TensorHeader })[] {
  const known: PluginCodec[] = [];
  return tensors.flatMap((header, i) => {
    if (header.coding !== 'plugin') return [];
    const { name } = header;
    const stream = streams[i];
    const broken = (problem: string): Error => encodingError('ARTIFACT_TENSOR', { name, problem });
    const { value: place, next } = number(stream, 0, broken);
    let at = next;
    if (place === 0) {
      const { value: length, next: from } = number(stream, at + DIGEST_BYTES, broken);
      const digest = Array.from(stream.subarray(at, at + DIGEST_BYTES), (byte) =>
        byte.toString(16).padStart(2, '0'),
      ).join('');
      at = from + length;
      if (at > stream.length) throw broken('the description of its codec is cut');
      known.push(described(stream.subarray(from, at), digest, broken));
    }
    const codec = place === 0 ? known[known.length - 1] : known[place - 1];
    if (codec === undefined) throw broken(`it names description ${place} of ${known.length}`);
    if (at + CHECKSUM_BYTES > stream.length) throw broken('its checksum is cut');
    const checksum = new DataView(stream.buffer, stream.byteOffset).getUint32(at, true);
    return [{ header, codec, checksum, bytes: stream.subarray(at + CHECKSUM_BYTES) }];
  });
}

/**
 * The values of a tensor, as its plugin decoded them, checked.
 * @throws ARTIFACT_DECODER where nobody has, ARTIFACT_TENSOR
 */
export function decodedByPlugin(
  opened: OpenedArtifact,
  index: number,
  byPlugins: ReadonlyMap<string, Float32Array> | undefined,
): Float32Array {
  const { name, shape } = opened.tensors[index];
  const { codec, checksum } = pluginStreams(opened).find(
    ({ header }) => header === opened.tensors[index],
  ) as PluginPart;
  const values = byPlugins?.get(name);
  if (!values) throw needsDecoder(name, codec);
  const broken = (problem: string): Error => encodingError('ARTIFACT_TENSOR', { name, problem });
  if (values.length !== sizeOf(shape))
    throw broken(`its plugin gave ${values.length} values for ${sizeOf(shape)}`);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw broken(`the value at index ${at} is ${values[at]}`);
  if (checksumOf(values) === checksum) return values;
  throw broken(
    `${codec.plugin} decodes other values than those that were encoded by its version ${codec.version}`,
  );
}

/** One clear error that says what to install. */
function needsDecoder(name: string, { plugin, version, codec }: PluginCodec): Error {
  return encodingError('ARTIFACT_DECODER', {
    name,
    codec: `the codec "${codec}" of the plugin "${plugin}" ${version}, which is not at hand`,
    advice: `install ${plugin}@${version} and allow it: --plugin ${plugin}`,
  });
}

function described(bytes: Uint8Array, digest: string, broken: (problem: string) => Error): PluginCodec {
  let read: unknown;
  try {
    read = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw broken('the description of its codec is no JSON');
  }
  const [plugin, version, codec, options, ...more] = Array.isArray(read) ? (read as unknown[]) : [];
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
  if (!isText(plugin) || !isText(version) || !isText(codec) || !isOptions(options) || more.length > 0) {
    throw broken('the description of its codec is none');
  }
  return { plugin, version, digest, codec, options };
}

function isOptions(value: unknown): value is PluginCodec['options'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => ['string', 'number', 'boolean'].includes(typeof each));
}

function number(
  stream: Uint8Array,
  from: number,
  broken: (problem: string) => Error,
): { readonly value: number; readonly next: number } {
  try {
    return readVarint(stream, from, stream.length);
  } catch {
    throw broken('a number in it is cut');
  }
}
