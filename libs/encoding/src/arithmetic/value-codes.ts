/**
 * The codes of the survivors: sign, then magnitude rank. The codebook ascends, so the codes of negative levels come first; the
 * rank counts from the level nearest to zero, and is coded bit by bit from the top, skipping branches that no level is on.
 * By now the whole map of survivors is known to both sides.
 */
import { AdaptiveBits } from './adaptive-bits';
import { previousChannelRow, scannedRows, shiftedRow, type KernelView } from './kernel-view';
import { lineDensities } from './octaves';
import { LOG_ODDS_LIMIT, NAT } from './logistic';
import { MixedBits, type MixedBitsShape } from './mixed-bits';
import type { BinaryCoder } from './range-coder';
import { Line, Spread } from './rank-lines';
import { SignPairs, VOTE_STEPS, placesAcross, placesOf, voteStep } from './sign-pairs';
import { mixesTwice, mixingOf, type Scan } from './significance-map';
import { Surroundings } from './surroundings';
import { TRIAL_SURVIVORS, Trial } from './trial';

/** How many of the levels are negative and positive. */
export interface SignSplit {
  readonly negative: number;
  readonly positive: number;
}

/** Ranks as contexts: this many steps. */
const RANK_STEPS = 12;

/** What is mixed for a sign. */
export function signShape(refined: boolean): MixedBitsShape {
  const tables = [1, 81, 27 * 3, 3, 31, 31 * 3];
  if (!refined) return { tables, opinions: 4, sets: 1 };
  const byVotes = [VOTE_STEPS, VOTE_STEPS, VOTE_STEPS, VOTE_STEPS * 9];
  return { tables: [81, 27 * 3, 3, 31 * 3, ...byVotes], opinions: 7, sets: 1 };
}

/** Places of the table of pairs along the lines of the scan, and of that across them. */
export function pairPlaces(
  { view, order, model }: Scan,
  { negative, positive }: SignSplit,
): { readonly along: number; readonly across: number } {
  if (!model.refined || negative === 0 || positive === 0) return { along: 0, across: 0 };
  const [length, lines] = order.startsWith('rows') ? [view.outputs, view.rows] : [view.rows, view.outputs];
  return { along: placesOf(length), across: placesAcross(length, lines) };
}

/** Bits of a rank. */
export function rankDepth({ negative, positive }: SignSplit): number {
  return 32 - Math.clz32(Math.max(1, negative, positive) - 1);
}

/** Bits below these are nearly even: they have one adaptive slot each. */
const MOST_MIXED_BITS = 4;

/** How many bits of a rank are mixed, from the top. */
export function mixedRankBits(depth: number, refined: boolean): number {
  return refined ? Math.min(depth, MOST_MIXED_BITS) : depth;
}

/** What is mixed for a bit of a rank; one set of weights a bit, the second time the same for all. */
export function rankShape(depth: number, scan: Scan): MixedBitsShape {
  const { refined } = scan.model;
  const nodes = 2 << mixedRankBits(depth, refined);
  const contexts = refined
    ? [1, 2, RANK_STEPS, 16, 256, 16, 64, 256]
    : [1, 2, ...new Array<number>(4).fill(RANK_STEPS)];
  return {
    tables: contexts.map((count) => count * nodes),
    opinions: 1,
    sets: depth + 1,
    secondSets: mixesTwice(scan) ? 1 : 0,
  };
}

/**
 * Codes the survivors of `map` in the scan's order. `codes` [rows, outputs] is what is to be encoded, or undefined when
 * decoding. Returns the codes.
 */
export function codeValues(
  coder: BinaryCoder,
  scan: Scan & { readonly map: Uint8Array; readonly split: SignSplit },
  codes?: Uint16Array,
): Uint16Array {
  const { view, order, map } = scan;
  const model = new ValueModel(scan);
  const rows = scannedRows(view, scan.live.rows, order);
  const { outputs } = scan.live;
  const visit = (row: number, output: number): void => {
    const at = row * view.outputs + output;
    if (map[at]) model.code(coder, { row, output, code: codes ? codes[at] : 0 });
  };
  if (order.startsWith('rows')) {
    for (const row of rows) {
      model.startLine();
      for (const output of outputs) visit(row, output);
    }
  } else {
    for (const output of outputs) {
      model.startLine();
      for (const row of rows) visit(row, output);
    }
  }
  return model.codes.subarray(0, view.rows * view.outputs);
}

