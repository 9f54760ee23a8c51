/**
 * A mask: one bit a weight, 1 kept, 0 removed (HAN15 section 3). Packed, least significant bit first, row-major like
 * the weights; the padding bits of the last byte are 0.
 */
import { tensorError } from './errors';
import { sizeOf, type Shape } from './shape';
import { tensor, type Tensor } from './tensor';

export class Mask {
  readonly shape: Shape;
  /** Number of weights. */
  readonly size: number;
  /** Packed bits, ceil(size / 8) bytes. */
  readonly bits: Uint8Array;

  private constructor(shape: Shape, bits: Uint8Array) {
    this.shape = shape;
    this.size = sizeOf(shape);
    this.bits = bits;
  }

  /** Everything kept. */
  static full(shape: Shape): Mask {
    const mask = Mask.empty(shape);
    mask.bits.fill(0xff);
    clearPadding(mask.bits, mask.size);
    return mask;
  }

  /** Everything removed. */
  static empty(shape: Shape): Mask {
    return new Mask(shape, new Uint8Array(Math.ceil(sizeOf(shape) / 8)));
  }

  /** From one byte or number per weight; anything but 0 is kept. Throws TENSOR_SHAPE when there are more or fewer. */
  static fromFlags(shape: Shape, flags: ArrayLike<number>): Mask {
    const mask = Mask.empty(shape);
    requireSameSize(mask, flags.length);
    for (let i = 0; i < mask.size; i++) if (flags[i] !== 0) mask.bits[i >>> 3] |= 1 << (i & 7);
    return mask;
  }

  /** From a packed `bit` tensor (not copied); throws TENSOR_DTYPE, or TENSOR_FORM when padding bits are set. */
  static fromTensor(value: Tensor, name = '?'): Mask {
    if (value.dtype !== 'bit')
      throw tensorError('TENSOR_DTYPE', { name, actual: value.dtype, expected: 'bit' });
    const bits = value.data as Uint8Array;
    const size = sizeOf(value.shape);
    if ((size & 7) !== 0 && bits[bits.length - 1] >> (size & 7) !== 0) {
      throw tensorError('TENSOR_FORM', { form: 'bit', problem: `the padding bits of "${name}" are not 0` });
    }
    return new Mask(value.shape, bits);
  }

  toTensor(): Tensor {
    return tensor('bit', this.shape, this.bits);
  }

  /** Is weight `i` kept? */
  get(i: number): boolean {
    return ((this.bits[i >>> 3] >> (i & 7)) & 1) === 1;
  }

  set(i: number, kept: boolean): void {
    if (kept) this.bits[i >>> 3] |= 1 << (i & 7);
    else this.bits[i >>> 3] &= ~(1 << (i & 7));
  }

  /** How many weights are kept. */
  count(): number {
    let total = 0;
    for (const byte of this.bits) total += popcount(byte);
    return total;
  }

  /** One byte per weight, 0 or 1. */
  toFlags(): Uint8Array {
    const flags = new Uint8Array(this.size);
    for (let i = 0; i < this.size; i++) flags[i] = (this.bits[i >>> 3] >> (i & 7)) & 1;
    return flags;
  }

  clone(): Mask {
    return new Mask(this.shape, this.bits.slice());
  }

  /** Kept in both. Throws TENSOR_SHAPE for a mask of another size. */
  and(other: Mask): Mask {
    requireSameSize(this, other.size);
    const result = this.clone();
    for (let i = 0; i < result.bits.length; i++) result.bits[i] &= other.bits[i];
    return result;
  }

  equals(other: Mask): boolean {
    return this.size === other.size && this.bits.every((byte, i) => byte === other.bits[i]);
  }

  /** Sets removed entries of `values` to +0.0, in place (never -0). `values` is row-major with this mask's size (else TENSOR_SHAPE). */
  apply(values: Float32Array): Float32Array {
    requireSameSize(this, values.length);
    for (let i = 0; i < this.size; i++) if (!this.get(i)) values[i] = 0;
    return values;
  }
}

function requireSameSize({ shape, size }: Mask, actual: number): void {
  if (actual === size) return;
  throw tensorError('TENSOR_SHAPE', {
    shape: JSON.stringify(shape),
    problem: `a mask of ${size} weights meets ${actual} values`,
  });
}

function clearPadding(bits: Uint8Array, size: number): void {
  if ((size & 7) !== 0) bits[bits.length - 1] &= (1 << (size & 7)) - 1;
}

function popcount(byte: number): number {
  let v = byte - ((byte >> 1) & 0x55);
  v = (v & 0x33) + ((v >> 2) & 0x33);
  return (v + (v >> 4)) & 0x0f;
}
