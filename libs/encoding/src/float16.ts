/** IEEE 754 half precision (binary16) and bfloat16, for codebooks, biases and safetensors. */

/** The 16 bits of the nearest half, ties to even; beyond 65504 it becomes infinity, NaN stays NaN. */
export function toFloat16Bits(value: number): number {
  const bits = float32Bits(value);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  const half = exponent - 112;
  if (half >= 31) return sign | 0x7c00;
  // The significand with its hidden bit, shifted so that the half's last place is bit 0; subnormals shift further.
  const shift = half >= 1 ? 13 : 14 - half;
  if (shift > 24) return sign;
  const significand = fraction | 0x800000;
  const rounded = roundShift(significand, shift);
  // A significand that rounds up to the next power of two carries into the exponent by itself.
  return sign | (half >= 1 ? ((half - 1) << 10) + rounded : rounded);
}

/** The number that these 16 bits are. */
export function fromFloat16Bits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest number that a half can hold. */
export function roundToFloat16(value: number): number {
  return fromFloat16Bits(toFloat16Bits(value));
}

/** bfloat16 is the upper half of a float32. */
export function fromBfloat16Bits(bits: number): number {
  return fromFloat32Bits(bits << 16);
}

/** The bits of the smallest bfloat16 that is not below `value` (positive and finite). */
export function ceilBfloat16Bits(value: number): number {
  const bits = float32Bits(value);
  return (bits >>> 16) + (bits & 0xffff ? 1 : 0);
}

export function float32Bits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0];
}

export function fromFloat32Bits(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0];
}

function roundShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && kept & 1) ? kept + 1 : kept;
}
