/**
 * A binary range coder (Martin 1979, with the carry handling of LZMA): 32-bit range, 16-bit probabilities. Encoder and decoder
 * have one face, so that a model is written once and cannot differ between the two: `code(bit, p1)` returns the bit that was
 * coded; the encoder returns its argument, the decoder ignores it. All numbers are whole and below 2^53: exact everywhere.
 */
import { encodingError } from '../errors';

/** Probabilities are shares of 2^16. */
export const ONE = 65536;

export interface BinaryCoder {
  readonly decoding: boolean;
  /** Codes one bit; `p1` is the probability of a 1, from 1 to ONE - 1. */
  code(bit: number, p1: number): number;
}

/** Where a coder stands, for code that goes on in its place. `low` is the decoder's value; the last two are the encoder's. */
export interface CoderState {
  readonly range: number;
  readonly low: number;
  readonly held: number;
  readonly pending: number;
}

/** The range is kept at or above this by moving out whole bytes. */
const BOTTOM = 2 ** 24;
const TOP = 2 ** 32;
/** The decoder is this far ahead of the encoder. */
const FLUSH_BYTES = 4;

export class RangeEncoder implements BinaryCoder {
  readonly decoding = false;
  private low = 0;
  private range = TOP - 1;
  /** The last byte, held back as a carry may still reach it; -1 before the first. */
  private held = -1;
  /** How many 0xff bytes stand behind it, through which a carry would run. */
  private pending = 0;
  private bytes = new Uint8Array(256);
  private length = 0;

  code(bit: number, p1: number): number {
    const bound = (this.range >>> 16) * p1;
    if (bit) {
      this.range = bound;
    } else {
      this.low += bound;
      this.range -= bound;
    }
    while (this.range < BOTTOM) {
      this.range *= 256;
      this.shift();
    }
    return bit;
  }

  get state(): CoderState {
    return { range: this.range, low: this.low, held: this.held, pending: this.pending };
  }

  /** Goes on from where other code has brought the stream, which wrote `bytes` on the way. */
  resume(state: CoderState, bytes: Uint8Array): void {
    ({ range: this.range, low: this.low, held: this.held, pending: this.pending } = state);
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Bits spent so far, with fractions. For reports only: nothing that is coded depends on it. */
  get bitsSpent(): number {
    const held = this.held < 0 ? 0 : 1;
    return 8 * (this.length + held + this.pending) + 32 - Math.log2(this.range);
  }

  /**
   * Ends the stream with the fewest bytes that pin it down. Zeros among the last 4 are left out: the decoder puts them back,
   * but no more than those, so that a cut stream is noticed.
   */
  finish(): Uint8Array {
    for (let keptBytes = 0; keptBytes <= 4; keptBytes++) {
      const unit = 2 ** (8 * (4 - keptBytes));
      const value = Math.ceil(this.low / unit) * unit;
      if (value >= this.low + this.range) continue;
      this.low = value;
      break;
    }
    for (let i = 0; i <= FLUSH_BYTES; i++) this.shift();
    let end = this.length;
    while (end > this.length - FLUSH_BYTES && this.bytes[end - 1] === 0) end--;
    return this.bytes.slice(0, end);
  }

  /** Moves the top byte of `low` out, with its carry. */
  private shift(): void {
    const carry = this.low >= TOP ? 1 : 0;
    if (carry || this.low < 0xff000000) {
      if (this.held >= 0) this.emit(this.held + carry);
      for (; this.pending > 0; this.pending--) this.emit(0xff + carry);
      this.held = Math.floor(this.low / BOTTOM) & 0xff;
    } else {
      this.pending++;
    }
    this.low = (this.low % BOTTOM) * 256;
  }

  private emit(byte: number): void {
    this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(2 * (this.length + count));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

export class RangeDecoder implements BinaryCoder {
  readonly decoding = true;
  private range = TOP - 1;
  private value = 0;
  private at = 0;

  constructor(readonly bytes: Uint8Array) {
    for (let i = 0; i < FLUSH_BYTES; i++) this.value = this.value * 256 + this.next();
  }

  code(_bit: number, p1: number): number {
    const bound = (this.range >>> 16) * p1;
    let bit = 0;
    if (this.value < bound) {
      this.range = bound;
      bit = 1;
    } else {
      this.value -= bound;
      this.range -= bound;
    }
    while (this.range < BOTTOM) {
      this.range *= 256;
      this.value = this.value * 256 + this.next();
    }
    return bit;
  }

  get state(): CoderState {
    return { range: this.range, low: this.value, held: -1, pending: 0 };
  }

  /** Bytes read so far, those that were supplied behind the end included. */
  get position(): number {
    return this.at;
  }

  /** Goes on from where other code has brought the stream. Throws ENCODING_STREAM where that is beyond the end. */
  resume(state: CoderState, position: number): void {
    ({ range: this.range, low: this.value } = state);
    this.at = position;
    if (position > this.bytes.length + FLUSH_BYTES) throw cut();
  }

  private next(): number {
    const at = this.at++;
    if (at < this.bytes.length) return this.bytes[at];
    if (at < this.bytes.length + FLUSH_BYTES) return 0;
    throw cut();
  }
}

function cut(): Error {
  return encodingError('ENCODING_STREAM', { what: 'arithmetic codes', problem: 'it ends too early' });
}
