/**
 * An adaptive binary range coder (the carry-less form of Subbotin's, bits by the probability of a context): what a context has
 * seen says how many bits the next decision costs. Encoder and decoder do the same whole-number steps, so they agree everywhere.
 */

/** What a context has seen is a chance of 2^22, finer than what is coded with, so that rare decisions are learnt. */
const ONE = 2 ** 22;
const SEEN_MOST = 200;

/** The chance of a 1 of each context, and how often it was seen. */
class Contexts {
  private readonly ones: Uint32Array;
  private readonly seen: Uint8Array;

  constructor(count: number) {
    this.ones = new Uint32Array(count).fill(ONE / 2);
    this.seen = new Uint8Array(count);
  }

  /** Of 65536, from 16 to 65520. */
  chanceOfOne(context: number): number {
    return Math.min(65520, Math.max(16, this.ones[context] >>> 6));
  }

  /** The mean at first, then an exponential one over some 200 decisions. */
  update(context: number, bit: number): void {
    const seen = this.seen[context];
    this.ones[context] += Math.trunc(((bit === 1 ? ONE : 0) - this.ones[context]) / (seen + 1.5));
    if (seen < SEEN_MOST) this.seen[context]++;
  }
}

/** The range never falls below this, so that every chance leaves both halves some of it. */
const LEAST_RANGE = 2 ** 24;

export class BitEncoder {
  private readonly contexts: Contexts;
  private readonly bytes: number[] = [];
  /** Fits a double: below 2^40. */
  private low = 0;
  private range = 2 ** 32 - 1;

  constructor(contexts: number) {
    this.contexts = new Contexts(contexts);
  }

  encode(context: number, bit: number): void {
    const split = splitOf(this.range, this.contexts.chanceOfOne(context));
    if (bit === 1) {
      this.range = split;
    } else {
      this.low += split;
      this.range -= split;
    }
    this.contexts.update(context, bit);
    this.carry();
    while (this.range < LEAST_RANGE) this.shift();
  }

  finish(): Uint8Array {
    for (let i = 0; i < 4; i++) this.shift();
    let length = this.bytes.length;
    // A decoder reads zeros beyond the end.
    while (length > 0 && this.bytes[length - 1] === 0) length--;
    return Uint8Array.from(this.bytes.slice(0, length));
  }

  private shift(): void {
    this.bytes.push(Math.floor(this.low / LEAST_RANGE));
    this.low = (this.low % LEAST_RANGE) * 256;
    this.range *= 256;
  }

  private carry(): void {
    if (this.low < 2 ** 32) return;
    this.low -= 2 ** 32;
    let at = this.bytes.length - 1;
    while (this.bytes[at] === 255) this.bytes[at--] = 0;
    this.bytes[at]++;
  }
}

export class BitDecoder {
  private readonly contexts: Contexts;
  private at = 0;
  private code = 0;
  private range = 2 ** 32 - 1;

  constructor(
    contexts: number,
    private readonly bytes: Uint8Array,
  ) {
    this.contexts = new Contexts(contexts);
    for (let i = 0; i < 4; i++) this.code = this.code * 256 + this.next();
  }

  decode(context: number): number {
    const split = splitOf(this.range, this.contexts.chanceOfOne(context));
    const bit = this.code < split ? 1 : 0;
    if (bit === 1) {
      this.range = split;
    } else {
      this.code -= split;
      this.range -= split;
    }
    this.contexts.update(context, bit);
    while (this.range < LEAST_RANGE) {
      this.code = this.code * 256 + this.next();
      this.range *= 256;
    }
    return bit;
  }

  private next(): number {
    return this.at < this.bytes.length ? this.bytes[this.at++] : 0;
  }
}

function splitOf(range: number, chance: number): number {
  return Math.floor(range / 65536) * chance;
}
