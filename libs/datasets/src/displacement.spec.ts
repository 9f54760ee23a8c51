import { Random } from '@espalier/base';
import fc from 'fast-check';
import { cubicTaps, displacementFields, drawDisplacements } from './displacement';
import { DisplacementRows } from './displacement-rows';

/** Vectors of one sample, by row and column of the node. */
function nodes(grid: number, vector: (v: number, u: number) => [number, number]) {
  const vectors = Float64Array.from(
    Array.from({ length: grid * grid }, (_, n) => vector(Math.floor(n / grid), n % grid)).flat(),
  );
  return { grid, vectors };
}

describe('drawn displacements', () => {
  const all = new Uint8Array(400).fill(1);

  it('have mean 0 and the given standard deviation, and end at 3.46 of it', () => {
    const { vectors } = drawDisplacements({ grid: 5, px: 0.6 }, all, new Random(1));
    const mean = vectors.reduce((sum, value) => sum + value, 0) / vectors.length;
    const square = vectors.reduce((sum, value) => sum + value * value, 0) / vectors.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(Math.sqrt(square)).toBeGreaterThan(0.58);
    expect(Math.sqrt(square)).toBeLessThan(0.62);
    expect(Math.max(...vectors.map(Math.abs))).toBeLessThan(0.6 * 3.46);
    expect(Math.max(...vectors.map(Math.abs))).toBeGreaterThan(0.6 * 2.8);
  });

  it('have neighbours, axes and samples that know nothing of each other', () => {
    const { vectors } = drawDisplacements({ grid: 5, px: 1 }, all, new Random(2));
    for (const lag of [1, 2, 10, 50]) {
      const products = vectors.subarray(lag).reduce((sum, value, k) => sum + value * vectors[k], 0);
      expect(Math.abs(products / (vectors.length - lag))).toBeLessThan(0.04);
    }
  });

  it('are the same for the same seed, but for the pixels', () => {
    const draw = (px: number) => drawDisplacements({ grid: 3, px }, all, new Random(3)).vectors;
    expect(draw(2)).toEqual(draw(1).map((value) => 2 * value));
  });
});

describe('displacement fields', () => {
  it('go through the nodes', () => {
    const random = new Random(4);
    const drawn = drawDisplacements({ grid: 4, px: 1 }, new Uint8Array(2).fill(1), random);
    const fields = displacementFields(drawn, [10, 7]); /* nodes every 3 rows and 2 columns */
    for (let i = 0; i < 2; i++)
      for (let v = 0; v < 4; v++)
        for (let u = 0; u < 4; u++)
          for (const component of [0, 1]) {
            const pixel = fields[((i * 10 + 3 * v) * 7 + 2 * u) * 2 + component];
            expect(pixel).toBeCloseTo(drawn.vectors[((i * 4 + v) * 4 + u) * 2 + component], 6);
          }
  });

  it('are constant where the nodes agree, on grids of any size', () => {
    const sizes = fc.tuple(fc.integer({ min: 2, max: 40 }), fc.nat(20), fc.nat(20));
    fc.assert(
      fc.property(sizes, ([grid, height, width]) => {
        const fields = displacementFields(
          nodes(grid, () => [1.5, -2]),
          [height + 1, width + 1],
        );
        const isConstant = fields.every((value, k) => Math.abs(value - (k % 2 === 0 ? 1.5 : -2)) < 1e-6);
        expect(isConstant).toBe(true);
      }),
    );
  });

  it('are parabolas where the nodes lie on parabolas, a cell from the edge', () => {
    const drawn = nodes(5, (v, u) => [u * u, v * u]);
    const fields = displacementFields(drawn, [21, 21]);
    for (let y = 5; y <= 15; y++)
      for (let x = 5; x <= 15; x++) {
        expect(fields[2 * (y * 21 + x)]).toBeCloseTo((x / 5) ** 2, 5);
        expect(fields[2 * (y * 21 + x) + 1]).toBeCloseTo((x * y) / 25, 5);
      }
  });

  it('have no more nodes than four a pixel, whose weights sum to 1', () => {
    const { weights, nodes: chosen } = cubicTaps(6, 23);
    for (let x = 0; x < 23; x++) {
      expect(weights.subarray(4 * x, 4 * x + 4).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
    expect(Math.max(...chosen)).toBe(5);
  });

  it('stay within the reach that the rows promise', () => {
    const arbitrary = fc.record({
      grid: fc.integer({ min: 2, max: 9 }),
      height: fc.integer({ min: 1, max: 20 }),
      width: fc.integer({ min: 1, max: 20 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(arbitrary, ({ grid, height, width, seed }) => {
        const drawn = drawDisplacements({ grid, px: 1 }, new Uint8Array(2).fill(1), new Random(seed));
        const fields = displacementFields(drawn, [height, width]);
        const rows = new DisplacementRows(grid, [height, width]);
        for (let i = 0; i < 2; i++) {
          rows.open(drawn, i);
          const field = fields.subarray(2 * height * width * i, 2 * height * width * (i + 1));
          const isWithin = field.every((value, k) => {
            const y = Math.floor(k / (2 * width));
            return Math.abs(value) < rows.reach[2 * y + (k % 2)] + 1e-6;
          });
          expect(isWithin).toBe(true);
        }
      }),
    );
  });
});