class ValueModel {
  /** [rows + 1, outputs]; the last row stands for what is beyond the border. */
  readonly codes: Uint16Array;
  private readonly outputs: number;
  private readonly negative: number;
  private readonly positive: number;
  private readonly taps: Int32Array;
  private readonly rowLine: Line;
  private readonly outputLine: Line;
  private readonly all: Line;
  private readonly depth: number;
  private readonly mixedBits: number;
  private readonly signs: MixedBits;
  private readonly ranks: MixedBits;
  /** Signed rank (+-1, +-2, ...) of the weight before. */
  private last = 0;
  private readonly spread: Spread;
  private readonly around: Surroundings;
  private readonly refined: boolean;
  private readonly byRows: boolean;
  private readonly pairs: SignPairs;
  private readonly crossPairs: SignPairs;
  /** Log-odds of a plus by all votes. */
  private votes = 0;
  /** The last is a sign's. */
  private readonly lowBits: AdaptiveBits;
  /** Survivors until it is decided what is mixed on. */
  private trialLeft: number;
  private readonly signTrial = new Trial();
  private readonly rankTrial = new Trial();
  private signsMixed = true;
  private ranksMixed = true;
  private readonly rowDensity: Int32Array;
  private readonly outputDensity: Int32Array;

  constructor(scan: Scan & { readonly split: SignSplit; readonly map: Uint8Array }) {
    const { view, split, live, order, model } = scan;
    this.refined = model.refined;
    this.byRows = order.startsWith('rows');
    const places = pairPlaces(scan, split);
    this.pairs = new SignPairs(places.along);
    this.crossPairs = new SignPairs(places.across, this.byRows ? view.outputs : view.rows);
    const kept = keptInLines(scan);
    this.rowDensity = lineDensities(kept.rows, { all: kept.all, live: live.rows.length });
    this.outputDensity = lineDensities(kept.outputs, { all: kept.all, live: live.outputs.length });
    this.outputs = view.outputs;
    this.around = new Surroundings(view);
    this.negative = split.negative;
    this.positive = split.positive;
    this.codes = new Uint16Array((view.rows + 1) * view.outputs);
    this.taps = new Int32Array(view.rows * 4);
    for (const row of live.rows) {
      this.taps[row * 4] = shiftedRow(view, row, [0, -1]);
      this.taps[row * 4 + 1] = shiftedRow(view, row, [-1, 0]);
      this.taps[row * 4 + 2] = shiftedRow(view, row, [-1, 1]);
      this.taps[row * 4 + 3] = previousChannelRow(view, row);
    }
    this.rowLine = new Line(view.rows);
    this.outputLine = new Line(view.outputs);
    this.all = new Line(1);
    this.depth = rankDepth(split);
    this.spread = new Spread(Math.max(1, split.negative, split.positive));
    this.signs = new MixedBits(signShape(model.refined), mixingOf(scan));
    this.mixedBits = mixedRankBits(this.depth, model.refined);
    this.ranks = new MixedBits(rankShape(this.depth, scan), mixingOf(scan));
    this.lowBits = new AdaptiveBits(this.depth + 1);
    this.trialLeft = model.tries ? TRIAL_SURVIVORS : 0;
  }

  startLine(): void {
    this.pairs.startLine();
  }

