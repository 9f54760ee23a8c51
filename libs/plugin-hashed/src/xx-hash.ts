/** xxHash32 (Collet; the specification in the xxHash repository, `doc/xxhash_spec.md`), and the same for one whole number. */

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;

/** A whole number in [0, 2^32). */
export function xxHash32(bytes: Uint8Array, seed = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  let at = 0;
  let hash: number;
  if (length >= 16) {
    let a = (seed + PRIME_1 + PRIME_2) | 0;
    let b = (seed + PRIME_2) | 0;
    let c = seed | 0;
    let d = (seed - PRIME_1) | 0;
    for (; at + 16 <= length; at += 16) {
      a = round(a, view.getUint32(at, true));
      b = round(b, view.getUint32(at + 4, true));
      c = round(c, view.getUint32(at + 8, true));
      d = round(d, view.getUint32(at + 12, true));
    }
    hash = (rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18)) | 0;
  } else {
    hash = (seed + PRIME_5) | 0;
  }
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4) hash = word(hash, view.getUint32(at, true));
  for (; at < length; at++) {
    hash = Math.imul(rotl((hash + Math.imul(bytes[at], PRIME_5)) | 0, 11), PRIME_1);
  }
  return avalanche(hash);
}

/** The hash of the four little-endian bytes of `value`. */
export function xxHash32OfWord(value: number, seed: number): number {
  return avalanche(word((seed + PRIME_5 + 4) | 0, value));
}

function round(lane: number, input: number): number {
  return Math.imul(rotl((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1);
}

function word(hash: number, input: number): number {
  return Math.imul(rotl((hash + Math.imul(input, PRIME_3)) | 0, 17), PRIME_4);
}

function avalanche(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 15), PRIME_2);
  h = Math.imul(h ^ (h >>> 13), PRIME_3);
  return (h ^ (h >>> 16)) >>> 0;
}

function rotl(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
