/** Who survived (src/arithmetic/significance-map.ts). */
import {
  BY_ROWS,
  CHANNELS,
  OUTPUTS,
  SPATIAL,
  SCANNED,
  SCANNED_COUNT,
  LIVE,
  LIVE_COUNT,
  CODES,
  SUMS,
  TAPS,
  BESIDE,
  BEFORE,
  AFTER,
  RANK_IN_CHANNEL,
  ROW_KEPT,
  BESIDE_KEPT,
  OUTPUT_KEPT,
  KERNEL_KEPT,
  MAP_MIXER,
  TWICE,
  parameter,
  pointer,
} from './memory';
import { decoding, failed, openCoder, closeCoder } from './range-coder';
import { LOG_ODDS_LIMIT, NAT, ONE, mixEight, slotAt, slotsOf, stretch } from './mixer';
import { addAround } from './surroundings';
const COARSE: i32 = 24;
const FINE: i32 = 48;
const DENSITIES: i32 = 20;

/** Where each table begins, in slots. */
const TABLE_1: i32 = 64 * 6;
const TABLE_2: i32 = TABLE_1 + COARSE * COARSE;
const TABLE_3: i32 = TABLE_2 + COARSE * 9;
const TABLE_4: i32 = TABLE_3 + FINE * 4;
const TABLE_5: i32 = TABLE_4 + DENSITIES * COARSE;
const TABLE_6: i32 = TABLE_5 + DENSITIES * COARSE;
const TABLE_7: i32 = TABLE_6 + 32 * 12;

/** What fits 32 bits as a share of ONE, with the strength of any prior. */
const SMALL: i32 = 65500;

/** (count * ONE + more) / total: divided as 32-bit whole numbers where that does, as it mostly does. */
export function dividedShare(count: i32, more: i32, total: i32): i32 {
  return count < SMALL
    ? <i32>((((<u32>count) << 16) + <u32>more) / <u32>total)
    : <i32>((<f64>count * <f64>ONE + <f64>more) / <f64>total);
}

function shareOf(kept: i32, seen: i32, prior: i32, strength: i32): i32 {
  return max(1, min(ONE - 1, dividedShare(kept, strength * prior, seen + strength)));
}

function rateIfAny(p: i32, left: i32): i32 {
  const long = (<u64>p * <u64>left) >> 8;
  if (long >= 2048) return p;
  const x = <u32>long;
  const series = 256 + (x >> 1) + (x * x) / 1536 + (((x * x) >> 8) * x) / 6144;
  return min(ONE - 1, p + <i32>(<u32>(256 * ONE) / series / <u32>left));
}

function coarse(odds: i32): i32 {
  return max(0, min(COARSE - 1, (odds + 8 * NAT) >> 7));
}

function fine(odds: i32): i32 {
  return max(0, min(FINE - 1, (odds + 8 * NAT) >> 6));
}

function densityBucket(sum: i32): i32 {
  return sum < 10 ? sum : min(DENSITIES - 1, 10 + ((sum - 10) >> 2));
}

function surroundingsStep(density: i32): i32 {
  return density === 0 ? 0 : density < 4 ? 1 : density < 8 ? 2 : 3;
}

function clip(odds: i32): i32 {
  return max(min(odds, LOG_ODDS_LIMIT), -LOG_ODDS_LIMIT);
}

export function kept(row: usize, output: usize): i32 {
  return <i32>(load<u16>(row + (output << 1)) !== 0);
}

let allKept: i32 = 0;
let allSeen: i32 = 0;
/** The share of all, and its log-odds: a division for each survivor, and whenever it falls in between. */
let all: i32 = 0;
let allOdds: i32 = 0;
/** The last share of the rows beside, and what it came from: it is the same for most of a row. */
let besideOfKept: i32 = -1;
let besideOfSeen: i32 = 0;
let besideOfAll: i32 = 0;
let besideRate: i32 = 0;
let besideOdds: i32 = 0;

