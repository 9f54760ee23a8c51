import { Random } from '@espalier/base';
import { checkNetwork } from '@espalier/models';
import { encodeArtifact } from '../artifact/encode-artifact';
import { assignNearest } from '../nearest-level';
import { shareWeights } from '../share-weights';
import { countKept, weightsOf, type SharedWeights } from '../shared-weights';
import { lambdaFor, quantiseByRate, stepLevels } from './quantise-by-rate';

const SHAPE = [60, 50] as const;
const layout = { shape: SHAPE };
const network = checkNetwork({
  name: 'one-layer',
  input: [SHAPE[0]],
  layers: [{ type: 'dense', name: 'fc', units: SHAPE[1], bias: false }],
});

/** Gaussian, each row and output with a scale of its own, cut to a fifth. */
function prunedKernel(seed: number): Float32Array {
  const random = new Random(seed);
  const rows = Float64Array.from({ length: SHAPE[0] }, () => Math.exp(0.6 * random.normal()));
  const outputs = Float64Array.from({ length: SHAPE[1] }, () => Math.exp(0.6 * random.normal()));
  const weights = Float32Array.from(
    { length: SHAPE[0] * SHAPE[1] },
    (_, i) => random.normal() * rows[Math.floor(i / SHAPE[1])] * outputs[i % SHAPE[1]],
  );
  const threshold = weights.map(Math.abs).sort()[Math.floor(weights.length * 0.8)];
  return weights.map((weight) => (Math.abs(weight) < threshold ? 0 : weight));
}

function squaredError(weights: Float32Array, shared: SharedWeights): number {
  return weightsOf(shared).reduce((sum, value, i) => sum + (value - weights[i]) ** 2, 0);
}

function codedBits(shared: SharedWeights): number {
  const tensor = { kind: 'shared', name: 'fc/kernel', shape: SHAPE, ...shared } as const;
  const { tensors } = encodeArtifact({ network, tensors: [tensor], options: { codings: ['arithmetic'] } });
  return 8 * tensors[0].bytes;
}

describe('quantiseByRate', () => {
  it('costs less error and bits together than the nearest levels, by what the coder really writes', () => {
    for (const seed of [1, 2, 3]) {
      const weights = prunedKernel(seed);
      const nearest = shareWeights(weights, { levels: 16 });
      const lambda = lambdaFor(weights, nearest.codebook, 1);
      const chosen = quantiseByRate(weights, nearest.codebook, { lambda, layout });
      const cost = (shared: SharedWeights): number =>
        squaredError(weights, shared) + lambda * codedBits(shared);
      expect(cost(chosen)).toBeLessThan(cost(nearest));
      expect(codedBits(chosen)).toBeLessThan(codedBits(nearest));
    }
  });

  it('gives up bits, and then weights, as a bit becomes dearer', () => {
    const weights = prunedKernel(4);
    const { codebook } = shareWeights(weights, { levels: 16 });
    const at = (rate: number): SharedWeights =>
      quantiseByRate(weights, codebook, { lambda: lambdaFor(weights, codebook, rate), layout });
    const bits = [0, 0.5, 2, 8, 32].map((rate) => codedBits(at(rate)));
    expect([...bits].sort((a, b) => b - a)).toEqual(bits);
    expect(countKept(at(32).codes)).toBeLessThan(countKept(at(0).codes));
  });

  it('is plain Lloyd when bits cost nothing', () => {
    const weights = prunedKernel(5);
    const { codes, codebook } = shareWeights(weights, { levels: 8 });
    expect(quantiseByRate(weights, codebook, { lambda: 0, layout })).toEqual({ codes, codebook });
  });

  it('leaves the multiples of a step where they are if it is told to', () => {
    const weights = prunedKernel(6);
    const step = Math.fround(0.3);
    const shared = quantiseByRate(weights, stepLevels(weights, step), {
      lambda: 0.02,
      layout,
      moveLevels: false,
    });
    expect(shared.codebook.length).toBeGreaterThan(4);
    for (const level of shared.codebook) {
      expect(Math.fround(Math.round(level / step) * step)).toBe(level);
    }
  });

  it('keeps a weight where its row and output are full that it removes where they are empty', () => {
    const weights = new Float32Array(SHAPE[0] * SHAPE[1]);
    // Rows 0 to 9 are full of ones; one 0.8 stands in a full row, one alone.
    for (let row = 0; row < 10; row++) weights.fill(1, row * SHAPE[1], row * SHAPE[1] + 40);
    const [among, alone] = [3 * SHAPE[1] + 7, 30 * SHAPE[1] + 45];
    weights[among] = 0.8;
    weights[alone] = 0.8;
    const { codes } = quantiseByRate(weights, Float32Array.of(1), { lambda: 0.13, layout });
    expect([codes[among], codes[alone]]).toEqual([1, 0]);
  });

  it('takes tensors that have nothing, and codebooks without a level', () => {
    const empty = new Float32Array(SHAPE[0] * SHAPE[1]);
    expect(countKept(quantiseByRate(empty, Float32Array.of(1), { lambda: 1, layout }).codes)).toBe(0);
    expect(countKept(quantiseByRate(prunedKernel(7), new Float32Array(0), { lambda: 1, layout }).codes)).toBe(
      0,
    );
    expect(lambdaFor(empty, Float32Array.of(1), 1)).toBe(0);
  });

  it('refuses a lambda below 0 and a step that 16 bits cannot reach', () => {
    const weights = prunedKernel(8);
    expect(() => quantiseByRate(weights, Float32Array.of(1), { lambda: -1, layout })).toThrow(
      /^ENCODING_OPTION/,
    );
    expect(() => stepLevels(weights, 1e-9)).toThrow(/^ENCODING_OPTION.*"step"/);
    expect(() => stepLevels(weights, 0)).toThrow(/^ENCODING_OPTION/);
  });

  it('has levels of a step on both sides as far as the largest weight', () => {
    expect([...stepLevels(Float32Array.of(0, 1.1, -0.2), 0.5)]).toEqual([-1, -0.5, 0.5, 1]);
    expect(assignNearest(Float32Array.of(0.6), stepLevels(Float32Array.of(0.6), 0.5)).codes[0]).toBe(2);
  });
});
