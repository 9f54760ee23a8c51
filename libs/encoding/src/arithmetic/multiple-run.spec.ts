import * as fc from 'fast-check';
import { normaliseShared } from '../shared-weights';
import { codeRaw } from './adaptive-bits';
import { codeRun, levelsOf, runOf, withRun } from './multiple-run';
import { RangeDecoder, RangeEncoder } from './range-coder';

const STEP = Math.fround(0.0131);

describe('a run of multiples', () => {
  it('has all levels of a codebook and says the same weights', () => {
    const multiples = fc.uniqueArray(
      fc.integer({ min: -2047, max: 2047 }).filter((multiple) => multiple !== 0),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(multiples, (chosen) => {
        const codebook = Float32Array.from(
          chosen.sort((a, b) => a - b),
          (multiple) => multiple * STEP,
        );
        const shared = { codes: Uint16Array.from([0, ...chosen.keys()], (_, i) => i), codebook };
        const run = runOf(codebook, STEP);
        if (!run) throw new Error('no run');
        const coder = new RangeEncoder();
        codeRun(coder, run);
        expect(codeRun(new RangeDecoder(coder.finish()))).toEqual(run);
        const wide = withRun(shared, run);
        expect(wide.codebook).toEqual(levelsOf(run));
        expect(normaliseShared(wide)).toEqual(shared);
      }),
    );
  });

  it('is none for an empty codebook or one that reaches too far', () => {
    expect(runOf(new Float32Array(0), STEP)).toBeUndefined();
    expect(runOf(Float32Array.of(STEP, 2048 * STEP), STEP)).toBeUndefined();
  });

  it.each([
    ['that ends before it begins', { signs: 3, length: 3, rest: 0, from: 5, step: 0x3f800000 }],
    ['that begins at zero', { signs: 3, length: 3, rest: 0, from: 0, step: 0x3f800000 }],
    ['of a negative step', { signs: 3, length: 3, rest: 0, from: 1, step: 0xbf800000 }],
    ['of a step that is no number', { signs: 3, length: 3, rest: 0, from: 1, step: 0x7fc00000 }],
    ['beyond the largest number', { signs: 3, length: 3, rest: 0, from: 1, step: 0x7f7fffff }],
    ['of more levels than there may be', { signs: 3, length: 12, rest: 5, from: 1, step: 0x3f800000 }],
  ])('%s is refused', (_, { signs, length, rest, from, step }) => {
    const coder = new RangeEncoder();
    codeRaw(coder, step, 32);
    codeRaw(coder, signs, 2);
    codeRaw(coder, length - 1, 4);
    codeRaw(coder, rest, length - 1);
    codeRaw(coder, from, length);
    expect(() => codeRun(new RangeDecoder(coder.finish()))).toThrow('a codebook');
  });
});
