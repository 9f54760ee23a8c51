/**
 * Which weights survived: one mixed bit for each weight whose row and output are alive. What is said about a bit comes only
 * from bits that were coded before it: how full its row, its output, its neighbouring rows and its 2-D kernel are so far, and
 * which of its neighbours survived. A neighbour that is not coded yet counts as 0, so every scan order can be decoded.
 */
import type { CoderModel } from './coder-model';
import { hasPlanes, isSpatial, scannedRows, type KernelView, type ScanOrder } from './kernel-view';
import type { LiveLines } from './live-lines';
import { LOG_ODDS_LIMIT, NAT, STRETCH } from './logistic';
import { CALM_RULE, MixedBits, type MixedBitsShape, type MixingRule } from './mixed-bits';
import { BESIDE_COUNT, TAP_COUNT, neighbourhoodOf, type Neighbourhood } from './neighbourhood';
import { ONE, type BinaryCoder } from './range-coder';
import { Surroundings } from './surroundings';

export interface Scan {
  readonly view: KernelView;
  readonly live: LiveLines;
  readonly order: ScanOrder;
  readonly model: CoderModel;
}

/** A rate is estimated as (kept + strength * prior) / (seen + strength): this many weights' worth of prior. */
const PRIOR_STRENGTH = { all: 2, neighbours: 8, row: 12, output: 12, kernel: 3 } as const;

/** Log-odds as contexts: `count` steps from `low` on, the first and last open-ended. */
const COARSE = { step: NAT / 2, low: -8 * NAT, count: 24 } as const;
const FINE = { step: NAT / 4, low: -8 * NAT, count: 48 } as const;

const SMALL_UP_TO = 2 ** 20;

/** Contexts for what survived around a weight. */
const DENSITIES = 20;

/** Is it mixed twice? In larger tensors the first mixing has settled before it matters, and time does. */
export function mixesTwice({ view, model }: Scan): boolean {
  return model.bySize && view.rows * view.outputs <= SMALL_UP_TO;
}

/** Of the first mixing, or the only one. */
export function mixingOf(scan: Scan): MixingRule {
  return scan.model.bySize && !mixesTwice(scan) ? CALM_RULE : scan.model.mixing;
}

/** What is mixed for each weight; the second time by how many its row and its output have kept, and what is around. */
export function mapShape(scan: Scan): MixedBitsShape {
  const { view } = scan;
  return {
    tables: [
      64 * 6,
      COARSE.count * COARSE.count,
      COARSE.count * 9,
      FINE.count * 4,
      DENSITIES * COARSE.count,
      DENSITIES * COARSE.count,
      32 * 12,
      hasPlanes(view) ? 16 * 32 : COARSE.count,
    ],
    opinions: 6,
    sets: 1,
    secondSets: mixesTwice(scan) ? 3 * 3 * 4 : 0,
  };
}

/**
 * Codes the map: one byte a weight, [rows + 1, outputs]; the last row is zero and stands for what is beyond the border.
 * `codes` (0 = removed) is what is to be encoded, or undefined when decoding.
 */
export function codeSignificance(coder: BinaryCoder, scan: Scan, codes?: Uint16Array): Uint8Array {
  const { view, order } = scan;
  const model = new SignificanceModel(scan);
  const rows = scannedRows(view, scan.live.rows, order);
  const { outputs } = scan.live;
  const visit = (i: number, j: number): void => {
    const at = rows[i] * view.outputs + outputs[j];
    model.code(coder, { row: rows[i], output: outputs[j], bit: codes && codes[at] !== 0 ? 1 : 0 });
  };
  if (order.startsWith('rows')) {
    for (let i = 0; i < rows.length; i++) {
      model.outputSeen = i;
      for (let j = 0; j < outputs.length; j++) {
        model.rowSeen = j;
        model.seenBefore = outputs.length;
        model.seenAfter = 0;
        visit(i, j);
      }
    }
  } else {
    for (let j = 0; j < outputs.length; j++) {
      model.rowSeen = j;
      model.seenBefore = j + 1;
      model.seenAfter = j;
      for (let i = 0; i < rows.length; i++) {
        model.outputSeen = i;
        visit(i, j);
      }
    }
  }
  return model.map;
}

