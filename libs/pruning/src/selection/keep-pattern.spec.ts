import { Mask } from '@espalier/tensor';
import fc from 'fast-check';
import { keepPattern } from './keep-pattern';

const of = { granularity: 'nm', shape: [4, 2] };

describe('keepPattern', () => {
  it('keeps exactly so many of each set, the best, ties by index', () => {
    const scores = Float32Array.of(1, 4, 2, 3, 0, 0, 0, 0);
    const { kept, threshold } = keepPattern(
      { scores },
      { setOf: Uint32Array.of(0, 0, 0, 0, 1, 1, 1, 1), keep: 2 },
      of,
    );
    expect([...kept.toFlags()]).toEqual([0, 1, 0, 1, 1, 1, 0, 0]);
    expect(threshold).toBe(0);
  });

  it('brings nothing back: a set with fewer candidates keeps them all', () => {
    const eligible = Mask.fromFlags([4], [0, 1, 0, 0]);
    const scores = Float32Array.of(9, 1, 9, 9);
    const { kept } = keepPattern({ scores, eligible }, { setOf: new Uint32Array(4), keep: 2 }, of);
    expect([...kept.toFlags()]).toEqual([0, 1, 0, 0]);
  });

  it('keeps as many as a slow search says, of sets in any order, however they are numbered', () => {
    const groups = fc.array(
      fc.record({ score: fc.integer({ min: -3, max: 3 }), set: fc.constantFrom(0, 1, 2, 7, 4_000_000_000) }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(groups, fc.integer({ min: 0, max: 5 }), (all, keep) => {
        const scores = Float32Array.from(all, ({ score }) => score);
        const setOf = Uint32Array.from(all, ({ set }) => set);
        const flags = [...keepPattern({ scores }, { setOf, keep }, of).kept.toFlags()];
        const slow = all.map(({ score, set }, i) => {
          const before = all.filter(
            (other, j) => other.set === set && (other.score > score || (other.score === score && j < i)),
          );
          return before.length < keep ? 1 : 0;
        });
        expect(flags).toEqual(slow);
      }),
    );
  });

  it('refuses a pattern that does not fit', () => {
    const scores = new Float32Array(4);
    expect(() => keepPattern({ scores }, { setOf: new Uint32Array(3), keep: 2 }, of)).toThrow(
      'PRUNING_GROUPS: granularity "nm", asked for the shape [4,2], gives 3 of 4 groups a set',
    );
    expect(() => keepPattern({ scores }, { setOf: new Uint32Array(4), keep: 0.5 }, of)).toThrow(
      'would keep 0.5 groups of each set',
    );
  });
});
