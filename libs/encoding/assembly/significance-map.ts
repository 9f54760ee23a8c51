/** Who survived (src/arithmetic/significance-map.ts). */
import {
  AFTER,
  AROUND,
  BEFORE,
  BESIDE,
  BESIDE_KEPT,
  BY_ROWS,
  CODES,
  LIVE,
  LIVE_COUNT,
  MAP_MIXER,
  OUTPUTS,
  OUTPUT_KEPT,
  PREPARED,
  RANK_IN_CHANNEL,
  ROW_KEPT,
  SCANNED,
  SCANNED_COUNT,
  SPATIAL,
  SUMS,
  TWICE,
  CALM,
  parameter,
  pointer,
} from './memory';
import { DENSITIES, densityBucket, kept, lineOf, lookAround, markRow, patternAt } from './looking-around';
import { NAT, mixOnce, mixTwice, openMixing, pairsOf, slotAt, slotsOf, stretch } from './mixer';
import {
  AROUND_CONTEXT,
  BENEATH_CONTEXT,
  CHUNK,
  COARSE_CONTEXT,
  DENSITY_CONTEXT,
  FIFTH_CONTEXT,
  FIRST_CONTEXT,
  LAST_CONTEXT,
  NEAR_CONTEXT,
  OPINIONS,
  OUTPUT_ODDS,
  kernelOf,
  prepare,
} from './prepared-row';
import { closeCoder, decoding, failed, openCoder } from './range-coder';
import {
  COARSE,
  FINE,
  all,
  allOdds,
  besideOdds,
  besideRate,
  clip,
  coarse,
  fine,
  rateIfAny,
  see,
  seen,
  shareBeside,
  shareOf,
  startShares,
} from './shares';
import { addAround } from './surroundings';
/** Where each table begins, in slots. */
const TABLE_1: i32 = 64 * 6;
const TABLE_2: i32 = TABLE_1 + COARSE * COARSE;
const TABLE_3: i32 = TABLE_2 + COARSE * 9;
const TABLE_4: i32 = TABLE_3 + FINE * 4;
const TABLE_5: i32 = TABLE_4 + DENSITIES * COARSE;
const TABLE_6: i32 = TABLE_5 + DENSITIES * COARSE;
const TABLE_7: i32 = TABLE_6 + 32 * 12;

/** Codes the map: codes become 0 and 1 where they are decoded; where they are encoded, they are only read. */
export function codeMap(): void {
  openCoder();
  openMixing(parameter(CALM));
  startShares();
  const rows = parameter(SCANNED_COUNT);
  const outputs = parameter(LIVE_COUNT);
  if (parameter(BY_ROWS)) {
    for (let i = 0; i < rows && !failed; i++) codeRow(i);
  } else {
    for (let j = 0; j < outputs && !failed; j++) codeOutput(j);
  }
  closeCoder();
}

/**
 * The weights of the row that is the `i`th in the scan. What does not hang on the weights before it in the row is prepared for some
 * outputs at a time, and again when the share of all has changed, which is ever more seldom.
 */
