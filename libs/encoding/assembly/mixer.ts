/**
 * Logistic mixing (src/arithmetic/mixed-bits.ts) on 128-bit lanes. Slots and inputs stay in registers from the reading to the
 * learning: four narrow stores that are read back as one wide word stall a processor.
 *
 * A mixer in memory is Int32 [4]: nothing, where its weights are, its uses, its tables' slots. A set of weights is Int32 [16]: the
 * tables, zeros up to eight, then the opinions, zeros up to sixteen.
 */
import { SQUASH, STRETCH } from './memory';
import { codeBit } from './range-coder';

export const ONE: i32 = 65536;
export const NAT: i32 = 256;
export const LOG_ODDS_LIMIT: i32 = 11 * NAT - 1;
const SLOT_LIMIT: i32 = 1023;
/** SECOND_RULE: the first version's files are left to the plain code. */
const FASTEST: i32 = 20;
const SLOWEST: i32 = 2;
const DECAY: i32 = 4096;
/** CALM_RULE, whose other rates are 8 times SECOND_RULE's. */
const CALMEST: i32 = 4;
/** SECOND_MIXING. */
const SECOND_DECAY: i32 = 256;

export function stretch(p: u32): i32 {
  return <i32>load<i16>(STRETCH + ((<usize>p) << 1));
}

/** Where the slots of a mixer's tables begin. */
export function slotsOf(mixer: usize): usize {
  return <usize>load<u32>(mixer, 12);
}

export function slotAt(slots: usize, context: i32): usize {
  return slots + ((<usize>context) << 2);
}

/** By CALM_RULE: four more bits of fraction, and rates in eighths. */
let isCalm: i32 = 0;

/** How a tensor is mixed that is mixed once. */
export function openMixing(calm: i32): void {
  isCalm = calm;
}

/** Of a 1 at the last bit that was mixed. */
export let mixedProbability: i32 = 0;

/**
 * Codes one bit by eight tables, of which the slots' addresses come, and up to eight opinions, as pairs; learns from it. By one set of
 * weights, since choices cost where a tensor is large.
 */
export function mixOnce(
  mixer: usize,
  bit: i32,
  set: i32,
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  a4: usize,
  a5: usize,
  a6: usize,
  a7: usize,
  opinions: v128,
  moreOpinions: v128,
): i32 {
  const stretched = stretchSlots(a0, a1, a2, a3, a4, a5, a6, a7);
  const x0 = lowerPairs(stretched);
  const x1 = upperPairs(stretched);
  const weights = <usize>load<u32>(mixer, 4) + ((<usize>set) << 6);
  const logOdds = mixedOdds(weights, x0, x1, opinions, moreOpinions, isCalm ? 4 : 0);
  const p = squash(logOdds);
  mixedProbability = <i32>p;
  const coded = codeBit(bit, p);
  const error = (coded << 16) - <i32>p;
  const uses = <usize>load<u32>(mixer, 8) + ((<usize>set) << 2);
  if (isCalm) {
    const rate = rateOf(uses, DECAY, 8 * FASTEST, CALMEST);
    descendAll(weights, x0, x1, opinions, moreOpinions, error, rate, 11);
  } else {
    descendAll(weights, x0, x1, opinions, moreOpinions, error, rateOf(uses, DECAY, FASTEST, SLOWEST), 12);
  }
  learnFour(coded, p, a0, a1, a2, a3);
  learnFour(coded, p, a4, a5, a6, a7);
  return coded;
}

/** The same by the mean of what two sets of weights say. */
export function mixTwice(
  mixer: usize,
  bit: i32,
  set: i32,
  second: i32,
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  a4: usize,
  a5: usize,
  a6: usize,
  a7: usize,
  opinions: v128,
  moreOpinions: v128,
): i32 {
  const stretched = stretchSlots(a0, a1, a2, a3, a4, a5, a6, a7);
  const x0 = lowerPairs(stretched);
  const x1 = upperPairs(stretched);
  const allWeights = <usize>load<u32>(mixer, 4);
  const weights = allWeights + ((<usize>set) << 6);
  const others = allWeights + ((<usize>second) << 6);
  const logOdds = mixedOdds(weights, x0, x1, opinions, moreOpinions, 0);
  const otherOdds = mixedOdds(others, x0, x1, opinions, moreOpinions, 0);
  const p = squash((logOdds + otherOdds) >> 1);
  mixedProbability = <i32>p;
  const coded = codeBit(bit, p);
  const uses = <usize>load<u32>(mixer, 8);
  const target = coded << 16;
  const rate = rateOf(uses + ((<usize>set) << 2), DECAY, FASTEST, SLOWEST);
  descendAll(weights, x0, x1, opinions, moreOpinions, target - <i32>squash(logOdds), rate, 12);
  const otherRate = rateOf(uses + ((<usize>second) << 2), SECOND_DECAY, FASTEST, SLOWEST);
  descendAll(others, x0, x1, opinions, moreOpinions, target - <i32>squash(otherOdds), otherRate, 12);
  learnFour(coded, p, a0, a1, a2, a3);
  learnFour(coded, p, a4, a5, a6, a7);
  return coded;
}

