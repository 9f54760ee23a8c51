import * as fc from 'fast-check';
import { normaliseShared, usesAllLevels, weightsOf } from './shared-weights';

const shared = fc
  .array(fc.constantFrom(-2, -1, -0, 0, 0.5, 1, 7), { minLength: 1, maxLength: 9 })
  .chain((levels) =>
    fc.record({
      codebook: fc.constant(Float32Array.from(levels)),
      codes: fc
        .array(fc.integer({ min: 0, max: levels.length }), { maxLength: 60 })
        .map((codes) => Uint16Array.from(codes)),
    }),
  );

describe('normaliseShared', () => {
  it('changes no weight, sorts the codebook and drops duplicates, unused levels and zero', () => {
    fc.assert(
      fc.property(shared, (given) => {
        const normal = normaliseShared(given);
        const before = weightsOf(given);
        weightsOf(normal).forEach((value, i) => expect(value).toBe(before[i] === 0 ? 0 : before[i]));
        const levels = Array.from(normal.codebook);
        expect(levels).toEqual([...new Set(levels)].sort((a, b) => a - b));
        expect(levels).not.toContain(0);
        expect(new Set(normal.codes.filter((code) => code > 0)).size).toBe(levels.length);
        expect(normaliseShared(normal)).toEqual(normal);
      }),
    );
  });

  it('names a code beyond the codebook and a level that is no number', () => {
    const codes = Uint16Array.of(0, 3);
    expect(() => normaliseShared({ codes, codebook: Float32Array.of(1, 2) }, 'fc1/kernel')).toThrow(
      /ENCODING_CODES: tensor "fc1\/kernel" uses code 3 at index 1/,
    );
    expect(() => normaliseShared({ codes, codebook: Float32Array.of(1, Infinity, 2) })).toThrow(/NOT_FINITE/);
  });
});

describe('usesAllLevels', () => {
  it('is true where normalising drops no level that is not zero or double', () => {
    fc.assert(
      fc.property(shared, ({ codes }) => {
        const codebook = Float32Array.from({ length: Math.max(1, ...codes) }, (_, level) => level + 1);
        const all = normaliseShared({ codes, codebook }).codebook.length === codebook.length;
        expect(usesAllLevels({ codes, codebook })).toBe(all);
      }),
    );
  });
});
