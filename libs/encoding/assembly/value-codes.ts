/** With what value (src/arithmetic/value-codes.ts). */
import {
  BY_ROWS,
  REFINED,
  OUTPUTS,
  SPATIAL,
  NEGATIVE,
  POSITIVE,
  DEPTH,
  SCANNED,
  SCANNED_COUNT,
  LIVE,
  LIVE_COUNT,
  CODES,
  SUMS,
  TAPS,
  ROW_LINE,
  OUTPUT_LINE,
  ALL_LINE,
  SIGN_MIXER,
  RANK_MIXER,
  parameter,
  pointer,
} from './memory';
import { decoding, failed, openCoder, closeCoder } from './range-coder';
import { NAT, mixEight, mixSix, slotAt, slotsOf, stretch } from './mixer';
import { addToPairs, startLine, voteStep, votesFor } from './sign-pairs';
import { addAround } from './surroundings';
import { dividedShare, kept } from './significance-map';
const MEMORY: i32 = 32;
const RANK_STEPS: i32 = 12;

let negative: i32 = 0;
let positive: i32 = 0;
let levels: i32 = 0;
let depth: i32 = 0;
/** Signed rank of the weight before. */
let last: i32 = 0;

/** Codes the survivors: where the map says 1 (decoding) or the code is not 0 (encoding). */
export function codeValues(): void {
  openCoder();
  negative = parameter(NEGATIVE);
  positive = parameter(POSITIVE);
  levels = max(1, max(negative, positive));
  depth = parameter(DEPTH);
  last = 0;
  const scanned = pointer(SCANNED);
  const live = pointer(LIVE);
  const rows = parameter(SCANNED_COUNT);
  const outputs = parameter(LIVE_COUNT);
  const codes = pointer(CODES);
  const pitch = (<usize>parameter(OUTPUTS)) << 1;
  if (parameter(BY_ROWS)) {
    for (let i = 0; i < rows && !failed; i++) {
      const row = load<i32>(scanned + ((<usize>i) << 2));
      const line = codes + <usize>row * pitch;
      startLine();
      for (let j = 0; j < outputs; j++) {
        const output = load<i32>(live + ((<usize>j) << 2));
        if (kept(line, <usize>output)) codeValue(row, output);
      }
    }
  } else {
    for (let j = 0; j < outputs && !failed; j++) {
      const output = load<i32>(live + ((<usize>j) << 2));
      startLine();
      for (let i = 0; i < rows; i++) {
        const row = load<i32>(scanned + ((<usize>i) << 2));
        if (kept(codes + <usize>row * pitch, <usize>output)) codeValue(row, output);
      }
    }
  }
  closeCoder();
}