/** Moves four slots towards a bit whose mixed probability was `p`. */
function learnFour(coded: i32, p: u32, a0: usize, a1: usize, a2: usize, a3: usize): void {
  const targets = i32x4.splat(coded ? 4194303 : 0);
  const fresh = i32x4.splat((p << 16) | 1);
  writeSlots(moveSlots(readSlots(a0, a1, a2, a3), fresh, targets), a0, a1, a2, a3);
}

export function slotProbability(address: usize): u32 {
  return max<u32>(1, load<u32>(address) >>> 16);
}

/** Codes one bit by one slot alone. */
export function codeSlot(address: usize, bit: i32): i32 {
  const coded = codeBit(bit, slotProbability(address));
  learnSlot(address, coded);
  return coded;
}

export function learnSlot(address: usize, bit: i32): void {
  const slot = load<u32>(address);
  const uses = <i32>(slot & SLOT_LIMIT);
  const p = <i32>(slot >>> 10);
  const error = ((bit ? 4194303 : 0) - p) >> 6;
  const moved = p + ((error * (65536 / (2 * uses + 3))) >> 9);
  store<u32>(address, <u32>((moved << 10) | min(SLOT_LIMIT, uses + 1)));
}

function readSlots(a0: usize, a1: usize, a2: usize, a3: usize): v128 {
  let slots = v128.load32_zero(a0);
  slots = v128.load32_lane(a1, slots, 1);
  slots = v128.load32_lane(a2, slots, 2);
  return v128.load32_lane(a3, slots, 3);
}

function writeSlots(slots: v128, a0: usize, a1: usize, a2: usize, a3: usize): void {
  v128.store32_lane(a0, slots, 0);
  v128.store32_lane(a1, slots, 1);
  v128.store32_lane(a2, slots, 2);
  v128.store32_lane(a3, slots, 3);
}

/** Where the log-odds of a slot are: its upper 16 bits are its probability, and a number of the table has 2 bytes. */
function oddsAt(slot: usize): usize {
  return STRETCH + <usize>((load<u32>(slot) >>> 15) & 0x1fffe);
}

/** The log-odds of eight slots, Int16. */
function stretchSlots(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  a4: usize,
  a5: usize,
  a6: usize,
  a7: usize,
): v128 {
  let odds = v128.load16_lane(oddsAt(a0), i16x8.splat(0), 0);
  odds = v128.load16_lane(oddsAt(a1), odds, 1);
  odds = v128.load16_lane(oddsAt(a2), odds, 2);
  odds = v128.load16_lane(oddsAt(a3), odds, 3);
  odds = v128.load16_lane(oddsAt(a4), odds, 4);
  odds = v128.load16_lane(oddsAt(a5), odds, 5);
  odds = v128.load16_lane(oddsAt(a6), odds, 6);
  return v128.load16_lane(oddsAt(a7), odds, 7);
}

/** The first four of eight inputs, Int16, as such pairs (`pairsOf`). */
export function lowerPairs(inputs: v128): v128 {
  return i16x8.shuffle(inputs, i16x8.add(inputs, inputs), 0, 8, 1, 9, 2, 10, 3, 11);
}

