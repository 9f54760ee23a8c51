/** What lies at fixed addresses of the kernels' memory (assembly/memory.ts has the same numbers), and sizes in bytes. */
export const MEMORY_MAP = {
  /** The two words of the key of a step's random numbers. */
  keyLow: 64,
  keyHigh: 68,
  /** The learning rate, float32. */
  rate: 72,
  /** Uint32 by job and part: where its calls are. */
  parts: 128,
  /** All that is laid out. */
  free: 4096,
} as const;

/** A job has as many parts at most. */
export const PARTS_OF_JOB = 256;
export const FLOAT_BYTES = 4;
/** So many samples are worked on together; TILE_BYTES are what one channel of one pixel has of them. */
export const TILE_SAMPLES = 32;
export const TILE_BYTES = FLOAT_BYTES * TILE_SAMPLES;