function codeRow(i: i32): void {
  const row = load<i32>(pointer(SCANNED) + ((<usize>i) << 2));
  const live = pointer(LIVE);
  const liveCount = parameter(LIVE_COUNT);
  const line = lineOf(row);
  const rowKept = pointer(ROW_KEPT) + ((<usize>row) << 2);
  const mixer = pointer(MAP_MIXER);
  const twice = parameter(TWICE);
  const spatial = parameter(SPATIAL);
  const slots = slotsOf(mixer);
  lookAround(row);
  const base = pointer(PREPARED);
  let preparedFor = -1;
  let preparedTo = 0;
  let from = 0;
  let before = -3;
  let recent = 0;
  for (let j = 0; j < liveCount; j++) {
    const output = load<i32>(live + ((<usize>j) << 2));
    if (output >= preparedTo || all !== preparedFor) {
      const size = min(CHUNK, max(8, (seen() >> 12) & -8));
      from = output & -8;
      prepare(row, i, from, size);
      preparedFor = all;
      preparedTo = from + size;
    }
    const place = <usize>(output - from);
    const prepared = base + (place << 1);
    // Of the two outputs before, what survived.
    const gap = output - before;
    recent = gap === 1 ? recent & 3 : gap === 2 ? (recent << 1) & 2 : 0;
    before = output;

    const inRow = load<i32>(rowKept);
    const left = liveCount - j;
    let rowRate = shareOf(inRow, j, besideRate, 12);
    if (inRow === 0) rowRate = rateIfAny(rowRate, left);
    const rowOdds = stretch(rowRate);
    const together = clip(rowOdds + <i32>load<i16>(prepared, OUTPUT_ODDS) - allOdds);
    const coarseTogether = coarse(together);
    let first = <i32>load<u16>(prepared, FIRST_CONTEXT);
    let fifth = <i32>load<u16>(prepared, FIFTH_CONTEXT) + coarseTogether;
    if (!spatial) {
      first += (min(3, inRow) * 12 + min(11, 32 - clz(left))) * 8;
      fifth += min(3, inRow) * 4 * COARSE;
    }
    const here = line + ((<usize>output) << 1);
    const bit = <i32>(load<u16>(here) !== 0);
    const a0 = slotAt(slots, first);
    const a1 = slotAt(slots, TABLE_1 + coarse(rowOdds) * COARSE + <i32>load<u16>(prepared, COARSE_CONTEXT));
    const a2 = slotAt(slots, TABLE_2 + <i32>load<u16>(prepared, NEAR_CONTEXT));
    const a3 = slotAt(slots, TABLE_3 + fine(together) * 4 + <i32>load<u16>(prepared, AROUND_CONTEXT));
    const a4 = slotAt(slots, TABLE_4 + <i32>load<u16>(prepared, DENSITY_CONTEXT));
    const a5 = slotAt(slots, TABLE_5 + fifth);
    const a6 = slotAt(
      slots,
      TABLE_6 + <i32>load<u16>(prepared, BENEATH_CONTEXT) + recent * 12 + (coarseTogether >> 1),
    );
    const a7 = slotAt(slots, TABLE_7 + <i32>load<u16>(prepared, LAST_CONTEXT));
    const opinions = pairsOf(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(0), 0, rowOdds), 1, together));
    const more = v128.load(base + OPINIONS + (place << 4));
    const coded = twice
      ? mixTwice(mixer, bit, 0, secondSet(inRow, output), a0, a1, a2, a3, a4, a5, a6, a7, opinions, more)
      : mixOnce(mixer, bit, 0, a0, a1, a2, a3, a4, a5, a6, a7, opinions, more);
    recent = (recent << 1) | coded;
    see(coded);
    if (coded) keep(row, output, here, kernelOf(row, output));
  }
  if (spatial) markRow(row);
}

/** The weights of the second mixing, of a row that is looked around. */
function secondSet(inRow: i32, output: i32): i32 {
  const inOutput = load<i32>(pointer(OUTPUT_KEPT) + ((<usize>output) << 2));
  const density = <i32>load<u8>(pointer(AROUND) + <usize>(parameter(OUTPUTS) + output));
  return 1 + (min(2, inRow) * 3 + min(2, inOutput)) * 4 + surroundingsStep(density);
}

/** The weights of the output that is the `j`th in the scan. */
function codeOutput(j: i32): void {
  const scanned = pointer(SCANNED);
  const rows = parameter(SCANNED_COUNT);
  const outputs = parameter(OUTPUTS);
  const output = load<i32>(pointer(LIVE) + ((<usize>j) << 2));
  const column = pointer(CODES) + ((<usize>output) << 1);
  const pitch = (<usize>outputs) << 1;
  const outputKept = pointer(OUTPUT_KEPT) + ((<usize>output) << 2);
  const left = parameter(LIVE_COUNT) - j;
  const mixer = pointer(MAP_MIXER);
  const twice = parameter(TWICE);
  const spatial = parameter(SPATIAL);
  for (let i = 0; i < rows; i++) {
    const row = load<i32>(scanned + ((<usize>i) << 2));
    const at4 = (<usize>row) << 2;
    const besideSeen =
      <i32>load<u8>(pointer(BEFORE) + <usize>row) * (j + 1) + <i32>load<u8>(pointer(AFTER) + <usize>row) * j;
    codeSurvival(
      row,
      output,
      column + <usize>row * pitch,
      patternAt(row, column, pitch),
      spatial ? densityBucket(<i32>load<i8>(pointer(SUMS) + <usize>row * <usize>outputs + <usize>output)) : 0,
      load<i32>(pointer(BESIDE_KEPT) + at4),
      besideSeen,
      pointer(ROW_KEPT) + at4,
      j,
      left,
      outputKept,
      i,
      rows - i,
      kernelOf(row, output),
      load<i32>(pointer(RANK_IN_CHANNEL) + at4),
      mixer,
      twice,
      spatial,
    );
  }
}

/**
 * One weight, at the address `here`.
 * @param pattern which neighbours survived
 * @param rowSeen how many of its row were coded before
 * @param inRowLeft how many of its row are to come, with this one
 */