/** The other four. */
export function upperPairs(inputs: v128): v128 {
  return i16x8.shuffle(inputs, i16x8.add(inputs, inputs), 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Four inputs, Int32, as pairs: the lower 16 bits are the input, the upper ones twice the input. */
export function pairsOf(inputs: v128): v128 {
  return v128.or(i32x4.shl(inputs, 17), v128.and(inputs, i32x4.splat(0xffff)));
}

/** Inputs times the upper 16 bits of their weights, rounded. */
function upperDot(weights: usize, x: v128): v128 {
  const upper = i32x4.add(v128.load(weights), i32x4.splat(0x8000));
  return i32x4.dot_i16x8_s(upper, i32x4.shl(x, 16));
}

/** And times what that leaves, between -2^15 and 2^15. */
function lowerDot(weights: usize, x: v128): v128 {
  return i32x4.dot_i16x8_s(v128.load(weights), v128.and(x, i32x4.splat(0xffff)));
}

function mixedOdds(weights: usize, x0: v128, x1: v128, x2: v128, x3: v128, finer: i32): i32 {
  const upper = i32x4.add(
    i32x4.add(upperDot(weights, x0), upperDot(weights + 16, x1)),
    i32x4.add(upperDot(weights + 32, x2), upperDot(weights + 48, x3)),
  );
  const lower = i32x4.add(
    i32x4.add(lowerDot(weights, x0), lowerDot(weights + 16, x1)),
    i32x4.add(lowerDot(weights + 32, x2), lowerDot(weights + 48, x3)),
  );
  const both = i32x4.add(i32x4.shuffle(upper, lower, 0, 4, 1, 5), i32x4.shuffle(upper, lower, 2, 6, 3, 7));
  const sums = i32x4.add(both, i32x4.shuffle(both, both, 2, 3, 0, 1));
  const sum = (i32x4.extract_lane(sums, 0) + (i32x4.extract_lane(sums, 1) >> 16)) >> finer;
  return max(min(sum, LOG_ODDS_LIMIT), -LOG_ODDS_LIMIT);
}

function squash(logOdds: i32): u32 {
  return <u32>load<u16>(SQUASH + ((<usize>(logOdds + LOG_ODDS_LIMIT)) << 1));
}

function rateOf(counter: usize, decay: i32, fastest: i32, slowest: i32): i32 {
  const uses = load<i32>(counter);
  store<i32>(counter, uses + 1);
  if (uses >= (fastest / slowest - 1) * decay) return slowest;
  return max(slowest, (fastest * decay) / (uses + decay));
}

function descendAll(
  weights: usize,
  x0: v128,
  x1: v128,
  x2: v128,
  x3: v128,
  error: i32,
  rate: i32,
  shift: i32,
): void {
  // An error has 17 bits: the last for the input, the others for its double.
  const errors = i32x4.splat((error & 1) | ((error >> 1) << 16));
  // The slowest rates are powers of 2: what they multiply by is left out of the shift.
  const isSlow = rate === SLOWEST || rate === CALMEST;
  const less = isSlow ? shift - ctz(rate) : shift;
  const half = i32x4.splat(1 << (less - 1));
  if (isSlow) {
    descendSlowly(weights, x0, errors, half, less);
    descendSlowly(weights + 16, x1, errors, half, less);
    descendSlowly(weights + 32, x2, errors, half, less);
    descendSlowly(weights + 48, x3, errors, half, less);
    return;
  }
  const rates = i32x4.splat(rate);
  descend(weights, x0, errors, rates, half, less);
  descend(weights + 16, x1, errors, rates, half, less);
  descend(weights + 32, x2, errors, rates, half, less);
  descend(weights + 48, x3, errors, rates, half, less);
}

function slopeOf(x: v128, errors: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(x, errors), i32x4.splat(128)), 8);
}

function descend(weights: usize, x: v128, errors: v128, rates: v128, half: v128, shift: i32): void {
  const step = i32x4.shr_s(i32x4.add(i32x4.mul(slopeOf(x, errors), rates), half), shift);
  v128.store(weights, i32x4.add(v128.load(weights), step));
}

function descendSlowly(weights: usize, x: v128, errors: v128, half: v128, shift: i32): void {
  const step = i32x4.shr_s(i32x4.add(slopeOf(x, errors), half), shift);
  v128.store(weights, i32x4.add(v128.load(weights), step));
}

/** The slots after a bit; one that was never used starts from `fresh`. */
function moveSlots(slots: v128, fresh: v128, targets: v128): v128 {
  const limit = i32x4.splat(SLOT_LIMIT);
  const unused = i32x4.eq(v128.and(slots, limit), i32x4.splat(0));
  let from = slots;
  // A branch, since a choice would wait for the mixed probability each time, and hardly ever is a slot new.
  if (v128.any_true(unused)) from = v128.bitselect(fresh, slots, unused);
  const uses = v128.and(from, limit);
  const p = i32x4.shr_u(from, 10);
  // floor(2^16 / (2 uses + 3)) is exact: it is further from the next whole number than a float32 is wrong.
  const divisors = i32x4.add(i32x4.shl(uses, 1), i32x4.splat(3));
  const quotients = f32x4.div(f32x4.splat(65536), f32x4.convert_i32x4_s(divisors));
  // Rounded down by a sum that has no room for a fraction.
  const rates = i32x4.sub(f32x4.add(quotients, f32x4.splat(8388607.5)), i32x4.splat(0x4b000000));
  const errors = i32x4.shr_s(i32x4.sub(targets, p), 6);
  const moved = i32x4.add(p, i32x4.shr_s(i32x4.mul(errors, rates), 9));
  return v128.or(i32x4.shl(moved, 10), i32x4.sub(uses, i32x4.lt_s(uses, limit)));
}
