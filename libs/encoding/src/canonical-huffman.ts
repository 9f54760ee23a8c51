/**
 * Canonical Huffman codes (DC16 section 4; Schwartz & Kallick 1964): only the code lengths are stored, the codes follow from
 * them. Lengths come from package-merge (Larmore & Hirschberg 1990): optimal under a limit on the length.
 */
import type { BitReader, BitWriter } from './bit-stream';
import { encodingError } from './errors';

/** Lengths fit 5 bits, codes fit 32; no alphabet of 65,536 symbols needs more. */
export const MAX_CODE_LENGTH = 24;

/**
 * The length in bits of each symbol's code, 0 for symbols that do not occur. A lone symbol gets length 1, so that its count
 * can be read from the stream. `counts` has at most 2^maxLength entries above 0.
 */
export function codeLengths(counts: ArrayLike<number>, maxLength = MAX_CODE_LENGTH): Uint8Array {
  const symbols = Array.from({ length: counts.length }, (_, symbol) => symbol).filter((s) => counts[s] > 0);
  const lengths = new Uint8Array(counts.length);
  if (symbols.length === 1) lengths[symbols[0]] = 1;
  if (symbols.length < 2) return lengths;
  symbols.sort((a, b) => counts[a] - counts[b] || a - b);
  const leaves = symbols.map((_, leaf) => counts[symbols[leaf]]);
  for (const used of packageMerge(leaves, maxLength)) {
    for (let leaf = 0; leaf < used; leaf++) lengths[symbols[leaf]]++;
  }
  return lengths;
}

/**
 * How many of the lightest leaves each level takes; a leaf's code length is how often it is taken. `weights` ascend. A level's
 * list merges the leaves with pairs ("packages") of the list below; only which items are leaves has to be remembered.
 */
function packageMerge(weights: readonly number[], maxLength: number): number[] {
  const levels: boolean[][] = [];
  let packages: number[] = [];
  for (let level = 0; level < maxLength; level++) {
    const merged: number[] = [];
    const isLeaf: boolean[] = [];
    for (let leaf = 0, pack = 0; leaf < weights.length || pack < packages.length;) {
      const takeLeaf = pack >= packages.length || (leaf < weights.length && weights[leaf] <= packages[pack]);
      isLeaf.push(takeLeaf);
      merged.push(takeLeaf ? weights[leaf++] : packages[pack++]);
    }
    levels.push(isLeaf);
    packages = [];
    for (let i = 0; i + 1 < merged.length; i += 2) packages.push(merged[i] + merged[i + 1]);
  }
  const taken: number[] = [];
  let items = 2 * weights.length - 2;
  for (let level = maxLength - 1; level >= 0 && items > 0; level--) {
    const leaves = levels[level].slice(0, items).filter(Boolean).length;
    taken.push(leaves);
    items = 2 * (items - leaves);
  }
  return taken;
}

/** Codes of equal length count up in the order of the symbols; shorter codes come first. */
export function canonicalCodes(lengths: Uint8Array): Uint32Array {
  const next = firstCodes(lengths);
  return Uint32Array.from(lengths, (length) => (length === 0 ? 0 : next[length]++));
}

/** The first code of each length, 0 to MAX_CODE_LENGTH. */
function firstCodes(lengths: Uint8Array): number[] {
  const counts = new Array<number>(MAX_CODE_LENGTH + 1).fill(0);
  for (const length of lengths) if (length > 0) counts[length]++;
  const first = new Array<number>(MAX_CODE_LENGTH + 1).fill(0);
  for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
    first[length] = (first[length - 1] + (length > 1 ? counts[length - 1] : 0)) * 2;
  }
  return first;
}

/** Bits that symbols with these counts take, the table of lengths aside. */
export function codedBits(counts: ArrayLike<number>, lengths: Uint8Array): number {
  let bits = 0;
  for (let symbol = 0; symbol < lengths.length; symbol++) bits += counts[symbol] * lengths[symbol];
  return bits;
}

/** Bits of the stored table: 5 for the width of a length, then each length in that width. */
export function tableBits(lengths: Uint8Array): number {
  return 5 + lengths.length * widthOf(lengths);
}

/** Writes the lengths, then the symbols. The reader must know the alphabet's size and the number of symbols. */
export function writeHuffman(out: BitWriter, symbols: Uint16Array, alphabet: number): void {
  const lengths = codeLengths(countSymbols(symbols, alphabet));
  const codes = canonicalCodes(lengths);
  const width = widthOf(lengths);
  out.write(width, 5);
  for (const length of lengths) out.write(length, width);
  for (let i = 0; i < symbols.length; i++) out.write(codes[symbols[i]], lengths[symbols[i]]);
}

/** The symbols that writeHuffman wrote. Throws ENCODING_STREAM for lengths that are no prefix code, or at the end. */
export function readHuffman(input: BitReader, count: number, alphabet: number): Uint16Array {
  const width = input.read(5);
  if (width > 5) throw broken(`code lengths of ${width} bits`);
  const lengths = Uint8Array.from({ length: alphabet }, () => input.read(width));
  const decode = decoderFor(lengths);
  const symbols = new Uint16Array(count);
  for (let i = 0; i < count; i++) symbols[i] = decode(input);
  return symbols;
}

/** How often each symbol below `alphabet` occurs. */
export function countSymbols(symbols: Uint16Array, alphabet: number): Float64Array {
  const counts = new Float64Array(alphabet);
  for (let i = 0; i < symbols.length; i++) counts[symbols[i]]++;
  return counts;
}

/** Reads bit by bit and compares with the first code of each length. */
function decoderFor(lengths: Uint8Array): (input: BitReader) => number {
  if (lengths.some((length) => length > MAX_CODE_LENGTH)) throw broken('a code is too long');
  const kraft = lengths.reduce((sum, length) => sum + (length === 0 ? 0 : 2 ** -length), 0);
  if (kraft > 1) throw broken('the code lengths are no prefix code');
  const bySize = Array.from({ length: MAX_CODE_LENGTH + 1 }, (): number[] => []);
  lengths.forEach((length, symbol) => length > 0 && bySize[length].push(symbol));
  const first = firstCodes(lengths);
  return (input) => {
    let code = 0;
    for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
      code = code * 2 + input.bit();
      const offset = code - first[length];
      if (offset >= 0 && offset < bySize[length].length) return bySize[length][offset];
    }
    throw broken('bits that are no code');
  };
}

function widthOf(lengths: Uint8Array): number {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  return 32 - Math.clz32(longest);
}

function broken(problem: string): Error {
  return encodingError('ENCODING_STREAM', { what: 'Huffman codes', problem });
}
