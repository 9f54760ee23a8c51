/**
 * Adaptive probabilities, and whole numbers coded with them. A slot holds how probable a 1 is and how often it was used; it
 * moves by 1/(n + 1.5) of the error at its n-th use, which is the estimate (ones + 0.5) / (n + 1) of Krichevsky and Trofimov
 * in steps, and from `SLOT_LIMIT` uses on by a fixed share, so that it follows a source that drifts.
 */
import type { BinaryCoder } from './range-coder';

/** Uses after which a slot no longer slows down. */
export const SLOT_LIMIT = 1023;

/** A slot: probability in the upper 22 bits, uses in the lower 10. Starts at one half, unused. */
export const FRESH_SLOT = 2 ** 31;

/** 2^15 / (n + 1.5). */
const RATES = Int32Array.from({ length: SLOT_LIMIT + 1 }, (_, uses) =>
  Math.floor((2 * 32768) / (2 * uses + 3)),
);

/** The slot after it has seen `bit`. */
export function movedSlot(slot: number, bit: number): number {
  const uses = slot & 1023;
  const p = slot >>> 10;
  const target = bit ? 4194303 : 0;
  // (error / 64) * rate stays below 2^31.
  const moved = p + ((((target - p) >> 6) * RATES[uses]) >> 9);
  return ((moved << 10) | (uses < SLOT_LIMIT ? uses + 1 : uses)) >>> 0;
}

/** The slot's probability of a 1, a share of 2^16 from 1 to 2^16 - 1. */
export function slotProbability(slot: number): number {
  const p = slot >>> 16;
  return p === 0 ? 1 : p;
}

/** A row of independent adaptive bits. */
export class AdaptiveBits {
  private readonly slots: Uint32Array;

  constructor(size: number) {
    this.slots = new Uint32Array(size).fill(FRESH_SLOT);
  }

  /** Of a 1, as a share of 2^16. */
  probability(index: number): number {
    return slotProbability(this.slots[index]);
  }

  code(coder: BinaryCoder, index: number, bit: number): number {
    const coded = coder.code(bit, this.probability(index));
    this.learn(index, coded);
    return coded;
  }

  learn(index: number, bit: number): void {
    this.slots[index] = movedSlot(this.slots[index], bit);
  }
}

/** n + 1 has at most this many bits behind its first. */
const MAX_EXPONENT = 31;

/**
 * Whole numbers from 0 to 2^32 - 2, as adaptive Exp-Golomb: the bit length of n + 1 in unary, then its bits from the top; the
 * unary bits and the first two below the top adapt, the others are even.
 */
export class AdaptiveNumber {
  private readonly length = new AdaptiveBits(MAX_EXPONENT + 1);
  private readonly leading = new AdaptiveBits((MAX_EXPONENT + 1) * 4);

  code(coder: BinaryCoder, value: number): number {
    const target = value + 1;
    let exponent = 0;
    const actual = 31 - Math.clz32(target);
    while (exponent < MAX_EXPONENT && this.length.code(coder, exponent, exponent < actual ? 1 : 0))
      exponent++;
    let coded = 1;
    for (let i = exponent - 1; i >= 0; i--) {
      const bit = Math.floor(target / 2 ** i) % 2;
      const adaptive = exponent - 1 - i < 2;
      const context = exponent * 4 + (coded < 4 ? coded : 0);
      coded = coded * 2 + (adaptive ? this.leading.code(coder, context, bit) : coder.code(bit, 32768));
    }
    return coded - 1;
  }
}

/** `count` bits of equal probability, 0 to 32. */
export function codeRaw(coder: BinaryCoder, value: number, count: number): number {
  let coded = 0;
  for (let i = count - 1; i >= 0; i--) coded = coded * 2 + coder.code(Math.floor(value / 2 ** i) % 2, 32768);
  return coded;
}