function codeSurvival(
  row: i32,
  output: i32,
  here: usize,
  pattern: i32,
  density: i32,
  besideKept: i32,
  besideSeen: i32,
  rowKept: usize,
  rowSeen: i32,
  inRowLeft: i32,
  outputKept: usize,
  outputSeen: i32,
  inOutputLeft: i32,
  kernelKept: usize,
  inKernel: i32,
  mixer: usize,
  twice: i32,
  spatial: i32,
): void {
  shareBeside(besideKept, besideSeen);
  const inRow = load<i32>(rowKept);
  const inOutput = load<i32>(outputKept);
  let rowRate = shareOf(inRow, rowSeen, besideRate, 12);
  let outputRate = shareOf(inOutput, outputSeen, all, 12);
  if (inRow === 0) rowRate = rateIfAny(rowRate, inRowLeft);
  if (inOutput === 0) outputRate = rateIfAny(outputRate, inOutputLeft);
  const rowOdds = stretch(rowRate);
  const outputOdds = stretch(outputRate);
  const together = clip(rowOdds + outputOdds - allOdds);
  const left = output > 0 ? kept(here - 2, 0) : 0;
  const left2 = output > 1 ? kept(here - 4, 0) : 0;

  const coarseOutput = coarse(outputOdds);
  const coarseTogether = coarse(together);
  const around = popcnt(pattern & 15);
  const near = around + (pattern & 1) + ((pattern >> 1) & 1) + (pattern >> 6);
  const beneath = left | (left2 << 1) | ((pattern >> 4) & 4) | ((pattern & 3) << 3);
  let kernelOdds = 0;
  let lastContext = coarseOutput;
  if (kernelKept) {
    const count = load<i32>(kernelKept);
    kernelOdds = stretch(shareOf(count, inKernel, outputRate, 3));
    lastContext = min(15, count) * 32 + min(31, inKernel);
  }
  let first = (pattern & 63) * 6 + min(5, coarseOutput >> 2);
  let fifth = density * COARSE + coarseTogether;
  if (!spatial) {
    const toCome = min(11, 32 - clz(inRowLeft));
    first = (min(3, inRow) * 12 + toCome) * 8 + (coarseOutput >> 2);
    fifth = (min(3, inRow) * 4 + min(3, inOutput)) * COARSE + coarseTogether;
  }
  const opinions = pairsOf(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(0), 0, rowOdds), 1, together));
  const others = i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(NAT), 1, kernelOdds), 2, outputOdds);
  const more = pairsOf(i32x4.replace_lane(others, 3, besideOdds));
  const slots = slotsOf(mixer);
  const a0 = slotAt(slots, first);
  const a1 = slotAt(slots, TABLE_1 + coarse(rowOdds) * COARSE + coarseOutput);
  const a2 = slotAt(slots, TABLE_2 + coarseOutput * 9 + min(8, near));
  const a3 = slotAt(slots, TABLE_3 + fine(together) * 4 + min(3, around));
  const a4 = slotAt(slots, TABLE_4 + density * COARSE + coarseOutput);
  const a5 = slotAt(slots, TABLE_5 + fifth);
  const a6 = slotAt(slots, TABLE_6 + beneath * 12 + (coarseTogether >> 1));
  const a7 = slotAt(slots, TABLE_7 + lastContext);
  const bit = <i32>(load<u16>(here) !== 0);
  const second = 1 + (min(2, inRow) * 3 + min(2, inOutput)) * 4 + surroundingsStep(density);
  const coded = twice
    ? mixTwice(mixer, bit, 0, second, a0, a1, a2, a3, a4, a5, a6, a7, opinions, more)
    : mixOnce(mixer, bit, 0, a0, a1, a2, a3, a4, a5, a6, a7, opinions, more);
  see(coded);
  if (coded) keep(row, output, here, kernelKept);
}

function keep(row: i32, output: i32, here: usize, kernelKept: usize): void {
  if (decoding) store<u16>(here, 1);
  if (parameter(SPATIAL) && !parameter(BY_ROWS)) addAround(row, output, 1);
  increase(pointer(ROW_KEPT) + ((<usize>row) << 2));
  increase(pointer(OUTPUT_KEPT) + ((<usize>output) << 2));
  const beside = pointer(BESIDE) + <usize>row * 24;
  for (let i: usize = 0; i < 24; i += 4) {
    const other = load<i32>(beside + i);
    if (other < 0) break;
    increase(pointer(BESIDE_KEPT) + ((<usize>other) << 2));
  }
  if (kernelKept) increase(kernelKept);
}

function increase(count: usize): void {
  store<i32>(count, load<i32>(count) + 1);
}

function surroundingsStep(density: i32): i32 {
  return density === 0 ? 0 : density < 4 ? 1 : density < 8 ? 2 : 3;
}
