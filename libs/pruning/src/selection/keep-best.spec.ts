import { Mask } from '@espalier/tensor';
import * as fc from 'fast-check';
import { keepBest, keepFrom, type Candidates } from './keep-best';

/** The obvious way: sort everything by score, then by set, then by index. */
function slowKeepBest(sets: readonly Candidates[], count: number): number[][] {
  const all = sets.flatMap(({ scores, eligible }, set) =>
    [...scores].flatMap((score, i) => (!eligible || eligible.get(i) ? [{ score, set, i }] : [])),
  );
  all.sort((a, b) => b.score - a.score || a.set - b.set || a.i - b.i);
  const kept = sets.map(({ scores }) => [...scores].map(() => 0));
  for (const { set, i } of all.slice(0, count)) kept[set][i] = 1;
  return kept;
}

const score = fc.oneof(
  fc.constantFrom(0, -0, 1, 1, 2, -1),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
);
const candidates = fc.array(fc.record({ score, eligible: fc.boolean() }), { maxLength: 40 }).chain((items) =>
  fc.boolean().map((masked): Candidates => {
    const scores = Float32Array.from(items, (item) => item.score);
    const flags = items.map((item) => Number(item.eligible));
    return masked ? { scores, eligible: Mask.fromFlags([items.length], flags) } : { scores };
  }),
);

describe('keepBest', () => {
  it('keeps exactly what sorting keeps, with ties, masks and several sets', () => {
    fc.assert(
      fc.property(fc.array(candidates, { minLength: 1, maxLength: 4 }), fc.nat(80), (sets, count) => {
        const { masks } = keepBest(sets, count);
        expect(masks.map((mask) => [...mask.toFlags()])).toEqual(slowKeepBest(sets, count));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the smallest kept score as threshold', () => {
    const scores = Float32Array.of(0.5, -2, 3, 0.5, 1);
    expect(keepBest([{ scores }], 2).threshold).toBe(1);
    expect(keepBest([{ scores }], 3).threshold).toBe(0.5);
    expect(keepBest([{ scores }], 5).threshold).toBe(-2);
    expect(keepBest([{ scores }], 0).threshold).toBe(3);
    expect(keepBest([{ scores: new Float32Array(0) }], 1).threshold).toBe(0);
  });

  it('keeps the lower index among equal scores', () => {
    const scores = new Float32Array(6).fill(0.25);
    expect([...keepBest([{ scores }], 4).masks[0].toFlags()]).toEqual([1, 1, 1, 1, 0, 0]);
  });
});

describe('keepFrom', () => {
  it('keeps a score that equals the threshold and never what is not eligible', () => {
    const scores = Float32Array.of(1, 2, 3, 4);
    const eligible = Mask.fromFlags([4], [1, 1, 1, 0]);
    expect([...keepFrom({ scores, eligible }, 2).toFlags()]).toEqual([0, 1, 1, 0]);
  });
});
