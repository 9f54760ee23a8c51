/** Records of numbers, arrays, masks and generators as a plugin's wire has them: tensors by role, the rest as JSON. */
import { Random, type JsonValue, type RandomIdentity } from '@espalier/base';
import type { PluginDType } from '@espalier/protocol';
import { Mask, sizeOf, type Shape } from '@espalier/tensor';

export interface WireTensor {
  readonly role: string;
  readonly dtype: PluginDType;
  readonly shape: number[];
}

export interface WireFields {
  readonly json: { readonly [key: string]: JsonValue };
  readonly tensors: readonly WireTensor[];
  /** The bytes of each tensor, in order. */
  readonly pieces: readonly Uint8Array[];
}

type Elements = Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array | Int8Array;

const DTYPE_OF_TAG: Readonly<Record<string, PluginDType>> = {
  Float32Array: 'float32',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  Uint16Array: 'uint16',
  Uint8Array: 'uint8',
  Int8Array: 'int8',
};
const WIDTH: Readonly<Record<PluginDType, number>> = {
  float32: 4,
  int32: 4,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  int8: 1,
  bit: 1,
};
const ALIGNMENT = 8;

/** `shape`: of the tensors that have as many elements; others are flat. Fields that are undefined are left out. */
export function toWire(fields: Readonly<Record<string, unknown>>, shape?: Shape): WireFields {
  const json: Record<string, JsonValue> = {};
  const tensors: WireTensor[] = [];
  const pieces: Uint8Array[] = [];
  for (const [role, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const elements = elementsOf(value);
    if (elements) {
      const fits = shape !== undefined && sizeOf(shape) === elements.length;
      const ownShape = fits ? [...shape] : [elements.length];
      tensors.push({ role, dtype: DTYPE_OF_TAG[elements[Symbol.toStringTag]], shape: ownShape });
      pieces.push(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength));
    } else if (isMask(value)) {
      tensors.push({ role, dtype: 'bit', shape: [...value.shape] });
      pieces.push(value.bits);
    } else if (isRandom(value)) {
      const { seed, words } = value.identity();
      json[role] = { seed, words: [...words] };
    } else json[role] = value as JsonValue;
  }
  return { json, tensors, pieces };
}

/** The tensors by role. Throws RangeError where the bytes are not as many as the shapes say. */
export function tensorsFromWire(
  tensors: readonly WireTensor[],
  bytes: Uint8Array,
): ReadonlyMap<string, Elements | Mask> {
  const result = new Map<string, Elements | Mask>();
  let offset = 0;
  for (const { role, dtype, shape } of tensors) {
    const byteCount = bytesOfTensor(dtype, shape);
    const end = offset + byteCount;
    if (end > bytes.byteLength) {
      throw new RangeError(`"${role}" ends at byte ${end}, but there are ${bytes.byteLength}`);
    }
    const own = bytes.subarray(offset, end);
    result.set(role, dtype === 'bit' ? maskOf(shape, own) : viewOf(dtype, own));
    offset += Math.ceil(byteCount / ALIGNMENT) * ALIGNMENT;
  }
  if (offset !== bytes.byteLength) {
    throw new RangeError(`the tensors have ${offset} bytes, but ${bytes.byteLength} came`);
  }
  return result;
}

/** Bytes of tensors behind each other, each from a multiple of 8 on. */
export function bytesOnWire(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + Math.ceil(size / ALIGNMENT) * ALIGNMENT, 0);
}

export function randomFromWire(value: unknown): Random {
  return Random.of(value as RandomIdentity);
}

function bytesOfTensor(dtype: PluginDType, shape: readonly number[]): number {
  const size = sizeOf(shape);
  return dtype === 'bit' ? Math.ceil(size / 8) : size * WIDTH[dtype];
}

/** A view where the bytes lie aligned, else one copy. */
function viewOf(dtype: PluginDType, bytes: Uint8Array): Elements {
  const width = WIDTH[dtype];
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  const length = byteLength / width;
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, length);
    case 'int32':
      return new Int32Array(buffer, byteOffset, length);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, length);
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, length);
    case 'int8':
      return new Int8Array(buffer, byteOffset, length);
    default:
      return new Uint8Array(buffer, byteOffset, length);
  }
}

/** Bits behind the last weight are nobody's. */
function maskOf(shape: readonly number[], bits: Uint8Array): Mask {
  const mask = Mask.empty(shape);
  mask.bits.set(bits);
  if ((mask.size & 7) !== 0) mask.bits[mask.bits.length - 1] &= (1 << (mask.size & 7)) - 1;
  return mask;
}

/** By its tag: arrays of another realm are no less arrays. A Buffer has the tag of Uint8Array. */
function elementsOf(value: unknown): Elements | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  return (value as Elements)[Symbol.toStringTag] in DTYPE_OF_TAG ? (value as Elements) : undefined;
}

/** By what they can: a plugin may have brought its own copy of our libraries. */
function isMask(value: unknown): value is Mask {
  const mask = value as Partial<Mask> | null;
  return (
    typeof value === 'object' && mask !== null && ArrayBuffer.isView(mask.bits) && Array.isArray(mask.shape)
  );
}

function isRandom(value: unknown): value is Random {
  return typeof value === 'object' && value !== null && typeof (value as Random).identity === 'function';
}
