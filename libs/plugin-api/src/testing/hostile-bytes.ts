/** Bytes as a broken disk or a hostile author would give them. */
import type { Random } from '@espalier/base';

const FLIPS = 24;
const STRANGERS = 8;

export interface Hostile {
  /** For messages: `cut to 7 of 40 bytes`. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

export function hostileVersions(bytes: Uint8Array, random: Random): Hostile[] {
  const { length } = bytes;
  const cuts = [...new Set([0, 1, 4, length >> 1, length - 1])].filter((to) => to >= 0 && to < length);
  return [
    ...cuts.map((to) => ({ what: `cut to ${to} of ${length} bytes`, bytes: bytes.slice(0, to) })),
    ...(length === 0 ? [] : Array.from({ length: FLIPS }, () => flipped(bytes, random))),
    ...[0x00, 0xff].map((byte) => ({
      what: `every byte ${byte}`,
      bytes: new Uint8Array(length).fill(byte),
    })),
    ...Array.from({ length: STRANGERS }, () => stranger(random.below(2 * length + 16), random)),
    { what: 'with 8 bytes too many', bytes: Uint8Array.from([...bytes, ...new Uint8Array(8).fill(0xff)]) },
  ];
}

function flipped(bytes: Uint8Array, random: Random): Hostile {
  const changed = bytes.slice();
  const [at, bit] = [random.below(bytes.length), random.below(8)];
  changed[at] ^= 1 << bit;
  return { what: `bit ${bit} of byte ${at} flipped`, bytes: changed };
}

function stranger(length: number, random: Random): Hostile {
  return {
    what: `${length} bytes at random`,
    bytes: Uint8Array.from({ length }, () => random.below(256)),
  };
}
