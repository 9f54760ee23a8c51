/** With what value (src/arithmetic/value-codes.ts). */
import {
  ACROSS_CELLS,
  ACROSS_PLACES,
  ACROSS_RINGS,
  ALL_LINE,
  ALONG_CELLS,
  ALONG_PLACES,
  ALONG_RINGS,
  BY_ROWS,
  CODES,
  DEPTH,
  LIVE,
  LIVE_COUNT,
  LOW_BITS,
  MIXED_BITS,
  NEGATIVE,
  OUTPUTS,
  OUTPUT_KEPT,
  OUTPUT_LINE,
  POSITIVE,
  RANK_MIXER,
  ROW_KEPT,
  ROW_LINE,
  SCANNED,
  SCANNED_COUNT,
  SIGN_MIXER,
  SPATIAL,
  SUMS,
  TAPS,
  TRIAL,
  TWICE,
  CALM,
  parameter,
  pointer,
} from './memory';
import { decoding, failed, openCoder, closeCoder } from './range-coder';
import {
  LOG_ODDS_LIMIT,
  NAT,
  codeSlot,
  learnSlot,
  mixOnce,
  openMixing,
  mixTwice,
  mixedProbability,
  pairsOf,
  slotAt,
  slotProbability,
  slotsOf,
  stretch,
} from './mixer';
import { addToPairs, ringAt, startRing, voteStep, votesFor } from './sign-pairs';
import { addAround } from './surroundings';
import { kept } from './looking-around';
import { dividedShare } from './shares';
const RANK_STEPS: i32 = 12;
const LINE_PRIOR: i32 = 8;
const MOST_SUMMED: i32 = 1024;
const LEAST_GAIN: i64 = 1 << 14;

/** Where each table of a rank begins, in contexts of all its nodes. */
const RANK_1: i32 = 1;
const RANK_2: i32 = RANK_1 + 2;
const RANK_3: i32 = RANK_2 + RANK_STEPS;
const RANK_4: i32 = RANK_3 + 16;
const RANK_5: i32 = RANK_4 + 256;
const RANK_6: i32 = RANK_5 + 16;
const RANK_7: i32 = RANK_6 + 64;

let negative: i32 = 0;
let positive: i32 = 0;
let levels: i32 = 0;
let depth: i32 = 0;
/** Signed rank of the weight before. */
let last: i32 = 0;
/** Log-odds of a plus by all votes. */
let votes: i32 = 0;
/** How far ranks lie from their mean. */
let spreadCount: i32 = 0;
let spreadSum: i32 = 0;
/** Survivors until it is decided what is mixed on; 0 afterwards, and where all is. */
let trialLeft: i32 = 0;
let signGain: i64 = 0;
let rankGain: i64 = 0;
let signsMixed: bool = true;
let ranksMixed: bool = true;

