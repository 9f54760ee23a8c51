/** DC16's accounting of one layer (its tables 2 to 5): weight bits and index bits, before and after Huffman. */
import { codeLengths, codedBits, countSymbols } from './canonical-huffman';
import { encodeRelativeIndex } from './relative-index';
import { countKept, type SharedWeights } from './shared-weights';

export interface PaperCoding {
  readonly weights: number;
  readonly kept: number;
  readonly keptShare: number;
  /** Entries of the relative index: survivors and fillers. */
  readonly entries: number;
  /** Bits of a code, and their mean after Huffman. A filler has a code of its own. */
  readonly weightBits: number;
  readonly weightBitsHuffman: number;
  readonly indexBits: number;
  readonly indexBitsHuffman: number;
  /** Bytes without Huffman (DC16's "P+Q") and with it ("P+Q+H"); codebook (4 bytes a level) included, as in DC16 equation 1. */
  readonly bytes: number;
  readonly bytesHuffman: number;
  /** bytesHuffman by 4 bytes a weight. */
  readonly share: number;
}

/** `gapBits`: 5 for fully connected layers, 8 for convolutions (`GAP_BITS`). DC16 leaves the Huffman tables out; so does this. */
export function paperCoding(shared: SharedWeights, gapBits: number): PaperCoding {
  const { codes, codebook } = shared;
  const index = encodeRelativeIndex(codes, gapBits);
  const entries = index.gaps.length;
  const weightBits = codebook.length < 2 ? 1 : 32 - Math.clz32(codebook.length - 1);
  const weightTotal = huffmanBits(index.codes, codebook.length + 1);
  const indexTotal = huffmanBits(index.gaps, 2 ** gapBits);
  const codebookBytes = 4 * codebook.length;
  const bytesHuffman = Math.ceil((weightTotal + indexTotal) / 8) + codebookBytes;
  const kept = countKept(codes);
  return {
    weights: codes.length,
    kept,
    keptShare: codes.length === 0 ? 0 : kept / codes.length,
    entries,
    weightBits,
    weightBitsHuffman: entries === 0 ? 0 : weightTotal / entries,
    indexBits: gapBits,
    indexBitsHuffman: entries === 0 ? 0 : indexTotal / entries,
    bytes: Math.ceil((entries * (weightBits + gapBits)) / 8) + codebookBytes,
    bytesHuffman,
    share: codes.length === 0 ? 0 : bytesHuffman / (4 * codes.length),
  };
}

function huffmanBits(symbols: Uint16Array, alphabet: number): number {
  const counts = countSymbols(symbols, alphabet);
  return codedBits(counts, codeLengths(counts));
}
