/** Logistic mixing (src/arithmetic/mixed-bits.ts): the dot product and the descent on four 32-bit lanes. */
import { RATES, SQUASH, STRETCH } from './memory';
import { codeBit } from './range-coder';

export const ONE: i32 = 65536;
export const NAT: i32 = 256;
export const LOG_ODDS_LIMIT: i32 = 11 * NAT - 1;
const SLOWEST_RATE: i32 = 6;
/** FASTEST_RATE * RATE_DECAY and RATE_DECAY. */
const RATE_START: i32 = 60 * 64;
const RATE_DECAY: i32 = 64;
const SLOWEST_FROM: i32 = 576;
const SLOT_LIMIT: u32 = 1023;

/**
 * A mixer in memory, Int32: [number of tables] [weights at] [uses at] [0], addresses of the tables' slots [12], inputs [16]. Weights
 * are [sets, 16]; tables, then opinions, then zeros. Opinions are written by the caller straight into the inputs.
 */
const MIXER_ADDRESSES: usize = 16;
const MIXER_INPUTS: usize = 64;

export function stretch(p: u32): i32 {
  return <i32>load<i16>(STRETCH + ((<usize>p) << 1));
}

function readTable(mixer: usize, i: usize): void {
  const slot = load<u32>(<usize>load<u32>(mixer + MIXER_ADDRESSES + (i << 2)));
  store<i32>(mixer + MIXER_INPUTS + (i << 2), stretch(slot >>> 16));
}

function moveTable(mixer: usize, i: usize, p: u32, target: i32): void {
  const address = <usize>load<u32>(mixer + MIXER_ADDRESSES + (i << 2));
  let slot = load<u32>(address);
  const fresh = (slot & SLOT_LIMIT) === 0;
  slot = select<u32>((p << 16) | 1, slot, fresh);
  const uses = slot & SLOT_LIMIT;
  const from = <i32>(slot >>> 10);
  const moved = from + ((((target - from) >> 6) * load<i32>(RATES + ((<usize>uses) << 2))) >> 9);
  store<u32>(address, ((<u32>moved) << 10) | (uses + <u32>(uses < SLOT_LIMIT)));
}

function dot(weights: usize, inputs: usize): v128 {
  const w = v128.load(weights);
  const x = v128.load(inputs);
  return i64x2.add(i64x2.extmul_low_i32x4_s(w, x), i64x2.extmul_high_i32x4_s(w, x));
}

function descend(weights: usize, inputs: usize, error: v128, rate: v128): void {
  const step = i32x4.shr_s(i32x4.mul(i32x4.shr_s(i32x4.mul(v128.load(inputs), error), 8), rate), 12);
  v128.store(weights, i32x4.add(v128.load(weights), step));
}

/** Codes one bit with what stands in the mixer, and learns from it. `tables` and `vectors` (of 4 inputs) are constants. */
export function mix(mixer: usize, bit: i32, set: i32, tables: usize, vectors: usize): i32 {
  readTable(mixer, 0);
  readTable(mixer, 1);
  readTable(mixer, 2);
  readTable(mixer, 3);
  readTable(mixer, 4);
  readTable(mixer, 5);
  if (tables > 6) {
    readTable(mixer, 6);
    readTable(mixer, 7);
  }
  const inputs = mixer + MIXER_INPUTS;
  const weights = <usize>load<u32>(mixer, 4) + ((<usize>set) << 6);
  let sums = i64x2.add(dot(weights, inputs), dot(weights + 16, inputs + 16));
  if (vectors > 2) sums = i64x2.add(sums, dot(weights + 32, inputs + 32));
  if (vectors > 3) sums = i64x2.add(sums, dot(weights + 48, inputs + 48));
  const sum = (i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1)) >> 16;
  const logOdds = <i32>max<i64>(min<i64>(sum, LOG_ODDS_LIMIT), -LOG_ODDS_LIMIT);
  const p = <u32>load<u16>(SQUASH + ((<usize>(logOdds + LOG_ODDS_LIMIT)) << 1));
  const coded = codeBit(bit, p);

  const counter = <usize>load<u32>(mixer, 8) + ((<usize>set) << 2);
  const uses = load<i32>(counter);
  store<i32>(counter, uses + 1);
  const rate = uses >= SLOWEST_FROM ? SLOWEST_RATE : max(SLOWEST_RATE, RATE_START / (uses + RATE_DECAY));
  const error = i32x4.splat((coded << 16) - <i32>p);
  const rates = i32x4.splat(rate);
  descend(weights, inputs, error, rates);
  descend(weights + 16, inputs + 16, error, rates);
  if (vectors > 2) descend(weights + 32, inputs + 32, error, rates);
  if (vectors > 3) descend(weights + 48, inputs + 48, error, rates);
  const target = coded ? 4194303 : 0;
  moveTable(mixer, 0, p, target);
  moveTable(mixer, 1, p, target);
  moveTable(mixer, 2, p, target);
  moveTable(mixer, 3, p, target);
  moveTable(mixer, 4, p, target);
  moveTable(mixer, 5, p, target);
  if (tables > 6) {
    moveTable(mixer, 6, p, target);
    moveTable(mixer, 7, p, target);
  }
  return coded;
}

export function setContext(mixer: usize, i: usize, slots: usize, context: i32): void {
  store<u32>(mixer + MIXER_ADDRESSES + (i << 2), <u32>(slots + ((<usize>context) << 2)));
}

export function setInput(mixer: usize, i: usize, value: i32): void {
  store<i32>(mixer + MIXER_INPUTS + (i << 2), value);
}