  code(
    coder: BinaryCoder,
    weight: { readonly row: number; readonly output: number; readonly code: number },
  ): void {
    const { row, output } = weight;
    const at = row * this.outputs + output;
    const west = this.signedRank(this.taps[row * 4], output);
    const north = this.signedRank(this.taps[row * 4 + 1], output);
    const northEast = this.signedRank(this.taps[row * 4 + 2], output);
    const channel = this.signedRank(this.taps[row * 4 + 3], output);
    const signed = this.split(weight.code);

    const positive = this.codeSign(coder, {
      row,
      output,
      around: [west, north, northEast, channel],
      bit: signed > 0 ? 1 : 0,
    });
    const near = nearestRank(west, north, northEast);
    const nearStep = near === 0 ? 0 : 1 + Math.min(RANK_STEPS - 2, this.step(near * 16));
    const rank = this.codeRank(coder, {
      levels: positive ? this.positive : this.negative,
      rank: Math.abs(signed) - 1,
      steps: this.refined
        ? [0, positive, nearStep, ...this.refinedSteps(row, output)]
        : [
            0,
            positive,
            this.step(this.outputLine.mean(output)),
            this.step(this.rowLine.mean(row)),
            nearStep,
            this.step(this.all.mean(0)),
          ],
    });
    this.codes[at] = positive ? this.negative + 1 + rank : this.negative - rank;
    this.around.add(row, output, positive ? 1 : -1);
    this.last = positive ? rank + 1 : -(rank + 1);
    if (this.byRows) {
      this.pairs.add(output, positive);
      this.crossPairs.add(row, positive, output);
    } else {
      this.pairs.add(row, positive);
      this.crossPairs.add(output, positive, row);
    }
    this.spread.add(rank, this.all);
    for (const [line, index] of [
      [this.rowLine, row],
      [this.outputLine, output],
      [this.all, 0],
    ] as const) {
      line.add(index, rank, positive);
    }
    if (this.trialLeft === 0 || --this.trialLeft > 0) return;
    this.signsMixed = this.signTrial.passed;
    this.ranksMixed = this.rankTrial.passed;
  }

  /** Bit by bit from the top. */
  private codeRank(
    coder: BinaryCoder,
    given: { readonly levels: number; readonly rank: number; readonly steps: readonly number[] },
  ): number {
    const { depth, mixedBits, ranks } = this;
    const nodes = 2 << mixedBits;
    let node = 1;
    let rank = 0;
    ranks.opinions[0] = NAT;
    for (let bitAt = depth - 1; bitAt >= 0; bitAt--) {
      const upper = rank + 2 ** bitAt;
      let bit = 0;
      if (upper < given.levels) {
        const wanted = Math.floor(given.rank / 2 ** bitAt) % 2;
        if (bitAt < depth - mixedBits) {
          bit = this.lowBits.code(coder, bitAt, wanted);
        } else {
          given.steps.forEach((step, i) => (ranks.contexts[i] = step * nodes + node));
          bit = this.ranksMixed ? ranks.code(coder, wanted, bitAt) : ranks.codeAlone(coder, wanted);
          if (this.trialLeft > 0) this.rankTrial.add(bit, ranks.mixed, ranks.alone);
        }
      }
      node = node * 2 + bit;
      if (bit) rank = upper;
    }
    return rank;
  }

  /** How large the weights of its row and output were, how full both are, and how sure its sign was. */
  private refinedSteps(row: number, output: number): number[] {
    const all = this.all.average(0, this.spread.prior, 1);
    const spread = this.spread.value();
    const byLines =
      this.outputLine.average(output, all, LINE_PRIOR) + this.rowLine.average(row, all, LINE_PRIOR) - 2 * all;
    const size = spreadStep(byLines, spread);
    const [byRow, byOutput] = [this.rowDensity[row], this.outputDensity[output]];
    const sure = Math.min(15, Math.abs(this.votes) >> 5);
    return [
      size,
      size * 16 + sure,
      clipStep(8 + ((byRow + byOutput + 2) >> 2), 15),
      clipStep(4 + ((byRow + 8) >> 4), 7) * 8 + clipStep(4 + ((byOutput + 8) >> 4), 7),
      sure * 16 + clipStep(8 + ((byRow + byOutput + 4) >> 3), 15),
    ];
  }

