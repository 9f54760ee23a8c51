/**
 * Where things lie in the memory that the host makes and fills (src/arithmetic/kernel/memory-layout.ts has the same numbers): tables
 * at fixed addresses, a block of parameters, and arrays of the tensor's size where parameters point. Nothing is allocated here.
 */

// Tables: stretch Int16 [65536], squash Uint16 [5631]; then the parameters, Int32 each.
export const STRETCH: usize = 0;
export const SQUASH: usize = 131072;
export const PARAMETERS: usize = 146432;

/** Parameters by number; the host's list is PARAMETERS in memory-layout.ts, in the same order. */
export const DECODING = 0;
export const BY_ROWS = 1;
export const WIDTH = 2;
export const HEIGHT = 3;
export const CHANNELS = 4;
export const ROWS = 5;
export const OUTPUTS = 6;
export const SPATIAL = 7;
export const NEGATIVE = 8;
export const POSITIVE = 9;
export const DEPTH = 10;
export const SCANNED = 11;
export const SCANNED_COUNT = 12;
export const LIVE = 13;
export const LIVE_COUNT = 14;
export const CODES = 15;
export const SUMS = 16;
export const TAPS = 17;
export const BESIDE = 18;
export const BEFORE = 19;
export const AFTER = 20;
export const RANK_IN_CHANNEL = 21;
export const ROW_KEPT = 22;
export const BESIDE_KEPT = 23;
export const OUTPUT_KEPT = 24;
export const KERNEL_KEPT = 25;
export const OFFSETS = 26;
export const OFFSET_COUNT = 27;
export const ROW_LINE = 28;
export const OUTPUT_LINE = 29;
export const ALL_LINE = 30;
export const MAP_MIXER = 31;
export const SIGN_MIXER = 32;
export const RANK_MIXER = 33;
export const STREAM = 34;
export const STREAM_END = 35;
export const CODER_RANGE = 36;
export const CODER_LOW = 38; // 64 bits
export const CODER_HELD = 40;
export const CODER_PENDING = 41;
export const FAILED = 42;
export const VOTE_SHARES = 43;
export const ALONG_PLACES = 44;
export const ALONG_CELLS = 45;
export const ALONG_RINGS = 46;
export const ACROSS_PLACES = 47;
export const ACROSS_CELLS = 48;
export const ACROSS_RINGS = 49;
export const MIXED_BITS = 50;
export const LOW_BITS = 51;
export const TRIAL = 52;
export const TWICE = 53;
export const AROUND = 54;
export const PREPARED = 55;
export const SOURCES = 56;
export const CALM = 57;

export function parameter(index: i32): i32 {
  return load<i32>(PARAMETERS + ((<usize>index) << 2));
}

export function pointer(index: i32): usize {
  return <usize>load<u32>(PARAMETERS + ((<usize>index) << 2));
}