class SignificanceModel {
  readonly map: Uint8Array;
  /** How many weights of this row and of this output were coded before. */
  rowSeen = 0;
  outputSeen = 0;
  /** The same for a row that stands before and after this one in the scan. */
  seenBefore = 0;
  seenAfter = 0;

  private readonly refined: boolean;
  private readonly liveRows: number;
  private readonly liveOutputs: number;
  private readonly outputs: number;
  private readonly channels: number;
  private readonly hasKernels: boolean;
  private readonly spatial: boolean;
  private readonly near: Neighbourhood;
  private readonly rowKept: Int32Array;
  private readonly besideKept: Int32Array;
  private readonly outputKept: Int32Array;
  private readonly kernelKept: Int32Array;
  private allKept = 0;
  private allSeen = 0;
  private readonly around: Surroundings;
  private readonly mixed: MixedBits;

  constructor(scan: Scan) {
    const { view, live, order, model } = scan;
    this.refined = model.refined;
    this.liveRows = live.rows.length;
    this.liveOutputs = live.outputs.length;
    this.outputs = view.outputs;
    this.channels = view.channels;
    this.hasKernels = hasPlanes(view);
    this.spatial = isSpatial(view);
    this.map = new Uint8Array((view.rows + 1) * view.outputs);
    this.near = neighbourhoodOf(view, scannedRows(view, live.rows, order));
    this.rowKept = new Int32Array(view.rows);
    this.besideKept = new Int32Array(view.rows);
    this.outputKept = new Int32Array(view.outputs);
    this.kernelKept = new Int32Array(this.hasKernels ? view.channels * view.outputs : 0);
    this.around = new Surroundings(view);
    this.mixed = new MixedBits(mapShape(scan), mixingOf(scan));
  }

  code(coder: BinaryCoder, { row, output, bit }: { row: number; output: number; bit: number }): void {
    const { map, outputs, mixed } = this;
    const { taps, before, after, rankInChannel } = this.near;
    const all = Math.floor(((this.allKept + 1) * ONE) / (this.allSeen + PRIOR_STRENGTH.all));
    const besideSeen = before[row] * this.seenBefore + after[row] * this.seenAfter;
    const besideRate = rate(this.besideKept[row], besideSeen, all, PRIOR_STRENGTH.neighbours);
    let rowRate = rate(this.rowKept[row], this.rowSeen, besideRate, PRIOR_STRENGTH.row);
    let outputRate = rate(this.outputKept[output], this.outputSeen, all, PRIOR_STRENGTH.output);
    if (this.refined) {
      if (this.rowKept[row] === 0) rowRate = rateIfAny(rowRate, this.liveOutputs - this.rowSeen);
      if (this.outputKept[output] === 0) outputRate = rateIfAny(outputRate, this.liveRows - this.outputSeen);
    }
    const allOdds = STRETCH[all];
    const besideOdds = STRETCH[besideRate];
    const rowOdds = STRETCH[rowRate];
    const outputOdds = STRETCH[outputRate];
    const together = clip(rowOdds + outputOdds - allOdds);

    const tap = row * TAP_COUNT;
    const west = map[taps[tap] * outputs + output];
    const north = map[taps[tap + 1] * outputs + output];
    const northWest = map[taps[tap + 2] * outputs + output];
    const northEast = map[taps[tap + 3] * outputs + output];
    const farWest = map[taps[tap + 4] * outputs + output];
    const farNorth = map[taps[tap + 5] * outputs + output];
    const channel = map[taps[tap + 6] * outputs + output];
    const at = row * outputs + output;
    const left = output > 0 ? map[at - 1] : 0;
    const left2 = output > 1 ? map[at - 2] : 0;
    const near = 2 * (west + north) + northWest + northEast + channel;

    const { contexts, opinions } = mixed;
    const coarseOutput = bucket(outputOdds, COARSE);
    const pattern =
      west | (north << 1) | (northWest << 2) | (northEast << 3) | (farWest << 4) | (farNorth << 5);
    contexts[0] = pattern * 6 + Math.min(5, coarseOutput >> 2);
    contexts[1] = bucket(rowOdds, COARSE) * COARSE.count + coarseOutput;
    contexts[2] = coarseOutput * 9 + Math.min(8, near);
    contexts[3] = bucket(together, FINE) * 4 + Math.min(3, west + north + northWest + northEast);
    const density = densityBucket(this.around.at(row, output));
    contexts[4] = density * COARSE.count + coarseOutput;
    contexts[5] = density * COARSE.count + bucket(together, COARSE);
    contexts[6] =
      (left | (left2 << 1) | (channel << 2) | (west << 3) | (north << 4)) * 12 +
      (bucket(together, COARSE) >> 1);
    opinions[0] = rowOdds;
    opinions[1] = outputOdds;
    opinions[2] = together;
    opinions[3] = besideOdds;
    opinions[4] = NAT;
    if (this.refined && !this.spatial) {
      // Without a plane these say nothing else.
      const [inRow, inOutput] = [Math.min(3, this.rowKept[row]), Math.min(3, this.outputKept[output])];
      contexts[0] =
        (inRow * 12 + Math.min(11, 32 - Math.clz32(this.liveOutputs - this.rowSeen))) * 8 +
        (coarseOutput >> 2);
      contexts[5] = (inRow * 4 + inOutput) * COARSE.count + bucket(together, COARSE);
    }
    if (this.hasKernels) {
      const kernel = (row % this.channels) * outputs + output;
      const kept = this.kernelKept[kernel];
      const seen = rankInChannel[row];
      opinions[5] = STRETCH[rate(kept, seen, outputRate, PRIOR_STRENGTH.kernel)];
      contexts[7] = Math.min(15, kept) * 32 + Math.min(31, seen);
    } else {
      opinions[5] = 0;
      contexts[7] = coarseOutput;
    }
    const inLines = Math.min(2, this.rowKept[row]) * 3 + Math.min(2, this.outputKept[output]);
    const coded = mixed.code(coder, bit, 0, inLines * 4 + surroundingsStep(density));
    this.allSeen++;
    if (coded) this.keep(row, output);
  }

