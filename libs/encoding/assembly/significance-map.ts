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
  parameter,
  pointer,
} from './memory';
import { decoding, failed, openCoder, closeCoder } from './range-coder';
import { ONE, NAT, LOG_ODDS_LIMIT, stretch, mix, setContext, setInput } from './mixer';
import { addAround } from './surroundings';
const COARSE: i32 = 24;
const FINE: i32 = 48;
const DENSITIES: i32 = 20;

/** Sizes of the tables, in slots, one after the other from here on. */
const MAP_SIZES_0: i32 = 64 * 6;
const MAP_SIZES_1: i32 = COARSE * COARSE;
const MAP_SIZES_2: i32 = COARSE * 9;
const MAP_SIZES_3: i32 = FINE * 4;
const MAP_SIZES_4: i32 = DENSITIES * COARSE;
const MAP_SIZES_6: i32 = 32 * 12;

function shareOf(kept: i32, seen: i32, prior: i32, strength: i32): i32 {
  const p = <i32>((<f64>kept * <f64>ONE + <f64>(strength * prior)) / <f64>(seen + strength));
  return p < 1 ? 1 : p >= ONE ? ONE - 1 : p;
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

function clip(odds: i32): i32 {
  return max(min(odds, LOG_ODDS_LIMIT), -LOG_ODDS_LIMIT);
}

export function kept(row: usize, output: usize): i32 {
  return <i32>(load<u16>(row + (output << 1)) !== 0);
}

let allKept: i32 = 0;
let allSeen: i32 = 0;

/** Codes the map: codes become 0 and 1 where they are decoded; where they are encoded, they are only read. */
export function codeMap(): void {
  openCoder();
  allKept = 0;
  allSeen = 0;
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
  const all = <i32>((<f64>(allKept + 1) * <f64>ONE) / <f64>(allSeen + 2));
  const besideSeen =
    <i32>load<u8>(pointer(BEFORE) + <usize>row) * seenBefore +
    <i32>load<u8>(pointer(AFTER) + <usize>row) * seenAfter;
  const besideRate = shareOf(load<i32>(besideKept + at4), besideSeen, all, 8);
  const rowRate = shareOf(load<i32>(rowKept), rowSeen, besideRate, 12);
  const outputRate = shareOf(load<i32>(outputKept), outputSeen, all, 12);
  const allOdds = stretch(all);
  const besideOdds = stretch(besideRate);
  const rowOdds = stretch(rowRate);
  const outputOdds = stretch(outputRate);
  const together = clip(rowOdds + outputOdds - allOdds);

  const column = codes + ((<usize>output) << 1);
  const pitch = (<usize>outputs) << 1;
  const taps = pointer(TAPS) + <usize>row * 28;
  const west = kept(column + <usize>load<u32>(taps) * pitch, 0);
  const north = kept(column + <usize>load<u32>(taps, 4) * pitch, 0);
  const northWest = kept(column + <usize>load<u32>(taps, 8) * pitch, 0);
  const northEast = kept(column + <usize>load<u32>(taps, 12) * pitch, 0);
  const farWest = kept(column + <usize>load<u32>(taps, 16) * pitch, 0);
  const farNorth = kept(column + <usize>load<u32>(taps, 20) * pitch, 0);
  const channel = kept(column + <usize>load<u32>(taps, 24) * pitch, 0);
  const here = column + <usize>row * pitch;
  const left = output > 0 ? kept(here - 2, 0) : 0;
  const left2 = output > 1 ? kept(here - 4, 0) : 0;

  const spatial = parameter(SPATIAL);
  const coarseOutput = coarse(outputOdds);
  const coarseTogether = coarse(together);
  const sum = spatial ? <i32>load<i8>(pointer(SUMS) + <usize>row * <usize>outputs + <usize>output) : 0;
  const density = densityBucket(sum);
  const pattern =
    west | (north << 1) | (northWest << 2) | (northEast << 3) | (farWest << 4) | (farNorth << 5);
  const near = 2 * (west + north) + northWest + northEast + channel;
  let slots = <usize>load<u32>(mixer, 12);
  setContext(mixer, 0, slots, pattern * 6 + min(5, coarseOutput >> 2));
  slots += MAP_SIZES_0 << 2;
  setContext(mixer, 1, slots, coarse(rowOdds) * COARSE + coarseOutput);
  slots += MAP_SIZES_1 << 2;
  setContext(mixer, 2, slots, coarseOutput * 9 + min(8, near));
  slots += MAP_SIZES_2 << 2;
  setContext(mixer, 3, slots, fine(together) * 4 + min(3, west + north + northWest + northEast));
  slots += MAP_SIZES_3 << 2;
  setContext(mixer, 4, slots, density * COARSE + coarseOutput);
  slots += MAP_SIZES_4 << 2;
  setContext(mixer, 5, slots, density * COARSE + coarseTogether);
  slots += MAP_SIZES_4 << 2;
  setContext(
    mixer,
    6,
    slots,
    (left | (left2 << 1) | (channel << 2) | (west << 3) | (north << 4)) * 12 + (coarseTogether >> 1),
  );
  slots += MAP_SIZES_6 << 2;
  setInput(mixer, 8, rowOdds);
  setInput(mixer, 9, outputOdds);
  setInput(mixer, 10, together);
  setInput(mixer, 11, besideOdds);
  setInput(mixer, 12, NAT);
  const kernels = pointer(KERNEL_KEPT);
  let kernelKept: usize = 0;
  if (kernels) {
    kernelKept = kernels + ((<usize>((row % parameter(CHANNELS)) * outputs + output)) << 2);
    const count = load<i32>(kernelKept);
    const seen = load<i32>(pointer(RANK_IN_CHANNEL) + at4);
    setInput(mixer, 13, stretch(shareOf(count, seen, outputRate, 3)));
    setContext(mixer, 7, slots, min(15, count) * 32 + min(31, seen));
  } else {
    setInput(mixer, 13, 0);
    setContext(mixer, 7, slots, coarseOutput);
  }
  const coded = mix(mixer, <i32>(load<u16>(here) !== 0), 0, 8, 4);
  allSeen++;
  if (!coded) return;

  if (decoding) store<u16>(here, 1);
  allKept++;
  if (spatial) addAround(row, output, 1);
  store<i32>(rowKept, load<i32>(rowKept) + 1);
  store<i32>(outputKept, load<i32>(outputKept) + 1);
  const beside = pointer(BESIDE) + <usize>row * 24;
  for (let i: usize = 0; i < 24; i += 4) {
    const other = load<i32>(beside + i);
    if (other < 0) break;
    const count = besideKept + ((<usize>other) << 2);
    store<i32>(count, load<i32>(count) + 1);
  }
  if (kernels) store<i32>(kernelKept, load<i32>(kernelKept) + 1);
}
