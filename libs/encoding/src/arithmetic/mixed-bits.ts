/**
 * Logistic mixing (Mahoney 2005, PAQ7): several models of the next bit each say their log-odds; a weighted sum of them is the
 * log-odds that is coded, and the weights learn online, by gradient descent on the coding cost. A model is either a table of
 * adaptive slots, picked by a context, or a direct opinion that the caller computes. Whole numbers throughout.
 */
import { FRESH_SLOT, movedSlot } from './adaptive-bits';
import { LOG_ODDS_LIMIT, SQUASH, STRETCH } from './logistic';
import type { BinaryCoder } from './range-coder';

export interface MixedBitsShape {
  /** Number of contexts of each table. */
  readonly tables: readonly number[];
  /** Number of opinions that the caller gives. */
  readonly opinions: number;
  /** Sets of weights; each call picks one. */
  readonly sets: number;
}

/** Weights are in 1/65536. Together they start slightly above 1: the models agree more often than they err together. */
const WEIGHT_ONE = 65536;
const STARTING_SUM = 1.1;

/** How the weights learn. Steps are in 1/4096 of (error x log-odds): large at first, `fastest / (uses / decay + 1)`. */
export interface MixingRule {
  readonly fastest: number;
  readonly slowest: number;
  readonly decay: number;
  /** To the nearest step, or down? */
  readonly rounds: boolean;
}

/**
 * The rule of version 1 of the artifact format, and of its header for good. Rounding every step down pulls all weights down, in the
 * long run by more than what there is to learn: 4 % more bytes at 6 million weights, 22 % at 50 million.
 */
export const FIRST_RULE: MixingRule = { fastest: 60, slowest: 6, decay: 64, rounds: false };
/** The rule since version 2. Weights that do not drift can go on learning for longer, and settle closer. */
export const SECOND_RULE: MixingRule = { fastest: 20, slowest: 2, decay: 4096, rounds: true };

/** What each of `count` weights starts at. */
export function startingWeight(count: number): number {
  return Math.floor((WEIGHT_ONE * STARTING_SUM) / count);
}

/** What is added before the two shifts. */
export const HALF_STEPS = { first: 128, second: 2048 } as const;
export const NO_STEPS = { first: 0, second: 0 } as const;

export class MixedBits {
  /** Set before each call: the context of each table. */
  readonly contexts: Int32Array;
  /** Set before each call: log-odds in 1/256 nat. */
  readonly opinions: Int32Array;
  private readonly tableCount: number;
  private readonly offsets: Int32Array;
  private readonly slots: Uint32Array;
  private readonly inputs: Int32Array;
  private readonly weights: Int32Array;
  private readonly uses: Int32Array;

  constructor(
    shape: MixedBitsShape,
    private readonly rule: MixingRule,
  ) {
    this.tableCount = shape.tables.length;
    this.contexts = new Int32Array(this.tableCount);
    this.opinions = new Int32Array(shape.opinions);
    this.offsets = new Int32Array(this.tableCount);
    let slots = 0;
    shape.tables.forEach((size, table) => {
      this.offsets[table] = slots;
      slots += size;
    });
    this.slots = new Uint32Array(slots).fill(FRESH_SLOT);
    const count = this.tableCount + shape.opinions;
    this.inputs = new Int32Array(count);
    this.weights = new Int32Array(count * shape.sets).fill(startingWeight(count));
    this.uses = new Int32Array(shape.sets);
  }

  /** Codes one bit with the contexts and opinions that were set, and learns from it. */
  code(coder: BinaryCoder, bit: number, set: number): number {
    const { contexts, opinions, offsets, slots, inputs, weights, tableCount } = this;
    const count = inputs.length;
    const base = set * count;
    let sum = 0;
    for (let i = 0; i < tableCount; i++) {
      const slot = slots[offsets[i] + contexts[i]];
      const input = STRETCH[slot >>> 16];
      inputs[i] = input;
      sum += weights[base + i] * input;
    }
    for (let i = tableCount; i < count; i++) {
      inputs[i] = opinions[i - tableCount];
      sum += weights[base + i] * inputs[i];
    }
    let logOdds = Math.floor(sum / WEIGHT_ONE);
    if (logOdds > LOG_ODDS_LIMIT) logOdds = LOG_ODDS_LIMIT;
    else if (logOdds < -LOG_ODDS_LIMIT) logOdds = -LOG_ODDS_LIMIT;
    const p = SQUASH[logOdds + LOG_ODDS_LIMIT];
    const coded = coder.code(bit, p);
    this.learn(coded, p, base, set);
    return coded;
  }

  private learn(bit: number, p: number, base: number, set: number): void {
    const { contexts, offsets, slots, inputs, weights, tableCount } = this;
    const uses = this.uses[set]++;
    const { fastest, slowest, decay, rounds } = this.rule;
    const rate = Math.max(slowest, Math.floor((fastest * decay) / (uses + decay)));
    const half = rounds ? HALF_STEPS : NO_STEPS;
    const error = (bit << 16) - p;
    for (let i = 0; i < inputs.length; i++) {
      // log-odds (12 bits) x error (17 bits) x rate (6 bits), shifted in two steps to stay within 32 bits.
      weights[base + i] += (((inputs[i] * error + half.first) >> 8) * rate + half.second) >> 12;
    }
    for (let i = 0; i < tableCount; i++) {
      const at = offsets[i] + contexts[i];
      // A context that was never seen starts at what the others say together.
      const slot = (slots[at] & 1023) === 0 ? ((p << 16) | 1) >>> 0 : slots[at];
      slots[at] = movedSlot(slot, bit);
    }
  }
}