  private keep(row: number, output: number): void {
    this.map[row * this.outputs + output] = 1;
    this.allKept++;
    this.around.add(row, output, 1);
    this.rowKept[row]++;
    this.outputKept[output]++;
    const { beside } = this.near;
    for (let i = row * BESIDE_COUNT; i < (row + 1) * BESIDE_COUNT; i++) {
      if (beside[i] >= 0) this.besideKept[beside[i]]++;
    }
    if (this.hasKernels) this.kernelKept[(row % this.channels) * this.outputs + output]++;
  }
}

/** A share of ONE, never 0 or ONE. */
function rate(kept: number, seen: number, prior: number, strength: number): number {
  const p = Math.floor((kept * ONE + strength * prior) / (seen + strength));
  return p < 1 ? 1 : p >= ONE ? ONE - 1 : p;
}

/**
 * The rate in a line that is alive and has kept nothing so far, with `left` weights to come: p / (1 - (1 - p)^left), which is
 * about p + x / (e^x - 1) / left for x = p * left; e^x by its series.
 */
function rateIfAny(p: number, left: number): number {
  const x = Math.floor((p * left) / 256);
  if (x >= 2048) return p;
  const series = 256 + (x >> 1) + Math.floor((x * x) / 1536) + Math.floor((((x * x) >> 8) * x) / 6144);
  return Math.min(ONE - 1, p + Math.floor(Math.floor((256 * ONE) / series) / left));
}

function bucket(
  odds: number,
  scale: { readonly step: number; readonly low: number; readonly count: number },
): number {
  const index = Math.floor((odds - scale.low) / scale.step);
  return index < 0 ? 0 : index >= scale.count ? scale.count - 1 : index;
}

/** The same in 4 steps. */
function surroundingsStep(density: number): number {
  return density === 0 ? 0 : density < 4 ? 1 : density < 8 ? 2 : 3;
}

/** A sum of shares as one of 20 contexts: single steps below 10, then steps of 4. */
function densityBucket(sum: number): number {
  return sum < 10 ? sum : Math.min(DENSITIES - 1, 10 + ((sum - 10) >> 2));
}

function clip(odds: number): number {
  return odds > LOG_ODDS_LIMIT ? LOG_ODDS_LIMIT : odds < -LOG_ODDS_LIMIT ? -LOG_ODDS_LIMIT : odds;
}
