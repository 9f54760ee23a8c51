import * as fc from 'fast-check';
import { BitReader, BitWriter } from './bit-stream';
import { canonicalCodes, codeLengths, codedBits, readHuffman, writeHuffman } from './canonical-huffman';

/** The cost of an optimal code by the textbook: keep joining the two lightest trees. */
function textbookBits(counts: readonly number[]): number {
  const trees = counts.filter((count) => count > 0);
  let bits = trees.length === 1 ? trees[0] : 0;
  while (trees.length > 1) {
    trees.sort((a, b) => a - b);
    const joined = trees[0] + trees[1];
    bits += joined;
    trees.splice(0, 2, joined);
  }
  return bits;
}

const histogram = fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 });

describe('canonical Huffman', () => {
  it('is as short as the textbook code', () => {
    fc.assert(
      fc.property(histogram, (counts) => {
        expect(codedBits(counts, codeLengths(counts))).toBe(textbookBits(counts));
      }),
    );
  });

  it('keeps to a limit of length and stays a prefix code', () => {
    const fibonacci = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144];
    expect(Math.max(...codeLengths(fibonacci))).toBe(11);
    const limited = codeLengths(fibonacci, 5);
    expect(Math.max(...limited)).toBe(5);
    expect(limited.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1);
  });

  it('numbers codes of equal length in the order of the symbols', () => {
    expect(Array.from(canonicalCodes(Uint8Array.of(2, 1, 3, 3)))).toEqual([0b10, 0b0, 0b110, 0b111]);
  });

  it('gives back any symbols', () => {
    const symbols = fc
      .array(fc.nat(299), { maxLength: 300 })
      .map((values) => Uint16Array.from(values, (value) => Math.floor((value * value) / 300)));
    fc.assert(
      fc.property(symbols, (given) => {
        const out = new BitWriter();
        writeHuffman(out, given, 300);
        expect(readHuffman(new BitReader(out.finish()), given.length, 300)).toEqual(given);
      }),
    );
  });

  it('refuses lengths that are no prefix code, and a stream that ends early', () => {
    const out = new BitWriter();
    out.write(1, 5);
    for (let i = 0; i < 3; i++) out.write(1, 1);
    expect(() => readHuffman(new BitReader(out.finish()), 1, 3)).toThrow(/no prefix code/);
    expect(() => readHuffman(new BitReader(Uint8Array.of(0)), 4, 100)).toThrow(/ends too early/);
  });
});
