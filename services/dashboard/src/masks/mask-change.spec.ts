import { changeInWords, entryInWords, maskChange } from './mask-change';
import { maskOfValues, type MaskPicture } from './mask-picture';

const mask = (...kept: number[]): MaskPicture => maskOfValues('fc1', [kept.length], Float32Array.from(kept));

describe('what a round did to a mask', () => {
  it('counts what was removed and what came back', () => {
    const change = maskChange(mask(1, 0, 1, 0, 0), mask(1, 1, 0, 1, 0));
    expect(change.counts).toEqual({ weights: 5, kept: 2, removed: 2, back: 1, difference: -1 });
    expect(changeInWords(change, 'round 1')).toBe(
      '2 of 5 weights kept (40.0 %), 2 removed since round 1, 1 come back',
    );
    const words = [0, 1, 2, 3, 4].map((i) => entryInWords(change, i));
    const [kept, removed, back, before] = ['kept', 'removed now', 'come back', 'removed earlier'];
    expect(words).toEqual([kept, removed, back, removed, before]);
  });

  it('is nothing where there is no mask before, or one of another shape', () => {
    const first = maskChange(mask(1, 0));
    expect(first).toMatchObject({ compared: false, counts: { weights: 2, kept: 1 } });
    expect(changeInWords(first, '')).toBe('1 of 2 weights kept (50.0 %)');
    expect(entryInWords(first, 1)).toBe('removed');
    expect(maskChange(mask(1, 0), mask(1, 0, 1)).compared).toBe(false);
  });

  it('of blocks has no count weight by weight, but the difference', () => {
    const blocks = (kept: number, ...shares: number[]): MaskPicture => ({
      ...{ layer: 'fc1', shape: [1000, 600], weights: 600_000, kept },
      ...{ shares: Uint8Array.from(shares), full: 15, grid: [2, 1] },
    });
    const change = maskChange(blocks(300_000, 15, 3), blocks(450_000, 15, 6));
    expect(changeInWords(change, 'round 1')).toBe(
      '300,000 of 600,000 weights kept (50.0 %), 150,000 fewer than round 1; drawn as 2 x 1 blocks',
    );
    expect(entryInWords(change, 1)).toBe('about 4 % kept');
  });
});
