/**
 * What the map can know of the weights of a row before it codes them: their contexts and opinions but for what hangs on the weights
 * before them in the row, eight outputs in a vector (src/arithmetic/significance-map.ts).
 */
import {
  AROUND,
  BEFORE,
  BESIDE_KEPT,
  CHANNELS,
  KERNEL_KEPT,
  LIVE_COUNT,
  OUTPUTS,
  OUTPUT_KEPT,
  PREPARED,
  RANK_IN_CHANNEL,
  SCANNED_COUNT,
  SPATIAL,
  STRETCH,
  parameter,
  pointer,
} from './memory';
import { NAT, ONE, lowerPairs, upperPairs } from './mixer';
import { COARSE, all, besideOdds, rateIfAny, shareBeside } from './shares';

/** The most outputs that are prepared at once. */
export const CHUNK: i32 = 64;
/** What is prepared of them: Int16 or Uint16 [CHUNK] each, then the opinions, Int32 [CHUNK, 4]. */
export const OUTPUT_ODDS: usize = 0;
export const COARSE_CONTEXT: usize = 128;
export const FIRST_CONTEXT: usize = 256;
export const NEAR_CONTEXT: usize = 384;
export const AROUND_CONTEXT: usize = 512;
export const DENSITY_CONTEXT: usize = 640;
export const FIFTH_CONTEXT: usize = 768;
export const BENEATH_CONTEXT: usize = 896;
export const LAST_CONTEXT: usize = 1024;
export const OPINIONS: usize = 1152;
/** Room for eight shares. */
const RATES: usize = 2176;

/** `size` outputs from `from` on (both multiples of 8), in the row that is the `i`th in the scan. */
export function prepare(row: i32, i: i32, from: i32, size: i32): void {
  const outputs = parameter(OUTPUTS);
  const at4 = (<usize>row) << 2;
  const prepared = pointer(PREPARED);
  shareBeside(
    load<i32>(pointer(BESIDE_KEPT) + at4),
    <i32>load<u8>(pointer(BEFORE) + <usize>row) * parameter(LIVE_COUNT),
  );
  const outputKept = pointer(OUTPUT_KEPT) + ((<usize>from) << 2);
  const left = parameter(SCANNED_COUNT) - i;
  const kernels = kernelOf(row, from);
  const inKernel = load<i32>(pointer(RANK_IN_CHANNEL) + at4);
  const spatial = parameter(SPATIAL);
  const count = min(size, outputs - from);
  const beside = i32x4.splat((besideOdds & 0xffff) | (besideOdds << 17));
  const patterns = pointer(AROUND) + <usize>from;
  const densities = patterns + <usize>outputs;
  for (let k: usize = 0; k < <usize>count; k += 8) {
    const at = prepared + (k << 1);
    const inFirst = v128.load(outputKept + (k << 2));
    const inSecond = v128.load(outputKept + (k << 2), 16);
    const rates = prepared + RATES;
    v128.store(rates, sharesOf(inFirst, i));
    v128.store(rates, sharesOf(inSecond, i), 16);
    if (!(i32x4.all_true(inFirst) && i32x4.all_true(inSecond))) {
      for (let at4 = 0; at4 < 32; at4 += 4) {
        if (load<i32>(outputKept + (k << 2) + at4) !== 0) continue;
        store<i32>(rates + at4, rateIfAny(load<i32>(rates + at4), left));
      }
    }
    const odds = stretchEight(rates);
    v128.store(at, odds, OUTPUT_ODDS);
    let kernelOdds = i16x8.splat(0);
    const coarseOdds = i16x8.max_s(
      i16x8.splat(0),
      i16x8.min_s(
        i16x8.splat(<i16>(COARSE - 1)),
        i16x8.shr_s(i16x8.add(odds, i16x8.splat(<i16>(8 * NAT))), 7),
      ),
    );
    v128.store(at, coarseOdds, COARSE_CONTEXT);
    const quarter = i16x8.shr_u(coarseOdds, 2);
    const pattern = v128.load8x8_u(patterns + k);
    const one = i16x8.splat(1);
    const west = v128.and(pattern, one);
    const north = v128.and(i16x8.shr_u(pattern, 1), one);
    const channel = i16x8.shr_u(pattern, 6);
    const straight = i16x8.add(west, north);
    const around = i16x8.add(
      straight,
      i16x8.add(v128.and(i16x8.shr_u(pattern, 2), one), v128.and(i16x8.shr_u(pattern, 3), one)),
    );
    const near = i16x8.min_s(i16x8.splat(8), i16x8.add(i16x8.add(around, straight), channel));
    v128.store(at, i16x8.add(i16x8.mul(coarseOdds, i16x8.splat(9)), near), NEAR_CONTEXT);
    v128.store(at, i16x8.min_s(i16x8.splat(3), around), AROUND_CONTEXT);
    const beneath = i16x8.add(i16x8.add(i16x8.shl(channel, 2), i16x8.shl(west, 3)), i16x8.shl(north, 4));
    v128.store(at, i16x8.mul(beneath, i16x8.splat(12)), BENEATH_CONTEXT);
    const dense = i16x8.mul(v128.load8x8_u(densities + k), i16x8.splat(<i16>COARSE));
    v128.store(at, i16x8.add(dense, coarseOdds), DENSITY_CONTEXT);
    if (spatial) {
      v128.store(at, dense, FIFTH_CONTEXT);
      const place = i16x8.mul(v128.and(pattern, i16x8.splat(63)), i16x8.splat(6));
      v128.store(at, i16x8.add(place, i16x8.min_s(i16x8.splat(5), quarter)), FIRST_CONTEXT);
    } else {
      v128.store(at, quarter, FIRST_CONTEXT);
      const few = i16x8.min_s(i16x8.splat(3), i16x8.narrow_i32x4_s(inFirst, inSecond));
      v128.store(at, i16x8.mul(few, i16x8.splat(<i16>COARSE)), FIFTH_CONTEXT);
    }
    if (kernels) {
      const first = v128.load(kernels + (k << 2));
      const second = v128.load(kernels + (k << 2), 16);
      v128.store(rates, kernelSharesOf(first, v128.load(rates), inKernel));
      v128.store(rates, kernelSharesOf(second, v128.load(rates, 16), inKernel), 16);
      kernelOdds = stretchEight(rates);
      const few = i16x8.min_s(i16x8.splat(15), i16x8.narrow_i32x4_s(first, second));
      v128.store(at, i16x8.add(i16x8.shl(few, 5), i16x8.splat(<i16>min(31, inKernel))), LAST_CONTEXT);
    } else {
      v128.store(at, coarseOdds, LAST_CONTEXT);
    }
    storeOpinions(prepared + OPINIONS + (k << 4), odds, kernelOdds, beside);
  }
}

