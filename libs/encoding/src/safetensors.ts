/**
 * Hugging Face's safetensors: 8 bytes of header length (little-endian), a JSON header, then the tensors' bytes. The checks are
 * those of its README: lengths within the file, no holes, no overlaps, no unknown keys; nothing is executed or guessed.
 */
import { sizeOf, tensorBytes, tensorFromBytes, type DType, type Shape, type Tensor } from '@espalier/tensor';
import { encodingError } from './errors';
import { fromFloat16Bits, fromFloat32Bits } from './float16';

/** As in the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

const WRITTEN: Readonly<Partial<Record<DType, string>>> = {
  float32: 'F32',
  int32: 'I32',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
};

interface ReadableDType {
  readonly width: number;
  readonly dtype: DType;
  /** For those that become float32 here. */
  readonly widen?: (bits: number) => number;
}

const READ: Readonly<Record<string, ReadableDType>> = {
  F32: { width: 4, dtype: 'float32' },
  F16: { width: 2, dtype: 'float32', widen: fromFloat16Bits },
  BF16: { width: 2, dtype: 'float32', widen: (bits) => fromFloat32Bits(bits << 16) },
  I32: { width: 4, dtype: 'int32' },
  U32: { width: 4, dtype: 'uint32' },
  U16: { width: 2, dtype: 'uint16' },
  U8: { width: 1, dtype: 'uint8' },
};

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The file for these tensors, in their order, names as they are. The header is padded with spaces so that the tensors start
 * 8-byte aligned. Throws SAFETENSORS_DTYPE for bitmaps, which the format does not have.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = metadata ? { [METADATA]: metadata } : {};
  let offset = 0;
  for (const [name, value] of tensors) {
    const dtype = WRITTEN[value.dtype];
    if (dtype === undefined || name === METADATA) {
      throw encodingError('SAFETENSORS_DTYPE', {
        name,
        actual: value.dtype,
        expected: Object.keys(WRITTEN).join(', '),
      });
    }
    const end = offset + value.data.byteLength;
    header[name] = { dtype, shape: value.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, 8);
  let at = 8 + headerLength;
  for (const value of tensors.values()) {
    bytes.set(tensorBytes(value), at);
    at += value.data.byteLength;
  }
  return bytes;
}

/**
 * The tensors of a file, by name. F16 and BF16 become float32. Aligned tensors are views into `bytes`. Throws SAFETENSORS_FORM,
 * SAFETENSORS_DTYPE.
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const { tensors, metadata } = indexSafetensors(bytes, bytes.length);
  return {
    tensors: new Map(
      [...tensors].map(([name, { begin, end, decode }]) => [name, decode(bytes.subarray(begin, end))]),
    ),
    metadata,
  };
}

/** Where a tensor lies in its file. */
export interface SafetensorsEntry {
  readonly shape: Shape;
  /** In bytes from the start of the file; `end` is the first that is not its own. */
  readonly begin: number;
  readonly end: number;
  /** The tensor that these bytes of the file are; a view on them where they are aligned. */
  decode(bytes: Uint8Array): Tensor;
}

export interface SafetensorsIndex {
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How many bytes a file begins with that `indexSafetensors` wants to see. Throws SAFETENSORS_FORM. */
export function safetensorsHeadBytes(first: Uint8Array): number {
  if (first.length < 8) throw form(`it has ${first.length} bytes, not even the 8 of the header's length`);
  const declared = new DataView(first.buffer, first.byteOffset, first.byteLength).getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER_BYTES)) throw form(`its header declares ${declared} bytes`);
  return 8 + Number(declared);
}

/**
 * What lies where in a file of `fileBytes`, from its first bytes alone (at least `safetensorsHeadBytes`), for those who read
 * one tensor after the other. Throws SAFETENSORS_FORM, SAFETENSORS_DTYPE.
 */
export function indexSafetensors(head: Uint8Array, fileBytes: number): SafetensorsIndex {
  const start = safetensorsHeadBytes(head);
  const header = readHeader(head, start);
  const tensors = new Map<string, SafetensorsEntry>();
  let metadata: Readonly<Record<string, string>> = {};
  const ranges: (readonly [number, number])[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) {
      metadata = readMetadata(value);
      continue;
    }
    const entry = readEntry(name, value, fileBytes - start);
    const [begin, end] = entry.range;
    ranges.push(entry.range);
    tensors.set(name, {
      shape: entry.shape,
      begin: start + begin,
      end: start + end,
      decode: (bytes) => readTensor(entry, bytes),
    });
  }
  checkCovered(ranges, fileBytes - start);
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array, start: number): Readonly<Record<string, unknown>> {
  if (start > bytes.length) throw form(`its header needs ${start - 8} bytes, ${bytes.length - 8} follow`);
  if (bytes[8] !== 0x7b) throw form('its header does not begin with "{"');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start));
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw encodingError('SAFETENSORS_FORM', { problem: 'its header is no JSON' }, { cause });
  }
}

interface Entry {
  readonly name: string;
  readonly type: ReadableDType;
  readonly shape: Shape;
  readonly range: readonly [number, number];
}

function readEntry(name: string, value: unknown, available: number): Entry {
  const { dtype, shape, data_offsets: range } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (!isNumbers(shape) || shape.length > 8) throw form(`the shape of "${name}" is no list of sizes`);
  if (!isNumbers(range) || range.length !== 2) throw form(`the offsets of "${name}" are no pair`);
  if (typeof dtype !== 'string' || !Object.hasOwn(READ, dtype)) {
    throw encodingError('SAFETENSORS_DTYPE', {
      name,
      actual: String(dtype),
      expected: Object.keys(READ).join(', '),
    });
  }
  const type = READ[dtype];
  const [begin, end] = range;
  if (begin > end || end > available) {
    throw form(`"${name}" lies at [${begin}, ${end}], but there are ${available} bytes`);
  }
  const needed = sizeOf(shape) * type.width;
  if (end - begin !== needed) throw form(`"${name}" needs ${needed} bytes, but has ${end - begin}`);
  return { name, type, shape, range: [begin, end] };
}

function readTensor({ name, type, shape }: Entry, bytes: Uint8Array): Tensor {
  if (!type.widen) return tensorFromBytes(type.dtype, shape, bytes, name);
  const halves = tensorFromBytes('uint16', shape, bytes, name).data;
  const data = new Float32Array(halves.length);
  for (let i = 0; i < data.length; i++) data[i] = type.widen(halves[i]);
  return { dtype: 'float32', shape, data };
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  const good =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => typeof text === 'string');
  if (!good) throw form('its metadata is no map of texts');
  return value as Record<string, string>;
}

/** Every byte belongs to exactly one tensor. */
function checkCovered(ranges: readonly (readonly [number, number])[], available: number): void {
  let covered = 0;
  for (const [begin, end] of [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (begin !== covered)
      throw form(`its tensors leave a hole or overlap at byte ${Math.min(begin, covered)}`);
    covered = end;
  }
  if (covered !== available) throw form(`${available - covered} bytes belong to no tensor`);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

function form(problem: string): Error {
  return encodingError('SAFETENSORS_FORM', { problem });
}