  private codeSign(
    coder: BinaryCoder,
    weight: {
      readonly row: number;
      readonly output: number;
      readonly around: readonly number[];
      readonly bit: number;
    },
  ): number {
    this.votes = 0;
    if (this.negative === 0) return 1;
    if (this.positive === 0) return 0;
    if (!this.signsMixed) return this.lowBits.code(coder, this.depth, weight.bit);
    const [west, north, northEast, channel] = weight.around;
    const { contexts, opinions } = this.signs;
    const w = trit(west);
    const n = trit(north);
    const around = ((w * 3 + n) * 3 + trit(northEast)) * 3 + trit(channel);
    const sizes = (Math.min(2, Math.abs(west)) * 9 + w * 3 + n) * 3 + Math.min(2, Math.abs(north));
    const last = trit(this.last);
    const lean = leanBucket(this.around.at(weight.row, weight.output));
    opinions[0] = NAT;
    opinions[1] = this.outputLine.signOdds(weight.output);
    opinions[2] = this.rowLine.signOdds(weight.row);
    opinions[3] = this.all.signOdds(0);
    if (this.refined) {
      const [place, ring] = this.byRows ? [weight.output, weight.row] : [weight.row, weight.output];
      const along = this.pairs.odds(place);
      const across = this.crossPairs.odds(ring, place);
      const votes = clip(along + across);
      this.votes = votes;
      contexts.set([around, sizes, last, lean * 3 + last]);
      contexts.set([along, across, votes].map(voteStep), 4);
      contexts[7] = voteStep(votes) * 9 + w * 3 + n;
      opinions.set([along, across, votes], 4);
    } else {
      contexts.set([0, around, sizes, last, lean, lean * 3 + last]);
    }
    const sign = this.signs.code(coder, weight.bit, 0);
    if (this.trialLeft > 0) {
      this.signTrial.add(sign, this.signs.mixed, this.lowBits.probability(this.depth));
      this.lowBits.learn(this.depth, sign);
    }
    return sign;
  }

  private signedRank(row: number, output: number): number {
    return this.split(this.codes[row * this.outputs + output]);
  }

  /** 0 for a removed weight, else +-(rank + 1). */
  private split(code: number): number {
    return code === 0 ? 0 : code > this.negative ? code - this.negative : code - this.negative - 1;
  }

  /** A mean rank, in 1/16, as a context. */
  private step(rank16: number): number {
    const levels = Math.max(this.negative, this.positive);
    return Math.min(RANK_STEPS - 1, Math.floor((rank16 * RANK_STEPS) / (16 * Math.max(1, levels))));
  }
}

/** A line's mean rank starts at that of all with so many weights' worth of trust. */
const LINE_PRIOR = 8;
/** A distance from the mean as one of 16 contexts, eight to a mean distance. */
function spreadStep(distance: number, spread: number): number {
  return clipStep(Math.floor((8 * distance + (spread >> 1) + 8 * spread) / spread), 15);
}

function clipStep(step: number, most: number): number {
  return step < 0 ? 0 : step > most ? most : step;
}

function clip(odds: number): number {
  return odds > LOG_ODDS_LIMIT ? LOG_ODDS_LIMIT : odds < -LOG_ODDS_LIMIT ? -LOG_ODDS_LIMIT : odds;
}

/** Survivors of each row and output, and of all. */
function keptInLines({ view, map }: { readonly view: KernelView; readonly map: Uint8Array }): {
  rows: Int32Array;
  outputs: Int32Array;
  all: number;
} {
  const kept = { rows: new Int32Array(view.rows), outputs: new Int32Array(view.outputs), all: 0 };
  for (let row = 0, i = 0; row < view.rows; row++) {
    for (let output = 0; output < view.outputs; output++, i++) {
      if (map[i] === 0) continue;
      kept.rows[row]++;
      kept.outputs[output]++;
      kept.all++;
    }
  }
  return kept;
}

/** A signed sum of shares as one of 31 contexts: single steps up to 6, then steps of 3. */
function leanBucket(sum: number): number {
  const size = Math.abs(sum);
  const step = Math.min(15, size <= 6 ? size : 6 + Math.floor((size - 4) / 3));
  return 15 + (sum < 0 ? -step : step);
}

function trit(signed: number): number {
  return signed === 0 ? 0 : signed < 0 ? 1 : 2;
}

/** The mean rank + 1 of the neighbours that survived, rounded; 0 when none did. */
function nearestRank(a: number, b: number, c: number): number {
  const count = (a ? 1 : 0) + (b ? 1 : 0) + (c ? 1 : 0);
  return count === 0 ? 0 : Math.floor((Math.abs(a) + Math.abs(b) + Math.abs(c)) / count);
}