/** `shareOf` of four outputs, with the share of all as their prior. */
function sharesOf(counts: v128, seen: i32): v128 {
  return clampShares(
    i32x4.shuffle(
      quotients(f64x2.convert_low_i32x4_s(counts), seen),
      quotients(f64x2.convert_low_i32x4_s(i64x2.shuffle(counts, counts, 1, 1)), seen),
      0,
      2,
      4,
      6,
    ),
  );
}

/** Rounded down: exact, as all numbers are whole. The sum with 2^52 leaves them in the lower 32 bits. */
function quotients(counts: v128, seen: i32): v128 {
  const sums = f64x2.add(f64x2.mul(counts, f64x2.splat(65536)), f64x2.splat(<f64>(12 * all)));
  return f64x2.add(
    f64x2.floor(f64x2.div(sums, f64x2.splat(<f64>(seen + 12)))),
    f64x2.splat(4503599627370496),
  );
}

/** The same of four kernels, whose priors are the rates of their outputs. A kernel's weights are so few that float32 is exact. */
function kernelSharesOf(counts: v128, priors: v128, seen: i32): v128 {
  const sums = i32x4.add(i32x4.shl(counts, 16), i32x4.mul(priors, i32x4.splat(3)));
  const shares = f32x4.floor(f32x4.div(f32x4.convert_i32x4_s(sums), f32x4.splat(<f32>(seen + 3))));
  return clampShares(i32x4.trunc_sat_f32x4_s(shares));
}

function clampShares(shares: v128): v128 {
  return i32x4.max_s(i32x4.splat(1), i32x4.min_s(i32x4.splat(ONE - 1), shares));
}

/** The log-odds of eight shares that lie at `shares`, Int32: as Int16. */
function stretchEight(shares: usize): v128 {
  let odds = i16x8.splat(0);
  odds = v128.load16_lane(STRETCH + ((<usize>load<u32>(shares)) << 1), odds, 0);
  odds = v128.load16_lane(STRETCH + ((<usize>load<u32>(shares, 4)) << 1), odds, 1);
  odds = v128.load16_lane(STRETCH + ((<usize>load<u32>(shares, 8)) << 1), odds, 2);
  odds = v128.load16_lane(STRETCH + ((<usize>load<u32>(shares, 12)) << 1), odds, 3);
  odds = v128.load16_lane(STRETCH + ((<usize>load<u32>(shares, 16)) << 1), odds, 4);
  odds = v128.load16_lane(STRETCH + ((<usize>load<u32>(shares, 20)) << 1), odds, 5);
  odds = v128.load16_lane(STRETCH + ((<usize>load<u32>(shares, 24)) << 1), odds, 6);
  return v128.load16_lane(STRETCH + ((<usize>load<u32>(shares, 28)) << 1), odds, 7);
}

/** Four opinions of eight outputs, as pairs: always 1, that of the kernel, of the output, of the rows beside. */
function storeOpinions(at: usize, odds: v128, kernelOdds: v128, beside: v128): void {
  const always = i32x4.splat(NAT | (NAT << 17));
  storeFour(at, always, lowerPairs(kernelOdds), lowerPairs(odds), beside);
  storeFour(at + 64, always, upperPairs(kernelOdds), upperPairs(odds), beside);
}

function storeFour(at: usize, a: v128, b: v128, c: v128, d: v128): void {
  const lowAb = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const highAb = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const lowCd = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const highCd = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(at, i64x2.shuffle(lowAb, lowCd, 0, 2));
  v128.store(at, i64x2.shuffle(lowAb, lowCd, 1, 3), 16);
  v128.store(at, i64x2.shuffle(highAb, highCd, 0, 2), 32);
  v128.store(at, i64x2.shuffle(highAb, highCd, 1, 3), 48);
}

/** Where the count of a 2-D kernel is; 0 where there are none. */
export function kernelOf(row: i32, output: i32): usize {
  const kernels = pointer(KERNEL_KEPT);
  if (!kernels) return 0;
  return kernels + ((<usize>((row % parameter(CHANNELS)) * parameter(OUTPUTS) + output)) << 2);
}
