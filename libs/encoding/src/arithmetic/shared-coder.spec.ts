import { Random } from '@espalier/base';
import * as fc from 'fast-check';
import { normaliseShared, type SharedWeights } from '../shared-weights';
import type { CodebookForm } from './codebook-code';
import { SCAN_ORDERS, kernelView, scanOrdersFor } from './kernel-view';
import { decodeShared, encodeShared, type SharedLayout } from './shared-coder';
import { decodeSparse, encodeSparse } from './sparse-coder';

const float32: CodebookForm = { kind: 'float32' };

const layouts = fc.oneof(
  fc.tuple(fc.nat(12), fc.nat(12)).map(([rows, outputs]): SharedLayout => ({ shape: [rows, outputs] })),
  fc
    .tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(8),
    )
    .map(([h, w, c, outputs]): SharedLayout => ({ shape: [h * w * c, outputs], image: [h, w, c] })),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.nat(5), fc.nat(8))
    .map((shape): SharedLayout => ({ shape })),
  fc.nat(40).map((size): SharedLayout => ({ shape: [size] })),
  fc.constant<SharedLayout>({ shape: [] }),
);

const cases = fc.tuple(
  layouts,
  fc.integer(),
  fc.integer({ min: 1, max: 40 }),
  fc.float({ min: 0, max: 1, noNaN: true }),
);

function randomShared(
  layout: SharedLayout,
  { seed, levels, keep }: { seed: number; levels: number; keep: number },
) {
  const random = new Random(seed);
  const size = layout.shape.reduce((a, b) => a * b, 1);
  const codes = Uint16Array.from({ length: size }, () =>
    random.uniform() < keep ? 1 + random.below(levels) : 0,
  );
  const codebook = Float32Array.from({ length: levels }, () => random.normal());
  return normaliseShared({ codes, codebook });
}

