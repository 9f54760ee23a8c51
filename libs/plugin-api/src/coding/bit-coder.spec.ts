import { Random } from '@espalier/base';
import { Mask } from '@espalier/tensor';
import fc from 'fast-check';
import { BitDecoder, BitEncoder } from './bit-coder';
import { decodeBytes, encodeBytes } from './byte-code';
import { decodePositions, encodePositions } from './position-code';

it('gives back any decisions in any contexts', () => {
  const decisions = fc.array(
    fc.record({ context: fc.integer({ min: 0, max: 6 }), bit: fc.constantFrom(0, 1) }),
    {
      maxLength: 600,
    },
  );
  fc.assert(
    fc.property(decisions, (wanted) => {
      const encoder = new BitEncoder(7);
      for (const { context, bit } of wanted) encoder.encode(context, bit);
      const decoder = new BitDecoder(7, encoder.finish());
      expect(wanted.map(({ context }) => decoder.decode(context))).toEqual(wanted.map(({ bit }) => bit));
    }),
  );
});

it.each([0, 1])('gives back 200,000 times %i and then the other, through every carry', (usual) => {
  const encoder = new BitEncoder(1);
  const bits = Array.from({ length: 200_000 }, (_, i) => (i % 19_991 === 19_990 ? 1 - usual : usual));
  for (const bit of bits) encoder.encode(0, bit);
  const bytes = encoder.finish();
  const decoder = new BitDecoder(1, bytes);
  expect(bits.every((bit) => decoder.decode(0) === bit)).toBe(true);
  expect(bytes.length).toBeLessThan(200);
});

it('takes within 3 % of the entropy of independent decisions', () => {
  const random = new Random(5);
  const bits = Array.from({ length: 100_000 }, () => Number(random.uniform() < 0.08));
  const encoder = new BitEncoder(1);
  for (const bit of bits) encoder.encode(0, bit);
  const share = bits.reduce((sum, bit) => sum + bit, 0) / bits.length;
  const entropy = -share * Math.log2(share) - (1 - share) * Math.log2(1 - share);
  expect(encoder.finish().length * 8).toBeLessThan(1.03 * entropy * bits.length);
});

describe('bytes', () => {
  it('come back, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (values) => {
        expect(decodeBytes(encodeBytes(values), values.length)).toEqual(values);
      }),
    );
  });

  it('cost two bits each where there are four kinds of them, once those are known', () => {
    const random = new Random(9);
    const values = Uint8Array.from({ length: 20_000 }, () => [3, 77, 130, 255][random.below(4)]);
    const { length } = encodeBytes(values);
    expect(length).toBeGreaterThan(4_900);
    expect(length).toBeLessThan(5_200);
  });
});

describe('positions', () => {
  const masks = fc
    .record({
      rows: fc.integer({ min: 0, max: 20 }),
      columns: fc.integer({ min: 1, max: 20 }),
      seed: fc.nat(),
    })
    .map(({ rows, columns, seed }) => {
      const random = new Random(seed);
      const density = random.uniform();
      return Mask.fromFlags(
        [rows, columns],
        Array.from({ length: rows * columns }, () => Number(random.uniform() < density)),
      );
    });

  it('come back for any mask', () => {
    fc.assert(
      fc.property(masks, (mask) => {
        expect(decodePositions(encodePositions(mask), mask.shape).equals(mask)).toBe(true);
      }),
    );
  });

  it('cost less where rows and columns differ in how full they are', () => {
    const random = new Random(3);
    const cells = Array.from({ length: 200 * 100 }, (_, i) => [Math.floor(i / 100), i % 100]);
    const even = cells.map(() => Number(random.uniform() < 0.1));
    const uneven = cells.map(([row, column]) =>
      Number(row % 2 === 0 && column % 2 === 0 && random.uniform() < 0.4),
    );
    const bytesOf = (flags: number[]): number => encodePositions(Mask.fromFlags([200, 100], flags)).length;
    expect(bytesOf(uneven)).toBeLessThan(0.75 * bytesOf(even));
  });
});
