/**
 * How many survive: shares of ONE with a prior, their log-odds as contexts, and the share of all weights so far
 * (src/arithmetic/significance-map.ts).
 */
import { LOG_ODDS_LIMIT, NAT, ONE, stretch } from './mixer';

export const COARSE: i32 = 24;
export const FINE: i32 = 48;

/** What fits 32 bits as a share of ONE, with the strength of any prior. */
const SMALL: i32 = 65500;

/** (count * ONE + more) / total: divided as 32-bit whole numbers where that does, as it mostly does. */
export function dividedShare(count: i32, more: i32, total: i32): i32 {
  return count < SMALL
    ? <i32>((((<u32>count) << 16) + <u32>more) / <u32>total)
    : <i32>((<f64>count * <f64>ONE + <f64>more) / <f64>total);
}

export function shareOf(kept: i32, seen: i32, prior: i32, strength: i32): i32 {
  return max(1, min(ONE - 1, dividedShare(kept, strength * prior, seen + strength)));
}

export function rateIfAny(p: i32, left: i32): i32 {
  const long = (<u64>p * <u64>left) >> 8;
  if (long >= 2048) return p;
  const x = <u32>long;
  const series = 256 + (x >> 1) + (x * x) / 1536 + (((x * x) >> 8) * x) / 6144;
  return min(ONE - 1, p + <i32>(<u32>(256 * ONE) / series / <u32>left));
}

export function coarse(odds: i32): i32 {
  return max(0, min(COARSE - 1, (odds + 8 * NAT) >> 7));
}

export function fine(odds: i32): i32 {
  return max(0, min(FINE - 1, (odds + 8 * NAT) >> 6));
}

export function clip(odds: i32): i32 {
  return max(min(odds, LOG_ODDS_LIMIT), -LOG_ODDS_LIMIT);
}

let allKept: i32 = 0;
let allSeen: i32 = 0;
/** The share of all, and its log-odds: a division for each survivor, and whenever it falls in between. */
export let all: i32 = 0;
export let allOdds: i32 = 0;
/** The last share of the rows beside, and what it came from: it is the same for most of a row. */
let besideOfKept: i32 = -1;
let besideOfSeen: i32 = 0;
let besideOfAll: i32 = 0;
export let besideRate: i32 = 0;
export let besideOdds: i32 = 0;

export function startShares(): void {
  allKept = 0;
  allSeen = 0;
  besideOfKept = -1;
  shareAll();
}

/** How many weights were seen. */
export function seen(): i32 {
  return allSeen;
}

/** One more weight was seen, and survived or did not. */
export function see(survived: i32): void {
  allSeen++;
  allKept += survived;
  if (survived || <u64>all * <u64>(allSeen + 2) > (<u64>(allKept + 1)) << 16) shareAll();
}

function shareAll(): void {
  all = dividedShare(allKept + 1, 0, allSeen + 2);
  allOdds = stretch(all);
}

/** The share of the rows beside, of which so many weights were seen. */
export function shareBeside(count: i32, seen: i32): void {
  if (count === besideOfKept && seen === besideOfSeen && all === besideOfAll) return;
  besideOfKept = count;
  besideOfSeen = seen;
  besideOfAll = all;
  besideRate = shareOf(count, seen, all, 8);
  besideOdds = stretch(besideRate);
}
