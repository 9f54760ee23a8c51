/** What lies at fixed addresses (src/sparse/memory-map.ts has the same numbers), and sizes in bytes. */

/** The two words of the key of a step's random numbers, and the learning rate of its update. */
export const KEY_LOW: usize = 64;
export const KEY_HIGH: usize = 68;
export const RATE: usize = 72;
/** Uint32: where the calls of each part begin. */
export const PARTS: usize = 128;

export const ENTRY: usize = 8;
/** 32 samples are worked on together: what is summed of them stays in registers. */
export const TILE: i32 = 128;

/** The `i`th number of a table. */
export function word(table: usize, i: i32): usize {
  return <usize>load<u32>(table + ((<usize>i) << 2));
}
