import * as fc from 'fast-check';
import { Random } from './random';

/** Upper 99.9 % point of the chi-square distribution (Wilson-Hilferty). */
function chiSquareLimit(degrees: number): number {
  return degrees * (1 - 2 / (9 * degrees) + 3.09 * Math.sqrt(2 / (9 * degrees))) ** 3;
}

function chiSquare(counts: ArrayLike<number>): number {
  const list = Array.from(counts);
  const expected = list.reduce((sum, count) => sum + count, 0) / list.length;
  return list.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function draw(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.uint32());
}

describe('Random', () => {
  it('is xoshiro128**: the numbers of its reference implementation', () => {
    const random = new Random(0);
    random.restore({ words: [1, 2, 3, 4] });
    expect(draw(random, 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('gives these numbers for ever: results that were stored depend on them', () => {
    expect(draw(new Random(1), 3)).toEqual(GOLDEN.seed1);
    expect(draw(new Random(1, 'shuffle'), 3)).toEqual(GOLDEN.shuffle);
    expect([...new Random(1).permutation(8)]).toEqual(GOLDEN.permutation);
  });

  it('gives other numbers for another seed or label', () => {
    const streams = [
      new Random(1),
      new Random(2),
      new Random(1, 'a'),
      new Random(1, 'b'),
      new Random(1).fork('a'),
    ];
    expect(new Set(streams.map((random) => draw(random, 2).join())).size).toBe(streams.length);
  });

  it('forks the same stream however much the parent was used', () => {
    const parent = new Random(5, 'run');
    const before = draw(parent.fork('layer'), 4);
    draw(parent, 100);
    expect(draw(parent.fork('layer'), 4)).toEqual(before);
  });

  it('goes on where a state was taken, through JSON', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, used) => {
        const random = new Random(seed);
        draw(random, used);
        const { words } = random.state();
        for (const word of words) expect(word >= 0 && word < 2 ** 32).toBe(true);
        const resumed = new Random(0);
        resumed.restore(JSON.parse(JSON.stringify({ words })));
        expect(draw(resumed, 5)).toEqual(draw(random, 5));
      }),
    );
  });

  it('is the same on the other end of a wire, its forks too', () => {
    const random = new Random(7, 'layer');
    draw(random, 3);
    const other = Random.of(JSON.parse(JSON.stringify(random.identity())));
    expect(draw(other.fork('a'), 4)).toEqual(draw(random.fork('a'), 4));
    expect(draw(other, 4)).toEqual(draw(random, 4));
  });

  it('stays in range', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
        const random = new Random(seed);
        const value = random.below(bound);
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
        const share = random.uniform();
        expect(share >= 0 && share < 1).toBe(true);
        expect(Number.isFinite(random.normal())).toBe(true);
      }),
    );
  });

  it.each([0, -1, NaN, 2 ** 32 + 1])('refuses to draw below %p', (bound) => {
    expect(() => new Random(1).below(bound)).toThrow(RangeError);
  });

  it('draws evenly below a bound that does not divide 2^32', () => {
    const random = new Random(11);
    const counts = new Uint32Array(48);
    for (let i = 0; i < 48_000; i++) counts[random.below(48)]++;
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(47));
  });

  it('draws each permutation of four equally often', () => {
    const random = new Random(12);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = random.permutation(4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(chiSquareLimit(23));
  });

  it('permutes: each index once', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(200), (seed, count) => {
        const order = [...new Random(seed).permutation(count)].sort((a, b) => a - b);
        expect(order).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  it('draws normal numbers with mean 0, deviation 1 and the right tails', () => {
    const random = new Random(13);
    const values = Array.from({ length: 50_000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    const tail = values.filter((value) => Math.abs(value) > 1.96).length / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    expect(Math.abs(tail - 0.05)).toBeLessThan(0.005);
  });
});

const GOLDEN = {
  seed1: [3418314571, 285456276, 1303712619],
  shuffle: [33352725, 29139126, 2853088859],
  permutation: [2, 6, 4, 5, 1, 7, 0, 3],
} as const;
