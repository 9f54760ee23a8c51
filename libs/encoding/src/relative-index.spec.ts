import * as fc from 'fast-check';
import { decodeRelativeIndex, encodeRelativeIndex } from './relative-index';

const sparseCodes = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 1, max: 65535 })), { maxLength: 40 })
  .map((runs) =>
    Uint16Array.from(runs.flatMap(([zeros, code]) => [...new Array<number>(zeros).fill(0), code])),
  );

describe('relative index', () => {
  it('gives back any codes for any number of gap bits', () => {
    fc.assert(
      fc.property(sparseCodes, fc.integer({ min: 1, max: 16 }), (codes, bits) => {
        expect(decodeRelativeIndex(encodeRelativeIndex(codes, bits))).toEqual(codes);
      }),
    );
  });

  it('bridges a gap beyond the range with a filler zero, as in figure 2 of the paper', () => {
    // 3.4 at index 1, 0.9 at 4, 1.7 at 15; with 3 bits the gap of 11 needs one filler.
    const codes = new Uint16Array(16);
    codes.set([1], 1);
    codes.set([2], 4);
    codes.set([3], 15);
    const index = encodeRelativeIndex(codes, 3);
    expect(Array.from(index.gaps)).toEqual([1, 2, 7, 2]);
    expect(Array.from(index.codes)).toEqual([1, 2, 0, 3]);
  });

  it('stores nothing for a tensor without survivors, and nothing behind the last one', () => {
    expect(encodeRelativeIndex(new Uint16Array(1000), 5).gaps).toHaveLength(0);
    const first = new Uint16Array(1000);
    first[0] = 9;
    expect(encodeRelativeIndex(first, 5).gaps).toHaveLength(1);
  });

  it('refuses entries beyond the end and gap bits that make no sense', () => {
    const broken = { size: 5, bits: 3, gaps: Uint16Array.of(3, 3), codes: Uint16Array.of(1, 1) };
    expect(() => decodeRelativeIndex(broken)).toThrow(/ENCODING_STREAM/);
    expect(() => encodeRelativeIndex(new Uint16Array(3), 17)).toThrow(/ENCODING_OPTION.*17/);
  });
});
