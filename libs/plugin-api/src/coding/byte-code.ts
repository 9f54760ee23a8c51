/** Bytes by what came before them: each of a byte's bits in the context of the bits above it. */
import { BitDecoder, BitEncoder } from './bit-coder';

/** The inner nodes of a tree over 8 bits, from 1. */
const NODES = 256;

export function encodeBytes(values: Uint8Array): Uint8Array {
  const encoder = new BitEncoder(NODES);
  for (const value of values) {
    for (let node = 1, shift = 7; shift >= 0; shift--) {
      const bit = (value >> shift) & 1;
      encoder.encode(node, bit);
      node = 2 * node + bit;
    }
  }
  return encoder.finish();
}

/** `count` bytes, whatever `coded` is. */
export function decodeBytes(coded: Uint8Array, count: number): Uint8Array {
  const decoder = new BitDecoder(NODES, coded);
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let node = 1;
    while (node < NODES) node = 2 * node + decoder.decode(node);
    values[i] = node - NODES;
  }
  return values;
}
