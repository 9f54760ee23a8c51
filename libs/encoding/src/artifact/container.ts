/** The outside of an artifact: magic, version, header, streams, checksum. docs/artifact-format.md says why it is as it is. */
import { errorCode, errorMessage } from '@espalier/base';
import { sizeOf } from '@espalier/tensor';
import { RangeDecoder, RangeEncoder } from '../arithmetic/range-coder';
import { crc32 } from '../crc32';
import { encodingError } from '../errors';
import { codeHeader, type ArtifactHeader } from './header-code';

/** 0xe5 shows a transfer that thinks the file is text. */
const MAGIC = [0xe5, 0x53, 0x50, 0x4c] as const;

/** What is written, and the newest version that this program reads. */
export const ARTIFACT_VERSION = 4;
/** The first that knows tensors of plugins. */
const PLUGINS_VERSION = 3;

const CHECKSUM_BYTES = 4;
const SMALLEST = MAGIC.length + 1 + 1 + CHECKSUM_BYTES;

export interface ArtifactLimits {
  /** Elements of all tensors together; each takes 4 bytes once decoded. */
  readonly maxElements: number;
}

/** VGG-16 has 138 million; twice that fits 1 GiB. */
export const DEFAULT_ARTIFACT_LIMITS: ArtifactLimits = { maxElements: 2 ** 28 };

export interface OpenedArtifact extends ArtifactHeader {
  readonly version: number;
  /** One stream a tensor, views into the file. */
  readonly streams: readonly Uint8Array[];
  /** Everything but the streams: magic, version, header, checksum. */
  readonly headerBytes: number;
}

export function packArtifact(header: ArtifactHeader, streams: readonly Uint8Array[]): Uint8Array {
  const coder = new RangeEncoder();
  codeHeader(coder, header);
  const headerBytes = coder.finish();
  const parts = [
    Uint8Array.from([...MAGIC, ARTIFACT_VERSION, ...varint(headerBytes.length)]),
    headerBytes,
    ...streams,
  ];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length + CHECKSUM_BYTES);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  new DataView(bytes.buffer).setUint32(length, crc32(bytes.subarray(0, length)), true);
  return bytes;
}

/**
 * Checks magic, version, checksum and lengths, in this order, and reads the header. Throws ARTIFACT_MAGIC, ARTIFACT_VERSION,
 * ARTIFACT_TRUNCATED, ARTIFACT_CHECKSUM, ARTIFACT_HEADER, ARTIFACT_LIMIT.
 */
export function openArtifact(
  bytes: Uint8Array,
  limits: ArtifactLimits = DEFAULT_ARTIFACT_LIMITS,
): OpenedArtifact {
  checkStart(bytes);
  const body = bytes.length - CHECKSUM_BYTES;
  const expected = new DataView(bytes.buffer, bytes.byteOffset).getUint32(body, true);
  const actual = crc32(bytes.subarray(0, body));
  if (actual !== expected)
    throw encodingError('ARTIFACT_CHECKSUM', { expected: hex(expected), actual: hex(actual) });
  const { value: headerLength, next } = readVarint(bytes, MAGIC.length + 1, body);
  let at = next + headerLength;
  if (at > body)
    throw encodingError('ARTIFACT_TRUNCATED', { expected: at + CHECKSUM_BYTES, actual: bytes.length });
  const header = readHeader(bytes.subarray(next, at));
  const version = bytes[MAGIC.length];
  if (version < PLUGINS_VERSION && hasPlugins(header))
    throw brokenHeader(`version ${version} has no coding 6`);
  const elements = header.tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (elements > limits.maxElements) {
    throw encodingError('ARTIFACT_LIMIT', { what: 'elements', actual: elements, limit: limits.maxElements });
  }
  const total = header.tensors.reduce((sum, { length }) => sum + length, at);
  if (total > body) {
    throw encodingError('ARTIFACT_TRUNCATED', { expected: total + CHECKSUM_BYTES, actual: bytes.length });
  }
  if (total < body) throw brokenHeader(`${body - total} bytes belong to no tensor`);
  const streams = header.tensors.map(({ length }) => {
    const stream = bytes.subarray(at, at + length);
    at += length;
    return stream;
  });
  const headerBytes = bytes.length - streams.reduce((sum, { length }) => sum + length, 0);
  return { ...header, version, streams, headerBytes };
}

function checkStart(bytes: Uint8Array): void {
  if (MAGIC.some((byte, i) => i < bytes.length && bytes[i] !== byte)) {
    const start = Array.from(bytes.subarray(0, MAGIC.length), (byte) => byte.toString(16).padStart(2, '0'));
    const expected = MAGIC.map((byte) => byte.toString(16)).join(' ');
    throw encodingError('ARTIFACT_MAGIC', { expected, actual: start.join(' ') });
  }
  const version = bytes.length > MAGIC.length ? bytes[MAGIC.length] : ARTIFACT_VERSION;
  if (version < 1 || version > ARTIFACT_VERSION) {
    throw encodingError('ARTIFACT_VERSION', { actual: version, supported: ARTIFACT_VERSION });
  }
  if (bytes.length < SMALLEST) {
    throw encodingError('ARTIFACT_TRUNCATED', { expected: `at least ${SMALLEST}`, actual: bytes.length });
  }
}

function readHeader(bytes: Uint8Array): ArtifactHeader {
  try {
    return codeHeader(new RangeDecoder(bytes));
  } catch (cause) {
    if (errorCode(cause) === undefined) throw cause;
    throw encodingError('ARTIFACT_HEADER', { problem: errorMessage(cause) }, { cause });
  }
}

function hasPlugins({ tensors }: ArtifactHeader): boolean {
  return tensors.some(({ coding }) => coding === 'plugin');
}

/** LEB128: 7 bits a byte, low first. */
export function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

/** Throws ARTIFACT_HEADER. */
export function readVarint(
  bytes: Uint8Array,
  from: number,
  end: number,
): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = 0; i < 4 && from + i < end; i++) {
    value += (bytes[from + i] & 127) * 128 ** i;
    if (bytes[from + i] < 128) return { value, next: from + i + 1 };
  }
  throw brokenHeader('its length is no number');
}

function brokenHeader(problem: string): Error {
  return encodingError('ARTIFACT_HEADER', { problem });
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
