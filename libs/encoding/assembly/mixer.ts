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

/** Of a 1 at the last bit that was mixed. */
export let mixedProbability: i32 = 0;

/** Codes one bit by eight tables, of which the slots' addresses come, and up to eight opinions, with one set of weights, and with a second one unless it is -1; learns from it. */
export function mixEight(
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
  const low = readSlots(a0, a1, a2, a3);
  const high = readSlots(a4, a5, a6, a7);
  const allWeights = <usize>load<u32>(mixer, 4);
  const weights = allWeights + ((<usize>set) << 6);
  const others = allWeights + ((<usize>max(0, second)) << 6);
  const stretched = stretchSlots(low, high);
  const x0 = i32x4.extend_low_i16x8_s(stretched);
  const x1 = i32x4.extend_high_i16x8_s(stretched);
  const logOdds = mixedOdds(weights, x0, x1, opinions, moreOpinions);
  let otherOdds = logOdds;
  if (second >= 0) otherOdds = mixedOdds(others, x0, x1, opinions, moreOpinions);
  const p = squash((logOdds + otherOdds) >> 1);
  mixedProbability = <i32>p;
  const coded = codeBit(bit, p);
  const uses = <usize>load<u32>(mixer, 8);
  const target = coded << 16;
  const rate = rateOf(uses + ((<usize>set) << 2), DECAY);
  descendAll(weights, x0, x1, opinions, moreOpinions, target - <i32>squash(logOdds), rate);
  if (second >= 0) {
    const otherRate = rateOf(uses + ((<usize>second) << 2), SECOND_DECAY);
    descendAll(others, x0, x1, opinions, moreOpinions, target - <i32>squash(otherOdds), otherRate);
  }
  const targets = i32x4.splat(coded ? 4194303 : 0);
  const fresh = i32x4.splat((p << 16) | 1);
  writeSlots(moveSlots(low, fresh, targets), a0, a1, a2, a3);
  writeSlots(moveSlots(high, fresh, targets), a4, a5, a6, a7);
  return coded;
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

/** The log-odds of eight slots, Int16: the upper 16 bits of a slot are its probability. */
function stretchSlots(low: v128, high: v128): v128 {
  // The address in the table: the upper 16 bits, times 2.
  const mask = i32x4.splat(0x1fffe);
  const l = v128.and(i32x4.shr_u(low, 15), mask);
  const h = v128.and(i32x4.shr_u(high, 15), mask);
  let odds = i16x8.splat(load<i16>(STRETCH + <usize>i32x4.extract_lane(l, 0)));
  odds = v128.load16_lane(STRETCH + <usize>i32x4.extract_lane(l, 1), odds, 1);
  odds = v128.load16_lane(STRETCH + <usize>i32x4.extract_lane(l, 2), odds, 2);
  odds = v128.load16_lane(STRETCH + <usize>i32x4.extract_lane(l, 3), odds, 3);
  odds = v128.load16_lane(STRETCH + <usize>i32x4.extract_lane(h, 0), odds, 4);
  odds = v128.load16_lane(STRETCH + <usize>i32x4.extract_lane(h, 1), odds, 5);
  odds = v128.load16_lane(STRETCH + <usize>i32x4.extract_lane(h, 2), odds, 6);
  return v128.load16_lane(STRETCH + <usize>i32x4.extract_lane(h, 3), odds, 7);
}

function dot(weights: usize, inputs: v128): v128 {
  const w = v128.load(weights);
  return i64x2.add(i64x2.extmul_low_i32x4_s(w, inputs), i64x2.extmul_high_i32x4_s(w, inputs));
}

function mixedOdds(weights: usize, x0: v128, x1: v128, opinions: v128, moreOpinions: v128): i32 {
  const sums = i64x2.add(
    i64x2.add(dot(weights, x0), dot(weights + 16, x1)),
    i64x2.add(dot(weights + 32, opinions), dot(weights + 48, moreOpinions)),
  );
  const sum = (i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1)) >> 16;
  return <i32>max<i64>(min<i64>(sum, LOG_ODDS_LIMIT), -LOG_ODDS_LIMIT);
}

function squash(logOdds: i32): u32 {
  return <u32>load<u16>(SQUASH + ((<usize>(logOdds + LOG_ODDS_LIMIT)) << 1));
}

function rateOf(counter: usize, decay: i32): i32 {
  const uses = load<i32>(counter);
  store<i32>(counter, uses + 1);
  if (uses >= (FASTEST / SLOWEST - 1) * decay) return SLOWEST;
  return max(SLOWEST, (FASTEST * decay) / (uses + decay));
}

function descendAll(
  weights: usize,
  x0: v128,
  x1: v128,
  opinions: v128,
  moreOpinions: v128,
  error: i32,
  rate: i32,
): void {
  const errors = i32x4.splat(error);
  const rates = i32x4.splat(rate);
  descend(weights, x0, errors, rates);
  descend(weights + 16, x1, errors, rates);
  descend(weights + 32, opinions, errors, rates);
  descend(weights + 48, moreOpinions, errors, rates);
}

function descend(weights: usize, inputs: v128, errors: v128, rates: v128): void {
  const slope = i32x4.shr_s(i32x4.add(i32x4.mul(inputs, errors), i32x4.splat(128)), 8);
  const step = i32x4.shr_s(i32x4.add(i32x4.mul(slope, rates), i32x4.splat(2048)), 12);
  v128.store(weights, i32x4.add(v128.load(weights), step));
}

/** The slots after a bit; one that was never used starts from `fresh`. */
function moveSlots(slots: v128, fresh: v128, targets: v128): v128 {
  const limit = i32x4.splat(SLOT_LIMIT);
  const unused = i32x4.eq(v128.and(slots, limit), i32x4.splat(0));
  const from = v128.bitselect(fresh, slots, unused);
  const uses = v128.and(from, limit);
  const p = i32x4.shr_u(from, 10);
  // floor(2^16 / (2 uses + 3)) is exact: it is further from the next whole number than a float32 is wrong.
  const divisors = i32x4.add(i32x4.shl(uses, 1), i32x4.splat(3));
  const rates = i32x4.trunc_sat_f32x4_s(f32x4.div(f32x4.splat(65536), f32x4.convert_i32x4_s(divisors)));
  const errors = i32x4.shr_s(i32x4.sub(targets, p), 6);
  const moved = i32x4.add(p, i32x4.shr_s(i32x4.mul(errors, rates), 9));
  return v128.or(i32x4.shl(moved, 10), i32x4.sub(uses, i32x4.lt_s(uses, limit)));
}