/** Codes the map: codes become 0 and 1 where they are decoded; where they are encoded, they are only read. */
export function codeMap(): void {
  openCoder();
  allKept = 0;
  allSeen = 0;
  besideOfKept = -1;
  shareAll();
  const scanned = pointer(SCANNED);
  const live = pointer(LIVE);
  const rows = parameter(SCANNED_COUNT);
  const outputs = parameter(LIVE_COUNT);
  if (parameter(BY_ROWS)) {
    for (let i = 0; i < rows && !failed; i++) {
      const row = load<i32>(scanned + ((<usize>i) << 2));
      for (let j = 0; j < outputs; j++) {
        codeSurvival(row, load<i32>(live + ((<usize>j) << 2)), j, i, outputs, 0);
      }
    }
  } else {
    for (let j = 0; j < outputs && !failed; j++) {
      const output = load<i32>(live + ((<usize>j) << 2));
      for (let i = 0; i < rows; i++) {
        codeSurvival(load<i32>(scanned + ((<usize>i) << 2)), output, j, i, j + 1, j);
      }
    }
  }
  closeCoder();
}

function codeSurvival(
  row: i32,
  output: i32,
  rowSeen: i32,
  outputSeen: i32,
  seenBefore: i32,
  seenAfter: i32,
): void {
  const mixer = pointer(MAP_MIXER);
  const codes = pointer(CODES);
  const outputs = parameter(OUTPUTS);
  const at4 = (<usize>row) << 2;
  const rowKept = pointer(ROW_KEPT) + at4;
  const besideKept = pointer(BESIDE_KEPT);
  const outputKept = pointer(OUTPUT_KEPT) + ((<usize>output) << 2);
  const besideSeen =
    <i32>load<u8>(pointer(BEFORE) + <usize>row) * seenBefore +
    <i32>load<u8>(pointer(AFTER) + <usize>row) * seenAfter;
  shareBeside(load<i32>(besideKept + at4), besideSeen);
  let rowRate = shareOf(load<i32>(rowKept), rowSeen, besideRate, 12);
  let outputRate = shareOf(load<i32>(outputKept), outputSeen, all, 12);
  const inRow = load<i32>(rowKept);
  const inOutput = load<i32>(outputKept);
  if (inRow === 0) rowRate = rateIfAny(rowRate, parameter(LIVE_COUNT) - rowSeen);
  if (inOutput === 0) outputRate = rateIfAny(outputRate, parameter(SCANNED_COUNT) - outputSeen);
  const rowOdds = stretch(rowRate);
  const outputOdds = stretch(outputRate);
  const together = clip(rowOdds + outputOdds - allOdds);

  const column = codes + ((<usize>output) << 1);
  const pitch = (<usize>outputs) << 1;
  const taps = pointer(TAPS) + <usize>row * 28;
  const spatial = parameter(SPATIAL);
  const channel = kept(column + <usize>load<u32>(taps, 24) * pitch, 0);
  let west = 0;
  let north = 0;
  let northWest = 0;
  let northEast = 0;
  let farWest = 0;
  let farNorth = 0;
  let sum = 0;
  if (spatial) {
    west = kept(column + <usize>load<u32>(taps) * pitch, 0);
    north = kept(column + <usize>load<u32>(taps, 4) * pitch, 0);
    northWest = kept(column + <usize>load<u32>(taps, 8) * pitch, 0);
    northEast = kept(column + <usize>load<u32>(taps, 12) * pitch, 0);
    farWest = kept(column + <usize>load<u32>(taps, 16) * pitch, 0);
    farNorth = kept(column + <usize>load<u32>(taps, 20) * pitch, 0);
    sum = <i32>load<i8>(pointer(SUMS) + <usize>row * <usize>outputs + <usize>output);
  }
  const here = column + <usize>row * pitch;
  const left = output > 0 ? kept(here - 2, 0) : 0;
  const left2 = output > 1 ? kept(here - 4, 0) : 0;

  const coarseOutput = coarse(outputOdds);
  const coarseTogether = coarse(together);
  const density = densityBucket(sum);
  const pattern =
    west | (north << 1) | (northWest << 2) | (northEast << 3) | (farWest << 4) | (farNorth << 5);
  const around = west + north + northWest + northEast;
  const near = around + west + north + channel;
  const beneath = left | (left2 << 1) | (channel << 2) | (west << 3) | (north << 4);
  let kernelKept: usize = 0;
  let kernelOdds = 0;
  let lastContext = coarseOutput;
  const kernels = pointer(KERNEL_KEPT);
  if (kernels) {
    kernelKept = kernels + ((<usize>((row % parameter(CHANNELS)) * outputs + output)) << 2);
    const count = load<i32>(kernelKept);
    const seen = load<i32>(pointer(RANK_IN_CHANNEL) + at4);
    kernelOdds = stretch(shareOf(count, seen, outputRate, 3));
    lastContext = min(15, count) * 32 + min(31, seen);
  }
  let first = pattern * 6 + min(5, coarseOutput >> 2);
  let fifth = density * COARSE + coarseTogether;
  if (!spatial) {
    const toCome = min(11, 32 - clz(parameter(LIVE_COUNT) - rowSeen));
    first = (min(3, inRow) * 12 + toCome) * 8 + (coarseOutput >> 2);
    fifth = (min(3, inRow) * 4 + min(3, inOutput)) * COARSE + coarseTogether;
  }
  let opinions = i32x4.splat(rowOdds);
  opinions = i32x4.replace_lane(opinions, 1, outputOdds);
  opinions = i32x4.replace_lane(opinions, 2, together);
  opinions = i32x4.replace_lane(opinions, 3, besideOdds);
  const moreOpinions = i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(0), 0, NAT), 1, kernelOdds);
  const slots = slotsOf(mixer);
  const coded = mixEight(
    mixer,
    <i32>(load<u16>(here) !== 0),
    0,
    parameter(TWICE) ? 1 + (min(2, inRow) * 3 + min(2, inOutput)) * 4 + surroundingsStep(density) : -1,
    slotAt(slots, first),
    slotAt(slots, TABLE_1 + coarse(rowOdds) * COARSE + coarseOutput),
    slotAt(slots, TABLE_2 + coarseOutput * 9 + min(8, near)),
    slotAt(slots, TABLE_3 + fine(together) * 4 + min(3, around)),
    slotAt(slots, TABLE_4 + density * COARSE + coarseOutput),
    slotAt(slots, TABLE_5 + fifth),
    slotAt(slots, TABLE_6 + beneath * 12 + (coarseTogether >> 1)),
    slotAt(slots, TABLE_7 + lastContext),
    opinions,
    moreOpinions,
  );
  allSeen++;
  if (!coded) {
    if (<u64>all * <u64>(allSeen + 2) > (<u64>(allKept + 1)) << 16) shareAll();
    return;
  }

  if (decoding) store<u16>(here, 1);
  allKept++;
  shareAll();
  if (spatial) addAround(row, output, 1);
  store<i32>(rowKept, inRow + 1);
  store<i32>(outputKept, inOutput + 1);
  const beside = pointer(BESIDE) + <usize>row * 24;
  for (let i: usize = 0; i < 24; i += 4) {
    const other = load<i32>(beside + i);
    if (other < 0) break;
    const count = besideKept + ((<usize>other) << 2);
    store<i32>(count, load<i32>(count) + 1);
  }
  if (kernels) store<i32>(kernelKept, load<i32>(kernelKept) + 1);
}

function shareAll(): void {
  all = dividedShare(allKept + 1, 0, allSeen + 2);
  allOdds = stretch(all);
}

function shareBeside(count: i32, seen: i32): void {
  if (count === besideOfKept && seen === besideOfSeen && all === besideOfAll) return;
  besideOfKept = count;
  besideOfSeen = seen;
  besideOfAll = all;
  besideRate = shareOf(count, seen, all, 8);
  besideOdds = stretch(besideRate);
}
