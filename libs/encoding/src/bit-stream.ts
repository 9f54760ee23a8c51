/** Bits in bytes, most significant bit first: the plumbing under Huffman codes and raw fields. */
import { encodingError } from './errors';

export class BitWriter {
  private bytes = new Uint8Array(64);
  private bitCount = 0;

  /** The low `count` bits of `value`, 0 to 32 of them. */
  write(value: number, count: number): void {
    while (this.bytes.length * 8 < this.bitCount + count) this.grow();
    for (let i = count - 1; i >= 0; i--) {
      if ((value >>> i) & 1) this.bytes[this.bitCount >>> 3] |= 0x80 >>> (this.bitCount & 7);
      this.bitCount++;
    }
  }

  /** Bits written so far. */
  get length(): number {
    return this.bitCount;
  }

  /** What was written, the last byte filled up with zeros. */
  finish(): Uint8Array {
    return this.bytes.slice(0, Math.ceil(this.bitCount / 8));
  }

  private grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

export class BitReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  bit(): number {
    const byte = this.at >>> 3;
    if (byte >= this.bytes.length) {
      throw encodingError('ENCODING_STREAM', { what: 'bits', problem: 'it ends too early' });
    }
    return (this.bytes[byte] >>> (7 - (this.at++ & 7))) & 1;
  }

  /** `count` bits, 0 to 32. */
  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  /** Whole bytes touched so far. */
  get bytesRead(): number {
    return Math.ceil(this.at / 8);
  }
}