/** Codes the survivors: where the map says 1 (decoding) or the code is not 0 (encoding). */
export function codeValues(): void {
  openCoder();
  openMixing(parameter(CALM));
  negative = parameter(NEGATIVE);
  positive = parameter(POSITIVE);
  levels = max(1, max(negative, positive));
  depth = parameter(DEPTH);
  last = 0;
  spreadCount = 0;
  spreadSum = 0;
  trialLeft = parameter(TRIAL);
  signGain = 0;
  rankGain = 0;
  signsMixed = true;
  ranksMixed = true;
  const along = pointer(ALONG_RINGS);
  const places = parameter(ALONG_PLACES);
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
      startRing(along, places);
      for (let j = 0; j < outputs; j++) {
        const output = load<i32>(live + ((<usize>j) << 2));
        if (kept(line, <usize>output)) codeValue(row, output);
      }
    }
  } else {
    for (let j = 0; j < outputs && !failed; j++) {
      const output = load<i32>(live + ((<usize>j) << 2));
      startRing(along, places);
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
  if (!signsMixed && !ranksMixed) {
    codeAlone(here);
    return;
  }
  const taps = pointer(TAPS) + <usize>row * 28;
  const west = signedRank(column + <usize>load<u32>(taps) * pitch);
  const north = signedRank(column + <usize>load<u32>(taps, 4) * pitch);
  const northEast = signedRank(column + <usize>load<u32>(taps, 12) * pitch);
  const channel = signedRank(column + <usize>load<u32>(taps, 24) * pitch);
  const signed = signedRank(here);
  const rowLine = pointer(ROW_LINE) + ((<usize>row) << 4);
  const outputLine = pointer(OUTPUT_LINE) + ((<usize>output) << 4);
  const allLine = pointer(ALL_LINE);

  const byRows = parameter(BY_ROWS);
  const place = byRows ? output : row;
  const line = byRows ? row : output;
  const across = ringAt(pointer(ACROSS_RINGS), place);
  votes = 0;
  let sign = <i32>(negative === 0);
  const signAlone = slotAt(pointer(LOW_BITS), depth);
  if (negative !== 0 && positive !== 0 && !signsMixed) {
    sign = codeSlot(signAlone, <i32>(signed > 0));
  } else if (negative !== 0 && positive !== 0) {
    const sums = pointer(SUMS);
    const lean = leanBucket(
      parameter(SPATIAL) ? <i32>load<i8>(sums + <usize>row * <usize>parameter(OUTPUTS) + <usize>output) : 0,
    );
    const mixer = pointer(SIGN_MIXER);
    const w = trit(west);
    const n = trit(north);
    const slots = slotsOf(mixer);
    const before = trit(last);
    const beside = w * 3 + n;
    const inLine = votesFor(pointer(ALONG_CELLS), parameter(ALONG_PLACES), pointer(ALONG_RINGS), place);
    const overLines = votesFor(pointer(ACROSS_CELLS), parameter(ACROSS_PLACES), across, line);
    votes = max(-LOG_ODDS_LIMIT, min(LOG_ODDS_LIMIT, inLine + overLines));
    const step = voteStep(votes);
    let opinions = i32x4.splat(NAT);
    opinions = i32x4.replace_lane(opinions, 1, signOdds(outputLine));
    opinions = i32x4.replace_lane(opinions, 2, signOdds(rowLine));
    opinions = i32x4.replace_lane(opinions, 3, signOdds(allLine));
    let more = i32x4.replace_lane(i32x4.splat(0), 0, inLine);
    more = i32x4.replace_lane(more, 1, overLines);
    more = i32x4.replace_lane(more, 2, votes);
    sign = mixOnce(
      mixer,
      <i32>(signed > 0),
      0,
      slotAt(slots, (beside * 3 + trit(northEast)) * 3 + trit(channel)),
      slotAt(slots, 81 + (min(2, abs(west)) * 9 + beside) * 3 + min(2, abs(north))),
      slotAt(slots, 162 + before),
      slotAt(slots, 165 + lean * 3 + before),
      slotAt(slots, 258 + voteStep(inLine)),
      slotAt(slots, 290 + voteStep(overLines)),
      slotAt(slots, 322 + step),
      slotAt(slots, 354 + step * 9 + beside),
      pairsOf(opinions),
      pairsOf(more),
    );
    if (trialLeft) {
      signGain += gain(sign, mixedProbability, <i32>slotProbability(signAlone));
      learnSlot(signAlone, sign);
    }
  }

  const near = nearestRank(west, north, northEast);
  const nearStep =
    near === 0 ? 0 : 1 + min(RANK_STEPS - 2, min(RANK_STEPS - 1, (near * RANK_STEPS) / levels));
  const all = average(allLine, 4 * levels, 1);
  const rank = codeRank(
    abs(signed) - 1,
    sign,
    nearStep,
    average(outputLine, all, LINE_PRIOR) + average(rowLine, all, LINE_PRIOR) - 2 * all,
    load<i32>(pointer(ROW_KEPT) + ((<usize>row) << 2)),
    load<i32>(pointer(OUTPUT_KEPT) + ((<usize>output) << 2)),
  );
  if (decoding) store<u16>(here, <u16>(sign ? negative + 1 + rank : negative - rank));
  if (signsMixed) {
    if (parameter(SPATIAL)) addAround(row, output, sign ? 1 : -1);
    last = sign ? rank + 1 : -(rank + 1);
    addToPairs(pointer(ALONG_CELLS), parameter(ALONG_PLACES), pointer(ALONG_RINGS), place, sign);
    addToPairs(pointer(ACROSS_CELLS), parameter(ACROSS_PLACES), across, line, sign);
  }
  spreadSum += abs(16 * rank - all);
  if (++spreadCount === MOST_SUMMED) {
    spreadCount >>= 1;
    spreadSum >>= 1;
  }
  addToLine(rowLine, rank, sign);
  addToLine(outputLine, rank, sign);
  addToLine(allLine, rank, sign);
  if (trialLeft && --trialLeft === 0) {
    const least = <i64>parameter(TRIAL) * LEAST_GAIN;
    signsMixed = signGain > least;
    ranksMixed = rankGain > least;
  }
}

function gain(bit: i32, mixed: i32, alone: i32): i64 {
  const withIt = ((bit << 16) - mixed) >> 4;
  const without = ((bit << 16) - alone) >> 4;
  return without * without - withIt * withIt;
}

/** Sign and rank by adaptive bits alone. */
function codeAlone(here: usize): void {
  const signed = signedRank(here);
  let sign = <i32>(negative === 0);
  if (negative !== 0 && positive !== 0) {
    sign = codeSlot(slotAt(pointer(LOW_BITS), depth), <i32>(signed > 0));
  }
  const rank = codeRankAlone(abs(signed) - 1, sign ? positive : negative);
  if (decoding) store<u16>(here, <u16>(sign ? negative + 1 + rank : negative - rank));
}

function codeRankAlone(wanted: i32, mine: i32): i32 {
  const low = pointer(LOW_BITS);
  const slots = slotsOf(pointer(RANK_MIXER));
  const lowest = depth - parameter(MIXED_BITS);
  let node = 1;
  let rank = 0;
  for (let bitAt = depth - 1; bitAt >= 0; bitAt--) {
    const upper = rank + (1 << bitAt);
    let bit = 0;
    if (upper < mine) {
      bit = codeSlot(bitAt < lowest ? slotAt(low, bitAt) : slotAt(slots, node), (wanted >> bitAt) & 1);
      if (bit) rank = upper;
    }
    node = (node << 1) | bit;
  }
  return rank;
}

/** Bit by bit from the top; the lowest by one slot each. */
function codeRank(wanted: i32, sign: i32, nearStep: i32, distance: i32, byRow: i32, byOutput: i32): i32 {
  const mine = sign ? positive : negative;
  if (!ranksMixed) return codeRankAlone(wanted, mine);
  const mixed = parameter(MIXED_BITS);
  const low = pointer(LOW_BITS);
  const mixer = pointer(RANK_MIXER);
  const spread = max(1, (spreadSum + 4 * levels) / (spreadCount + 1));
  const far = 8 * distance + (spread >> 1) + 8 * spread;
  const size = far < 0 ? 0 : min(15, far / spread);
  const sure = min(15, abs(votes) >> 5);
  const both = byRow + byOutput;
  const squares = clipStep(4 + ((byRow + 8) >> 4), 7) * 8 + clipStep(4 + ((byOutput + 8) >> 4), 7);
  const slots0 = slotsOf(mixer);
  const pitch = mixed + 3;
  const slots1 = slots0 + ((<usize>(RANK_1 + sign)) << pitch);
  const slots2 = slots0 + ((<usize>(RANK_2 + nearStep)) << pitch);
  const slots3 = slots0 + ((<usize>(RANK_3 + size)) << pitch);
  const slots4 = slots0 + ((<usize>(RANK_4 + size * 16 + sure)) << pitch);
  const slots5 = slots0 + ((<usize>(RANK_5 + clipStep(8 + ((both + 2) >> 2), 15))) << pitch);
  const slots6 = slots0 + ((<usize>(RANK_6 + squares)) << pitch);
  const slots7 = slots0 + ((<usize>(RANK_7 + sure * 16 + clipStep(8 + ((both + 4) >> 3), 15))) << pitch);
  const always = pairsOf(i32x4.replace_lane(i32x4.splat(0), 0, NAT));
  const nothing = i32x4.splat(0);
  const twice = parameter(TWICE);
  let node = 1;
  let rank = 0;
  for (let bitAt = depth - 1; bitAt >= 0; bitAt--) {
    const upper = rank + (1 << bitAt);
    let bit = 0;
    if (upper < mine) {
      bit = (wanted >> bitAt) & 1;
      if (bitAt < depth - mixed) {
        bit = codeSlot(slotAt(low, bitAt), bit);
      } else {
        const alone = <i32>(load<u32>(slotAt(slots0, node)) >>> 16);
        const a0 = slotAt(slots0, node);
        const a1 = slotAt(slots1, node);
        const a2 = slotAt(slots2, node);
        const a3 = slotAt(slots3, node);
        const a4 = slotAt(slots4, node);
        const a5 = slotAt(slots5, node);
        const a6 = slotAt(slots6, node);
        const a7 = slotAt(slots7, node);
        bit = twice
          ? mixTwice(mixer, bit, bitAt, depth + 1, a0, a1, a2, a3, a4, a5, a6, a7, always, nothing)
          : mixOnce(mixer, bit, bitAt, a0, a1, a2, a3, a4, a5, a6, a7, always, nothing);
        if (trialLeft) rankGain += gain(bit, mixedProbability, alone);
      }
      if (bit) rank = upper;
    }
    node = (node << 1) | bit;
  }
  return rank;
}

function clipStep(step: i32, most: i32): i32 {
  return max(0, min(most, step));
}

/** 0 for a removed weight, else +-(rank + 1). */
function signedRank(address: usize): i32 {
  const code = <i32>load<u16>(address);
  return code === 0 ? 0 : code > negative ? code - negative : code - negative - 1;
}

/** A line is Int32 [4]: count, positive; ranks that were summed, their sum. */
function signOdds(line: usize): i32 {
  return stretch(dividedShare(load<i32>(line, 4) + 2, 0, load<i32>(line) + 4));
}

/** The mean rank in 1/16, of which `prior` is so many weights' worth. */
function average(line: usize, prior: i32, strength: i32): i32 {
  return (16 * load<i32>(line, 12) + strength * prior) / (load<i32>(line, 8) + strength);
}

function addToLine(line: usize, rank: i32, sign: i32): void {
  store<i32>(line, load<i32>(line) + 1);
  store<i32>(line, load<i32>(line, 4) + sign, 4);
  let summed = load<i32>(line, 8) + 1;
  let sum = load<i32>(line, 12) + rank;
  if (summed === MOST_SUMMED) {
    summed >>= 1;
    sum >>= 1;
  }
  store<i32>(line, summed, 8);
  store<i32>(line, sum, 12);
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
