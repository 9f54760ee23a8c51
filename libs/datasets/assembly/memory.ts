/** Parameters, Int32 each, at the beginning of the memory; the host's list is PARAMETERS in src/ahead/distortion-memory.ts, in the same order. */
export const COUNT = 0;
export const PARTS = 1;
export const HEIGHT = 2;
export const WIDTH = 3;
export const CHANNELS = 4;
/** Nodes along each axis of an elastic field; 0: there is none. */
export const GRID = 5;
/** Addresses. Of each sample: bytes; Int16 [4]; Float32 [8]; a byte; float64 [grid, grid, 2]; float32, what comes of it. */
export const PIXELS = 6;
export const BOXES = 7;
export const TRANSFORMS = 8;
export const DISTORTED = 9;
export const VECTORS = 10;
export const OUTPUT = 11;
/** Of each row of pixels, and of each column: bytes [4], float64 [4]. */
export const ROW_NODES = 12;
export const ROW_WEIGHTS = 13;
export const COLUMN_NODES = 14;
export const COLUMN_WEIGHTS = 15;
/** Room for each part. */
export const SCRATCH = 16;
export const SCRATCH_BYTES = 17;

const BEGIN: usize = 64;

export function parameter(index: i32): i32 {
  return load<i32>(BEGIN + ((<usize>index) << 2));
}

export function pointer(index: i32): usize {
  return <usize>load<u32>(BEGIN + ((<usize>index) << 2));
}

export function f64At(address: usize, index: i32): f64 {
  return load<f64>(address + ((<usize>index) << 3));
}

export function floatAt(address: usize, index: i32): f64 {
  return <f64>load<f32>(address + ((<usize>index) << 2));
}