describe('the mixing coder', () => {
  it('gives back codes and codebook for every shape', () => {
    fc.assert(
      fc.property(cases, ([layout, seed, levels, keep]) => {
        const shared = randomShared(layout, { seed, levels, keep });
        expect(decodeShared(encodeShared(shared, layout, float32).bytes, layout)).toEqual(shared);
      }),
      { numRuns: 60 },
    );
  });

  it('gives back sparse floats for every shape', () => {
    fc.assert(
      fc.property(cases, ([layout, seed, , keep]) => {
        const random = new Random(seed);
        const size = layout.shape.reduce((a, b) => a * b, 1);
        const values = Float32Array.from({ length: size }, () =>
          random.uniform() < keep ? random.normal() : 0,
        );
        expect(decodeSparse(encodeSparse(values, layout).bytes, layout)).toEqual(values);
      }),
      { numRuns: 30 },
    );
  });

  it('stores half-precision codebooks and multiples of a step without loss', () => {
    const codes = Uint16Array.of(1, 0, 3, 2, 0, 1);
    const halves = { codes, codebook: Float32Array.of(-0.5, 0.25, 1.5) };
    const layout = { shape: [2, 3] };
    expect(decodeShared(encodeShared(halves, layout, { kind: 'float16' }).bytes, layout)).toEqual(halves);
    const step = Math.fround(0.013);
    const multiples = { codes, codebook: Float32Array.of(-7 * step, 1 * step, 300 * step) };
    const stream = encodeShared(multiples, layout, { kind: 'step', step });
    expect(decodeShared(stream.bytes, layout)).toEqual(multiples);
  });

  it('stays within 4 % of the entropy where there is nothing to model', () => {
    const layout = { shape: [400, 200] };
    const shared = randomShared(layout, { seed: 7, levels: 8, keep: 0.1 });
    const kept = shared.codes.filter((code) => code > 0).length;
    const p = kept / shared.codes.length;
    const entropy = (-shared.codes.length * (p * Math.log2(p) + (1 - p) * Math.log2(1 - p)) + 3 * kept) / 8;
    expect(encodeShared(shared, layout, float32).bytes.length).toBeLessThan(entropy * 1.04);
  });

  it('spends next to nothing on dead rows and outputs', () => {
    const layout = { shape: [1000, 100] };
    const small = randomShared({ shape: [50, 10] }, { seed: 3, levels: 4, keep: 0.5 });
    const codes = new Uint16Array(100_000);
    small.codes.forEach((code, i) => (codes[Math.floor(i / 10) * 100 + (i % 10)] = code));
    const wide: SharedWeights = { codes, codebook: small.codebook };
    const spent = encodeShared(wide, layout, float32).bytes.length;
    expect(spent).toBeLessThan(encodeShared(small, { shape: [50, 10] }, float32).bytes.length + 25);
  });

  it('finds what lies in space: a disc in an image costs less than the same count at random', () => {
    const image = [28, 28, 1] as const;
    const layout = { shape: [784, 20], image };
    const disc = new Uint16Array(784 * 20);
    for (let row = 0; row < 784; row++) {
      const inside = (row / 28 - 14) ** 2 + ((row % 28) - 14) ** 2 < 36;
      if (inside) disc.fill(1, row * 20, row * 20 + 20);
    }
    const spent = encodeShared({ codes: disc, codebook: Float32Array.of(1) }, layout, float32).bytes.length;
    expect(spent).toBeLessThan(90);
  });

  it('says multiples of a step as a run where their list is longer, with nothing lost', () => {
    const step = Math.fround(0.02);
    const layout = { shape: [40, 20] };
    const { codes } = randomShared(layout, { seed: 5, levels: 60, keep: 0.3 });
    const codebook = Float32Array.from({ length: 60 }, (_, i) => (i < 30 ? i - 35 : i - 24) * step);
    const shared = normaliseShared({ codes, codebook });
    const { bytes, breakdown } = encodeShared(shared, layout, { kind: 'step', step });
    expect(breakdown.codebook).toBeLessThan(7);
    expect(decodeShared(bytes, layout)).toEqual(shared);
  });

  it('finds units that respond to the same thing: signs of rank 1 cost little, others a bit each', () => {
    const layout = { shape: [300, 100] };
    const random = new Random(11);
    const signs = (count: number): number[] =>
      Array.from({ length: count }, () => (random.uniform() < 0.5 ? 1 : -1));
    const [byRow, byOutput, free] = [signs(300), signs(100), signs(30_000)];
    const kept = Array.from({ length: 30_000 }, () => random.uniform() < 0.2);
    const bytesOf = (signOf: (i: number) => number): number => {
      const codes = Uint16Array.from(kept, (keep, i) => (keep ? (signOf(i) < 0 ? 1 : 2) : 0));
      return encodeShared({ codes, codebook: Float32Array.of(-1, 1) }, layout, float32).breakdown.values;
    };
    const survivors = kept.filter(Boolean).length;
    expect(bytesOf((i) => byRow[Math.floor(i / 100)] * byOutput[i % 100])).toBeLessThan(survivors / 8 / 4);
    expect(bytesOf((i) => free[i])).toBeLessThan((survivors / 8) * 1.03);
  });

  it('spends little on feature maps that are dead at every pixel', () => {
    const layout = { shape: [7 * 7 * 32, 40], image: [7, 7, 32] as const };
    const random = new Random(2);
    const alive = Array.from({ length: 32 }, () => random.uniform() < 0.5);
    const codes = new Uint16Array(7 * 7 * 32 * 40);
    for (let i = 0; i < codes.length; i++) codes[i] = alive[Math.floor(i / 40) % 32] ? 1 : 0;
    const shared = { codes, codebook: Float32Array.of(1) };
    expect(encodeShared(shared, layout, float32).bytes.length).toBeLessThan(22);
  });

  it('tries four orders for kernels with channels and two for plain matrices', () => {
    expect(scanOrdersFor(kernelView([5, 5, 20, 50]))).toEqual(SCAN_ORDERS);
    expect(scanOrdersFor(kernelView([300, 100]))).toEqual(['rows', 'outputs']);
  });
});
