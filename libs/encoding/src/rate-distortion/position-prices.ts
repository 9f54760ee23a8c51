/**
 * What it costs to say of each weight whether it is kept: an estimate of what the arithmetic coder will pay, from the same
 * things that it looks at (how full a weight's row and output are, what is kept around it), but all at once instead of as it
 * goes. How the parts combine is not assumed: weights with alike surroundings are counted together.
 */
import type { Shape } from '@espalier/tensor';
import { isSpatial, kernelView, type ImageLayout } from '../arithmetic/kernel-view';

/** Weights' worth of prior in the rate of a row or an output. */
const PRIOR_STRENGTH = 4;
/** Steps of log-odds, in bits, as contexts; and how many neighbours are told apart. */
const ODDS_STEP = 0.5;
const ODDS_STEPS = 40;
const NEAR_STEPS = 5;

export interface PositionLayout {
  readonly shape: Shape;
  readonly image?: ImageLayout;
}

export interface PositionPrices {
  /** [contexts]: bits for "kept" and for "removed". */
  readonly kept: Float64Array;
  readonly removed: Float64Array;
  /** [weights]: the context of each. */
  readonly context: Uint8Array;
}

/** `map` [..., outputs]: not 0 = kept. */
export function positionPrices(map: Uint16Array, layout: PositionLayout): PositionPrices {
  const view = kernelView(layout.shape, layout.image);
  const { rows, outputs, channels, width, height } = view;
  const rowKept = new Float64Array(rows);
  const outputKept = new Float64Array(outputs);
  let kept = 0;
  for (let row = 0, i = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++, i++) {
      if (map[i] === 0) continue;
      rowKept[row]++;
      outputKept[output]++;
      kept++;
    }
  }
  const all = (kept + 0.5) / (map.length + 1);
  // Without the weight itself, if it is kept: a weight alone in its row must not make the row look full.
  const oddsOf = (counts: Float64Array, seen: number, without: number): Float64Array =>
    counts.map((count) => odds((count - without + PRIOR_STRENGTH * all) / (seen - 1 + PRIOR_STRENGTH)));
  const rowOdds = [0, 1].map((without) => oddsOf(rowKept, outputs, without));
  const outputOdds = [0, 1].map((without) => oddsOf(outputKept, rows, without));
  const spatial = isSpatial(view);
  const context = new Uint8Array(map.length);
  const seen = new Float64Array(ODDS_STEPS * NEAR_STEPS);
  const keptIn = new Float64Array(ODDS_STEPS * NEAR_STEPS);
  const allOdds = odds(all);
  for (let row = 0, i = 0; row < rows; row++) {
    const pixel = Math.floor(row / channels);
    const x = pixel % width;
    const y = (pixel - x) / width;
    const left = x > 0 ? -channels * outputs : 0;
    const right = x < width - 1 ? channels * outputs : 0;
    const up = y > 0 ? -width * channels * outputs : 0;
    const down = y < height - 1 ? width * channels * outputs : 0;
    for (let output = 0; output < outputs; output++, i++) {
      let near = 0;
      if (spatial) {
        if (left && map[i + left]) near++;
        if (right && map[i + right]) near++;
        if (up && map[i + up]) near++;
        if (down && map[i + down]) near++;
      }
      const self = map[i] === 0 ? 0 : 1;
      const together = rowOdds[self][row] + outputOdds[self][output] - allOdds;
      const step = Math.floor(together / ODDS_STEP) + ODDS_STEPS - 8;
      const at = Math.max(0, Math.min(ODDS_STEPS - 1, step)) * NEAR_STEPS + near;
      context[i] = at;
      seen[at]++;
      if (map[i]) keptIn[at]++;
    }
  }
  const share = seen.map((count, at) => (keptIn[at] + 0.4) / (count + 0.8));
  return {
    context,
    kept: share.map((p) => -Math.log2(p)),
    removed: share.map((p) => -Math.log2(1 - p)),
  };
}

/** In bits; a count less one may be below 0 where nothing is kept, and then nobody asks. */
function odds(share: number): number {
  const inside = Math.max(1e-6, Math.min(share, 0.999));
  return Math.log2(inside / (1 - inside));
}
