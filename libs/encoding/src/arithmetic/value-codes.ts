/**
 * The codes of the survivors: sign, then magnitude rank. The codebook ascends, so the codes of negative levels come first; the
 * rank counts from the level nearest to zero, and is coded bit by bit from the top, skipping branches that no level is on.
 * By now the whole map of survivors is known to both sides.
 */
import { previousChannelRow, scannedRows, shiftedRow } from './kernel-view';
import { NAT, STRETCH } from './logistic';
import { MixedBits, type MixedBitsShape } from './mixed-bits';
import { ONE, type BinaryCoder } from './range-coder';
import { SignPairs, VOTE_STEPS, placesOf, voteStep } from './sign-pairs';
import type { Scan } from './significance-map';
import { Surroundings } from './surroundings';

/** How many of the levels are negative and positive. */
export interface SignSplit {
  readonly negative: number;
  readonly positive: number;
}

/** Running means of rank move by 1 / this at each weight, once that many were seen. */
const MEMORY = 32;
/** Ranks as contexts: this many steps. */
const RANK_STEPS = 12;

/** What is mixed for a sign. */
export function signShape(refined: boolean): MixedBitsShape {
  const tables = [1, 81, 27 * 3, 3, 31, 31 * 3];
  if (!refined) return { tables, opinions: 4, sets: 1 };
  return { tables: [...tables, VOTE_STEPS, VOTE_STEPS * 9], opinions: 5, sets: 1 };
}

/** Places of the table of pairs. */
export function pairPlaces({ view, order, model }: Scan, { negative, positive }: SignSplit): number {
  if (!model.refined || negative === 0 || positive === 0) return 0;
  return placesOf(order.startsWith('rows') ? view.outputs : view.rows);
}

/** Bits of a rank. */
export function rankDepth({ negative, positive }: SignSplit): number {
  return 32 - Math.clz32(Math.max(1, negative, positive) - 1);
}

/** What is mixed for a bit of a rank; one set of weights a bit. */
export function rankShape(depth: number): MixedBitsShape {
  const nodes = 2 << depth;
  const byStep = RANK_STEPS * nodes;
  return { tables: [nodes, 2 * nodes, byStep, byStep, byStep, byStep], opinions: 1, sets: depth + 1 };
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
  private readonly signs: MixedBits;
  private readonly ranks: MixedBits;
  /** Signed rank (+-1, +-2, ...) of the weight before. */
  private last = 0;
  private readonly around: Surroundings;
  private readonly refined: boolean;
  private readonly byRows: boolean;
  private readonly pairs: SignPairs;

  constructor(scan: Scan & { readonly split: SignSplit }) {
    const { view, split, live, order, model } = scan;
    this.refined = model.refined;
    this.byRows = order.startsWith('rows');
    this.pairs = new SignPairs(pairPlaces(scan, split));
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
    this.signs = new MixedBits(signShape(model.refined), model.mixing);
    this.ranks = new MixedBits(rankShape(this.depth), model.mixing);
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
    const levels = positive ? this.positive : this.negative;
    const near = nearestRank(west, north, northEast);
    const { contexts } = this.ranks;
    const steps = [
      0,
      positive,
      this.step(this.outputLine.mean(output)),
      this.step(this.rowLine.mean(row)),
      near === 0 ? 0 : 1 + Math.min(RANK_STEPS - 2, this.step(near * 16)),
      this.step(this.all.mean(0)),
    ];
    const nodes = 2 << this.depth;
    let node = 1;
    let rank = 0;
    this.ranks.opinions[0] = NAT;
    for (let bitAt = this.depth - 1; bitAt >= 0; bitAt--) {
      const upper = rank + 2 ** bitAt;
      if (upper >= levels) {
        node = node * 2;
        continue;
      }
      for (let i = 0; i < contexts.length; i++) contexts[i] = steps[i] * nodes + node;
      const wanted = Math.floor((Math.abs(signed) - 1) / 2 ** bitAt) % 2;
      const bit = this.ranks.code(coder, wanted, bitAt);
      node = node * 2 + bit;
      if (bit) rank = upper;
    }
    this.codes[at] = positive ? this.negative + 1 + rank : this.negative - rank;
    this.around.add(row, output, positive ? 1 : -1);
    this.last = positive ? rank + 1 : -(rank + 1);
    this.pairs.add(this.byRows ? output : row, positive);
    for (const [line, index] of [
      [this.rowLine, row],
      [this.outputLine, output],
      [this.all, 0],
    ] as const) {
      line.add(index, rank, positive);
    }
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
    if (this.negative === 0) return 1;
    if (this.positive === 0) return 0;
    const [west, north, northEast, channel] = weight.around;
    const { contexts, opinions } = this.signs;
    const w = trit(west);
    const n = trit(north);
    contexts[0] = 0;
    contexts[1] = ((w * 3 + n) * 3 + trit(northEast)) * 3 + trit(channel);
    contexts[2] = (Math.min(2, Math.abs(west)) * 9 + w * 3 + n) * 3 + Math.min(2, Math.abs(north));
    contexts[3] = trit(this.last);
    const lean = leanBucket(this.around.at(weight.row, weight.output));
    contexts[4] = lean;
    contexts[5] = lean * 3 + trit(this.last);
    opinions[0] = NAT;
    opinions[1] = this.outputLine.signOdds(weight.output);
    opinions[2] = this.rowLine.signOdds(weight.row);
    opinions[3] = this.all.signOdds(0);
    if (this.refined) {
      const votes = this.pairs.odds(this.byRows ? weight.output : weight.row);
      const step = voteStep(votes);
      contexts[6] = step;
      contexts[7] = step * 9 + w * 3 + n;
      opinions[4] = votes;
    }
    return this.signs.code(coder, weight.bit, 0);
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

/** What is known of the values of a row or an output so far. */
class Line {
  private readonly count: Int32Array;
  private readonly positive: Int32Array;
  /** Mean rank in 1/16. */
  private readonly rank16: Int32Array;

  constructor(size: number) {
    this.count = new Int32Array(size);
    this.positive = new Int32Array(size);
    this.rank16 = new Int32Array(size);
  }

  mean(index: number): number {
    return this.rank16[index];
  }

  signOdds(index: number): number {
    return STRETCH[Math.floor(((this.positive[index] + 2) * ONE) / (this.count[index] + 4))];
  }

  add(index: number, rank: number, positive: number): void {
    const count = ++this.count[index];
    this.positive[index] += positive;
    const share = Math.min(count, MEMORY);
    this.rank16[index] += Math.trunc((rank * 16 - this.rank16[index]) / share);
  }
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
