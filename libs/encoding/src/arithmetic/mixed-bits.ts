/**
 * Logistic mixing (Mahoney 2005, PAQ7): several models of the next bit each say their log-odds; a weighted sum of them is the
 * log-odds that is coded, and the weights learn online, by gradient descent on the coding cost. A model is either a table of
 * adaptive slots, picked by a context, or a direct opinion that the caller computes. Whole numbers throughout.
 */
import { FRESH_SLOT, movedSlot, slotProbability } from './adaptive-bits';
import { LOG_ODDS_LIMIT, SQUASH, STRETCH } from './logistic';
import type { BinaryCoder } from './range-coder';

export interface MixedBitsShape {
  /** Number of contexts of each table. */
  readonly tables: readonly number[];
  /** Number of opinions that the caller gives. */
  readonly opinions: number;
  /** Sets of weights; each call picks one. */
  readonly sets: number;
  /** Of a second mixing, which says its log-odds beside the first: what is coded is their mean. None: there is no second one. */
  readonly secondSets?: number;
}

/** Together weights start slightly above 1: the models agree more often than they err together. */
const STARTING_SUM = 1.1;

/** How the weights learn: by steps of (error x log-odds) x rate / 2^shift; rates are large at first, `fastest / (uses / decay + 1)`. */
export interface MixingRule {
  readonly fastest: number;
  readonly slowest: number;
  readonly decay: number;
  /** To the nearest step, or down? */
  readonly rounds: boolean;
  /** Bits behind a weight's point. */
  readonly fraction: number;
  readonly shift: number;
}

/**
 * The rule of version 1 of the artifact format, and of its header for good. Rounding every step down pulls all weights down, in the
 * long run by more than what there is to learn: 4 % more bytes at 6 million weights, 22 % at 50 million.
 */
export const FIRST_RULE: MixingRule = { ...ruleOf(60, 6, 64), rounds: false };
/** The rule since version 2. Weights that do not drift can go on learning for longer, and settle closer. */
export const SECOND_RULE: MixingRule = ruleOf(20, 2, 4096);

/**
 * The rule of large tensors since version 4: rates begin like the second rule's and end at a quarter of them, where weights are no longer
 * thrown about by each survivor. With 16 bits behind the point the steps of rare bits were so small that rounding bent them: 0.6 %
 * of VGG-16's fc6 at 4 % (of which 0.7 % were to be had at all), 2 % of a large layer at 0.5 %.
 */
export const CALM_RULE: MixingRule = {
  fastest: 160,
  slowest: 4,
  decay: 4096,
  rounds: true,
  fraction: 20,
  shift: 11,
};

/** Of a second mixing: where there are few bits, or few of a kind, this settles in time. */
export const SECOND_MIXING: MixingRule = ruleOf(20, 2, 256);

/** Weights in 1/65536, rates in 1/4096. */
export function ruleOf(fastest: number, slowest: number, decay: number): MixingRule {
  return { fastest, slowest, decay, rounds: true, fraction: 16, shift: 12 };
}

/** What each of `count` weights starts at, in 1/65536. */
export function startingWeight(count: number): number {
  return Math.floor((65536 * STARTING_SUM) / count);
}

export class MixedBits {
  /** Set before each call: the context of each table. */
  readonly contexts: Int32Array;
  /** Set before each call: log-odds in 1/256 nat. */
  readonly opinions: Int32Array;
  /** Of a 1 at the last bit, as a share of 2^16: by all, and by the first table's slot. */
  mixed = 0;
  alone = 0;
  private readonly tableCount: number;
  private readonly sets: number;
  private readonly twice: boolean;
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
    const sets = shape.sets + (shape.secondSets ?? 0);
    this.sets = shape.sets;
    this.twice = sets > shape.sets;
    this.weights = new Int32Array(count * sets).fill(startingWeight(count) << (rule.fraction - 16));
    this.uses = new Int32Array(sets);
  }

  /** Codes one bit with the contexts and opinions that were set, and learns from it. `second`: the set of a second mixing. */
  code(coder: BinaryCoder, bit: number, set: number, second = 0): number {
    this.readInputs();
    const first = this.logOddsBy(set);
    const then = this.twice ? this.logOddsBy(this.sets + second) : first;
    const p = SQUASH[((first + then) >> 1) + LOG_ODDS_LIMIT];
    this.mixed = p;
    this.alone = this.slots[this.offsets[0] + this.contexts[0]] >>> 16;
    const coded = coder.code(bit, p);
    this.learn(coded, first, set, this.rule);
    if (this.twice) this.learn(coded, then, this.sets + second, SECOND_MIXING);
    this.moveSlots(coded, p);
    return coded;
  }

  /** Codes one bit by the slot of the first table's context alone. */
  codeAlone(coder: BinaryCoder, bit: number): number {
    const at = this.offsets[0] + this.contexts[0];
    const coded = coder.code(bit, slotProbability(this.slots[at]));
    this.slots[at] = movedSlot(this.slots[at], coded);
    return coded;
  }

  private readInputs(): void {
    const { contexts, opinions, offsets, slots, inputs, tableCount } = this;
    for (let i = 0; i < tableCount; i++) inputs[i] = STRETCH[slots[offsets[i] + contexts[i]] >>> 16];
    inputs.set(opinions, tableCount);
  }

  private logOddsBy(set: number): number {
    const { inputs, weights } = this;
    const base = set * inputs.length;
    let sum = 0;
    for (let i = 0; i < inputs.length; i++) sum += weights[base + i] * inputs[i];
    return Math.max(-LOG_ODDS_LIMIT, Math.min(LOG_ODDS_LIMIT, Math.floor(sum / 2 ** this.rule.fraction)));
  }

  private learn(bit: number, logOdds: number, set: number, rule: MixingRule): void {
    const { inputs, weights } = this;
    const uses = this.uses[set]++;
    const { fastest, slowest, decay, rounds, shift } = rule;
    const rate = Math.max(slowest, Math.floor((fastest * decay) / (uses + decay)));
    const half = rounds ? { first: 128, second: 1 << (shift - 1) } : { first: 0, second: 0 };
    const error = (bit << 16) - SQUASH[logOdds + LOG_ODDS_LIMIT];
    const base = set * inputs.length;
    for (let i = 0; i < inputs.length; i++) {
      // log-odds (12 bits) x error (17 bits) x rate (8 bits), shifted in two steps to stay within 32 bits.
      weights[base + i] += (((inputs[i] * error + half.first) >> 8) * rate + half.second) >> shift;
    }
  }

  private moveSlots(bit: number, p: number): void {
    const { contexts, offsets, slots, tableCount } = this;
    for (let i = 0; i < tableCount; i++) {
      const at = offsets[i] + contexts[i];
      // A context that was never seen starts at what the others say together.
      const slot = (slots[at] & 1023) === 0 ? ((p << 16) | 1) >>> 0 : slots[at];
      slots[at] = movedSlot(slot, bit);
    }
  }
}
