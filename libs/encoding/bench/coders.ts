/** Bytes of each coding on synthetic pruned networks: `npx tsx --conditions=@espalier/source libs/encoding/bench/coders.ts`. */
import { Random } from '@espalier/base';
import { encodeShared, decodeShared } from '../src/arithmetic/shared-coder';
import { codeLengths, codedBits, countSymbols, tableBits } from '../src/canonical-huffman';
import { encodeRelativeIndex } from '../src/relative-index';
import { shareWeights } from '../src/share-weights';
import { countKept, type SharedWeights } from '../src/shared-weights';
import type { ImageLayout } from '../src/arithmetic/kernel-view';

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  readonly image?: ImageLayout;
  readonly keep: number;
  readonly levels: number;
}

export const CASES: readonly Case[] = [
  { name: 'fc1  8 %', shape: [784, 300], image: [28, 28, 1], keep: 0.08, levels: 64 },
  { name: 'fc2  9 %', shape: [300, 100], keep: 0.09, levels: 64 },
  { name: 'fc3 26 %', shape: [100, 10], keep: 0.26, levels: 64 },
  { name: 'fc1 1.95 %', shape: [784, 300], image: [28, 28, 1], keep: 0.0195, levels: 8 },
  { name: 'fc2  3.7 %', shape: [300, 100], keep: 0.037, levels: 8 },
  { name: 'fc3   17 %', shape: [100, 10], keep: 0.17, levels: 8 },
  { name: 'conv2 12 %', shape: [5, 5, 20, 50], keep: 0.12, levels: 64 },
];

/** Gaussian weights; scale varies by input and output, smoothly over the image, whose border is dead; then pruned by magnitude. */
export function prunedKernel(item: Case, random: Random): Float32Array {
  const outputs = item.shape[item.shape.length - 1];
  const size = item.shape.reduce((a, b) => a * b, 1);
  const rows = size / outputs;
  const outputScale = Float64Array.from({ length: outputs }, () => Math.exp(0.4 * random.normal()));
  const rowScale = Float64Array.from({ length: rows }, (_, row) => {
    if (!item.image) return Math.exp(0.4 * random.normal());
    const [height, width] = item.image;
    const y = Math.floor(row / width) / (height - 1) - 0.5;
    const x = (row % width) / (width - 1) - 0.5;
    const radius = Math.sqrt(x * x + y * y);
    return radius > 0.52 ? 0 : Math.exp(-4 * radius * radius + 0.2 * random.normal());
  });
  const noise = Float64Array.from({ length: size }, () => random.normal());
  const width = item.image ? item.image[1] : 0;
  const weights = new Float32Array(size);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++, i++) {
      const west = item.image && row % width > 0 ? noise[i - outputs] : 0;
      const north = item.image && row >= width ? noise[i - width * outputs] : 0;
      weights[i] = 0.05 * rowScale[row] * outputScale[output] * (noise[i] + 0.35 * west + 0.35 * north);
    }
  }
  const magnitudes = weights.map(Math.abs).sort();
  const threshold = magnitudes[Math.floor(size * (1 - item.keep))];
  return weights.map((value) => (Math.abs(value) < threshold ? 0 : value));
}

function entropyBytes(counts: Float64Array): number {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.reduce((sum, count) => sum - (count ? count * Math.log2(count / total) : 0), 0) / 8;
}

/** DC16's file: gaps and codes through Huffman, tables and a float32 codebook included. */
function huffmanBytes(shared: SharedWeights): number {
  const index = encodeRelativeIndex(shared.codes, 5);
  const bits = [
    { symbols: index.gaps, alphabet: 32 },
    { symbols: index.codes, alphabet: shared.codebook.length + 1 },
  ].map(({ symbols, alphabet }) => {
    const counts = countSymbols(symbols, alphabet);
    const lengths = codeLengths(counts);
    return codedBits(counts, lengths) + tableBits(lengths);
  });
  return Math.ceil((bits[0] + bits[1]) / 8) + 4 * shared.codebook.length;
}

function main(): void {
  console.log(
    'case         kept  levels  plain5   huffman  entropy0  arith  (codebook index values)  enc ms dec ms',
  );
  for (const item of CASES) {
    const weights = prunedKernel(item, new Random(1, item.name));
    const shared = shareWeights(weights, { levels: item.levels });
    const kept = countKept(shared.codes);
    const index = encodeRelativeIndex(shared.codes, 5);
    const bits = Math.ceil(Math.log2(shared.codebook.length + 1));
    const plain = Math.ceil((index.gaps.length * (5 + bits)) / 8) + 4 * shared.codebook.length;
    const entropy =
      entropyBytes(Float64Array.of(kept, shared.codes.length - kept)) +
      entropyBytes(countSymbols(shared.codes, shared.codebook.length + 1).subarray(1));
    const t0 = performance.now();
    const stream = encodeShared(shared, { shape: item.shape, image: item.image }, { kind: 'float32' });
    const t1 = performance.now();
    const back = decodeShared(stream.bytes, { shape: item.shape, image: item.image });
    const t2 = performance.now();
    if (!back.codes.every((code, i) => code === shared.codes[i])) throw new Error(`${item.name} differs`);
    const { codebook, index: indexBytes, values } = stream.breakdown;
    console.log(
      [
        item.name.padEnd(11),
        kept,
        shared.codebook.length,
        plain,
        huffmanBytes(shared),
        entropy.toFixed(0),
        stream.bytes.length,
        `(${codebook.toFixed(0)} ${indexBytes.toFixed(0)} ${values.toFixed(0)})`,
        (t1 - t0).toFixed(0),
        (t2 - t1).toFixed(0),
      ].join('  '),
    );
  }
}

if (require.main === module) main();
