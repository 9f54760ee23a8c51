/** DC16 tables 4 and 5: bits of a weight and of an index, before and after Huffman, and the layer's size against dense. */
export interface PublishedCoding {
  readonly weightBits: number;
  readonly weightBitsHuffman: number;
  readonly indexBits: number;
  readonly indexBitsHuffman: number;
  /** Of the layer's dense bytes. */
  readonly share: number;
}

export const PUBLISHED_CODING: Readonly<Record<string, Readonly<Record<string, PublishedCoding>>>> = {
  'lenet-300-100': {
    fc1: { weightBits: 6, weightBitsHuffman: 4.4, indexBits: 5, indexBitsHuffman: 3.7, share: 0.0232 },
    fc2: { weightBits: 6, weightBitsHuffman: 4.4, indexBits: 5, indexBitsHuffman: 4.3, share: 0.0304 },
    fc3: { weightBits: 6, weightBitsHuffman: 4.3, indexBits: 5, indexBitsHuffman: 3.2, share: 0.127 },
  },
  'lenet-5': {
    conv1: { weightBits: 8, weightBitsHuffman: 7.2, indexBits: 5, indexBitsHuffman: 1.5, share: 0.6745 },
    conv2: { weightBits: 8, weightBitsHuffman: 7.2, indexBits: 5, indexBitsHuffman: 3.9, share: 0.0528 },
    fc1: { weightBits: 5, weightBitsHuffman: 4.5, indexBits: 5, indexBitsHuffman: 4.5, share: 0.0245 },
    fc2: { weightBits: 5, weightBitsHuffman: 5.2, indexBits: 5, indexBitsHuffman: 3.7, share: 0.0613 },
  },
};