function codeValue(row: i32, output: i32): void {
  const codes = pointer(CODES);
  const pitch = (<usize>parameter(OUTPUTS)) << 1;
  const column = codes + ((<usize>output) << 1);
  const here = column + <usize>row * pitch;
  const taps = pointer(TAPS) + <usize>row * 28;
  const west = signedRank(column + <usize>load<u32>(taps) * pitch);
  const north = signedRank(column + <usize>load<u32>(taps, 4) * pitch);
  const northEast = signedRank(column + <usize>load<u32>(taps, 12) * pitch);
  const channel = signedRank(column + <usize>load<u32>(taps, 24) * pitch);
  const signed = signedRank(here);
  const rowLine = pointer(ROW_LINE) + <usize>row * 12;
  const outputLine = pointer(OUTPUT_LINE) + <usize>output * 12;
  const allLine = pointer(ALL_LINE);

  const place = parameter(BY_ROWS) ? output : row;
  let sign = <i32>(negative === 0);
  if (negative !== 0 && positive !== 0) {
    const sums = pointer(SUMS);
    const spatial = parameter(SPATIAL);
    const lean = leanBucket(
      spatial ? <i32>load<i8>(sums + <usize>row * <usize>parameter(OUTPUTS) + <usize>output) : 0,
    );
    const mixer = pointer(SIGN_MIXER);
    const w = trit(west);
    const n = trit(north);
    const slots = slotsOf(mixer);
    const before = trit(last);
    const around = (w * 3 + n) * 3;
    let opinions = i32x4.splat(NAT);
    opinions = i32x4.replace_lane(opinions, 1, signOdds(outputLine));
    opinions = i32x4.replace_lane(opinions, 2, signOdds(rowLine));
    opinions = i32x4.replace_lane(opinions, 3, signOdds(allLine));
    const a1 = slotAt(slots, 1 + (around + trit(northEast)) * 3 + trit(channel));
    const a2 = slotAt(slots, 82 + min(2, abs(west)) * 27 + around + min(2, abs(north)));
    const a3 = slotAt(slots, 163 + before);
    const a4 = slotAt(slots, 166 + lean);
    const a5 = slotAt(slots, 197 + lean * 3 + before);
    const bit = <i32>(signed > 0);
    if (parameter(REFINED)) {
      const votes = votesFor(place);
      const step = voteStep(votes);
      const a6 = slotAt(slots, 290 + step);
      const a7 = slotAt(slots, 322 + step * 9 + w * 3 + n);
      const more = i32x4.replace_lane(i32x4.splat(0), 0, votes);
      sign = mixEight(mixer, bit, slots, a1, a2, a3, a4, a5, a6, a7, opinions, more);
    } else {
      sign = mixSix(mixer, bit, 0, slots, a1, a2, a3, a4, a5, opinions);
    }
  }

  const mine = sign ? positive : negative;
  const near = nearestRank(west, north, northEast);
  const nodes = 2 << depth;
  const mixer = pointer(RANK_MIXER);
  const slots0 = slotsOf(mixer);
  const bytes = (<usize>nodes) << 2;
  const slots1 = slots0 + bytes * <usize>(1 + sign);
  const slots2 = slots0 + bytes * <usize>(3 + step(load<i32>(outputLine, 8)));
  const slots3 = slots0 + bytes * <usize>(3 + RANK_STEPS + step(load<i32>(rowLine, 8)));
  const nearStep = near === 0 ? 0 : 1 + min(RANK_STEPS - 2, step(near * 16));
  const slots4 = slots0 + bytes * <usize>(3 + 2 * RANK_STEPS + nearStep);
  const slots5 = slots0 + bytes * <usize>(3 + 3 * RANK_STEPS + step(load<i32>(allLine, 8)));
  const wanted = abs(signed) - 1;
  let node = 1;
  let rank = 0;
  const always = i32x4.replace_lane(i32x4.splat(0), 0, NAT);
  for (let bitAt = depth - 1; bitAt >= 0; bitAt--) {
    const upper = rank + (1 << bitAt);
    if (upper >= mine) {
      node <<= 1;
      continue;
    }
    const bit = mixSix(
      mixer,
      (wanted >> bitAt) & 1,
      bitAt,
      slotAt(slots0, node),
      slotAt(slots1, node),
      slotAt(slots2, node),
      slotAt(slots3, node),
      slotAt(slots4, node),
      slotAt(slots5, node),
      always,
    );
    node = (node << 1) | bit;
    if (bit) rank = upper;
  }
  if (decoding) store<u16>(here, <u16>(sign ? negative + 1 + rank : negative - rank));
  if (parameter(SPATIAL)) addAround(row, output, sign ? 1 : -1);
  last = sign ? rank + 1 : -(rank + 1);
  addToPairs(place, sign);
  addToLine(rowLine, rank, sign);
  addToLine(outputLine, rank, sign);
  addToLine(allLine, rank, sign);
}

/** 0 for a removed weight, else +-(rank + 1). */
function signedRank(address: usize): i32 {
  const code = <i32>load<u16>(address);
  return code === 0 ? 0 : code > negative ? code - negative : code - negative - 1;
}

/** A line is Int32 [3]: count, positive, mean rank in 1/16. */
function signOdds(line: usize): i32 {
  return stretch(dividedShare(load<i32>(line, 4) + 2, 0, load<i32>(line) + 4));
}

function addToLine(line: usize, rank: i32, sign: i32): void {
  const count = load<i32>(line) + 1;
  store<i32>(line, count);
  store<i32>(line, load<i32>(line, 4) + sign, 4);
  const mean = load<i32>(line, 8);
  store<i32>(line, mean + (rank * 16 - mean) / min(count, MEMORY), 8);
}

function step(rank16: i32): i32 {
  return min(RANK_STEPS - 1, (rank16 * RANK_STEPS) / (16 * levels));
}

function leanBucket(sum: i32): i32 {
  const size = abs(sum);
  const steps = min(15, size <= 6 ? size : 6 + (size - 4) / 3);
  return 15 + (sum < 0 ? -steps : steps);
}

function trit(signed: i32): i32 {
  return signed === 0 ? 0 : signed < 0 ? 1 : 2;
}

function nearestRank(a: i32, b: i32, c: i32): i32 {
  const count = <i32>(a !== 0) + <i32>(b !== 0) + <i32>(c !== 0);
  return count === 0 ? 0 : (abs(a) + abs(b) + abs(c)) / count;
}
