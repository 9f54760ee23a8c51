/** Bucket values as bytes. */
import { decodeBytes, encodeBytes } from '@espalier/plugin-api/coding';

export const VALUE_KINDS = ['float32', 'float16', 'int8'] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

const INT8_MOST = 127;
/** Codes are stored from 0. */
const INT8_MIDDLE = 128;

/** `int8`: a float32 scale, then the codes -127 to 127, by what came before them. */
export function encodeValues(values: Float32Array, kind: ValueKind): Uint8Array {
  if (kind === 'float32') return floatBytes(values);
  if (kind === 'float16') {
    const bytes = new Uint8Array(2 * values.length);
    const view = new DataView(bytes.buffer);
    values.forEach((value, i) => view.setUint16(2 * i, toFloat16(value), true));
    return bytes;
  }
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = Math.fround(largest / INT8_MOST) || 1;
  const codes = Uint8Array.from(
    values,
    (value) => Math.min(INT8_MOST, Math.max(-INT8_MOST, Math.round(value / scale))) + INT8_MIDDLE,
  );
  return joined(floatBytes(Float32Array.of(scale)), encodeBytes(codes));
}

/** @returns undefined when `bytes` are not of `count` values */
export function decodeValues(bytes: Uint8Array, count: number, kind: ValueKind): Float32Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind === 'float32') {
    if (bytes.length !== 4 * count) return undefined;
    return Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
  }
  if (kind === 'float16') {
    if (bytes.length !== 2 * count) return undefined;
    return Float32Array.from({ length: count }, (_, i) => fromFloat16(view.getUint16(2 * i, true)));
  }
  if (bytes.length < 4) return undefined;
  const scale = view.getFloat32(0, true);
  const codes = decodeBytes(bytes.subarray(4), count);
  return Float32Array.from(codes, (code) => (code - INT8_MIDDLE) * scale);
}

function floatBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return bytes;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

/** IEEE half precision, to the nearest, ties to even; what is too large becomes the largest. */
function toFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.min(Math.abs(value), 65504);
  if (magnitude < 2 ** -14) return sign | halfEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  // Rounding up to the next power of two carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + halfEven((magnitude / 2 ** exponent - 1) * 1024));
}

function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return exponent === 31
    ? fraction
      ? NaN
      : sign * Infinity
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function halfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
