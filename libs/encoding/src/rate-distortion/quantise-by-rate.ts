/**
 * Quantisation that knows what bits cost: each weight gets the code with the least squared error + lambda * bits, where bits is
 * what the coder will pay for "kept or removed" and for the level, and the levels move to the mean of their weights
 * (entropy-constrained Lloyd: Chou, Lookabaugh, Gray 1989; with fixed levels it is what video coders call RDOQ). Prices depend
 * on the codes and the codes on prices, so both are found in turn.
 */
import { encodingError } from '../errors';
import { assignNearest } from '../nearest-level';
import { normaliseShared, type SharedWeights } from '../shared-weights';
import { positionPrices, type PositionLayout } from './position-prices';

export interface RateOptions {
  /** The squared error that one bit is worth; 0 gives each weight its nearest level. */
  readonly lambda: number;
  /** What the coder will know of the weights. */
  readonly layout: PositionLayout;
  /** false: the levels stay where they are, e.g. multiples of a step. Default true. */
  readonly moveLevels?: boolean;
  /** How often prices and codes are found anew. */
  readonly passes?: number;
}

/** After 4 the bytes hardly change. */
const PASSES = 6;
/** How many levels beside the nearest are tried, on each side: what is further costs more error than any price can save. */
const REACH = 3;
/** Weights' worth of prior of a level. */
const PRIOR = 0.3;

/** At high rates one bit more divides the squared error by 4: that is worth 2 ln 2 of it. */
const WORTH_OF_A_BIT = 2 * Math.LN2;

/**
 * `weights` [..., outputs], 0 = removed; `codebook` ascends, without zero. Weights that are not worth their bits are removed, and
 * levels that nobody uses are gone. Throws ENCODING_OPTION.
 */
export function quantiseByRate(
  weights: Float32Array,
  codebook: Float32Array,
  { lambda, layout, moveLevels = true, passes = PASSES }: RateOptions,
): SharedWeights {
  if (!(lambda >= 0) || !Number.isFinite(lambda)) {
    throw encodingError('ENCODING_OPTION', {
      option: 'lambda',
      expected: 'a number from 0 on',
      actual: lambda,
    });
  }
  let shared = assignNearest(weights, codebook);
  for (let pass = 0; pass < passes && shared.codebook.length > 0; pass++) {
    const codes = cheapestCodes(weights, shared, { lambda, layout });
    const levels = moveLevels ? meansOf(weights, codes, shared.codebook) : shared.codebook;
    // Levels that lost all their weights must not be offered again: their price would be a guess.
    shared = normaliseShared({ codes, codebook: levels });
  }
  return shared;
}

/**
 * The lambda for a codebook: `rate` times what one bit is worth where bits are plenty, 2 ln 2 of the mean squared error that the
 * nearest levels leave. With 1 about as much is saved as finer levels would cost; with more, small weights go first.
 */
export function lambdaFor(weights: Float32Array, codebook: Float32Array, rate: number): number {
  const { codes } = assignNearest(weights, codebook);
  let error = 0;
  let kept = 0;
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] === 0) continue;
    error += (weights[i] - codebook[codes[i] - 1]) ** 2;
    kept++;
  }
  return kept === 0 ? 0 : (rate * WORTH_OF_A_BIT * error) / kept;
}

function cheapestCodes(
  weights: Float32Array,
  { codes: before, codebook }: SharedWeights,
  { lambda, layout }: { readonly lambda: number; readonly layout: PositionLayout },
): Uint16Array {
  const nearest = assignNearest(weights, codebook).codes;
  const { context, kept, removed } = positionPrices(before, layout);
  const levelBits = levelPrices(before, codebook.length);
  const codes = new Uint16Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i];
    if (weight === 0) continue;
    // Of removing it, beside what every kept weight costs.
    let least = weight * weight + lambda * (removed[context[i]] - kept[context[i]]);
    const to = Math.min(codebook.length, nearest[i] + REACH);
    for (let code = Math.max(1, nearest[i] - REACH); code <= to; code++) {
      const cost = (weight - codebook[code - 1]) ** 2 + lambda * levelBits[code];
      if (cost >= least) continue;
      least = cost;
      codes[i] = code;
    }
  }
  return codes;
}

/** [levels + 1]: bits of each code among those that are kept; sign and rank together. */
function levelPrices(codes: Uint16Array, levels: number): Float64Array {
  const counts = new Float64Array(levels + 1);
  for (let i = 0; i < codes.length; i++) counts[codes[i]]++;
  const total = codes.length - counts[0] + PRIOR * levels;
  return counts.map((count) => -Math.log2((count + PRIOR) / total));
}

/** Each level's mean; one that nobody uses stays. */
function meansOf(weights: Float32Array, codes: Uint16Array, codebook: Float32Array): Float32Array {
  const sums = new Float64Array(codebook.length + 1);
  const counts = new Float64Array(codebook.length + 1);
  for (let i = 0; i < codes.length; i++) {
    sums[codes[i]] += weights[i];
    counts[codes[i]]++;
  }
  return codebook.map((level, k) => (counts[k + 1] === 0 ? level : sums[k + 1] / counts[k + 1]));
}

/** The levels -most..most times `step` that reach the largest weight, without 0. */
export function stepLevels(weights: Float32Array, step: number): Float32Array {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const most = Math.max(1, Math.round(largest / step));
  if (!(step > 0) || most > MOST_MULTIPLE) {
    const expected = `above ${largest / MOST_MULTIPLE}, so that ${MOST_MULTIPLE} multiples reach the largest weight`;
    throw encodingError('ENCODING_OPTION', { option: 'step', expected, actual: step });
  }
  const levels = new Float32Array(2 * most);
  for (let multiple = 1; multiple <= most; multiple++) {
    levels[most - multiple] = -multiple * Math.fround(step);
    levels[most + multiple - 1] = multiple * Math.fround(step);
  }
  return levels;
}

/** Codes are 16 bits, a sign and no zero. */
const MOST_MULTIPLE = 32767;
