/**
 * Which neighbours of a weight survived, and how much around it: for one weight, or for a whole row at once, sixteen outputs in a
 * vector (src/arithmetic/significance-map.ts, surroundings.ts). Of rows that are coded as wholes there are marks where else the sums lie.
 */
import {
  AROUND,
  CHANNELS,
  CODES,
  OFFSETS,
  OFFSET_COUNT,
  OUTPUTS,
  SOURCES,
  SPATIAL,
  SUMS,
  TAPS,
  WIDTH,
  parameter,
  pointer,
} from './memory';

export const DENSITIES: i32 = 20;
/** Taps are Int32 [rows, 7]. */
const TAP_BYTES: usize = 28;

export function kept(row: usize, output: usize): i32 {
  return <i32>(load<u16>(row + (output << 1)) !== 0);
}

/** Where the codes of a row begin. */
export function lineOf(row: i32): usize {
  return pointer(CODES) + ((<usize>row * <usize>parameter(OUTPUTS)) << 1);
}

export function densityBucket(sum: i32): i32 {
  return sum < 10 ? sum : min(DENSITIES - 1, 10 + ((sum - 10) >> 2));
}

/** Which neighbours of a weight survived, a bit each in the order of the taps; out of a plane only that of the channel before. */
export function patternAt(row: i32, column: usize, pitch: usize): i32 {
  const taps = pointer(TAPS) + <usize>row * TAP_BYTES;
  let pattern = kept(column + <usize>load<u32>(taps, 24) * pitch, 0) << 6;
  if (!parameter(SPATIAL)) return pattern;
  for (let tap = 0; tap < 6; tap++) {
    pattern |= kept(column + <usize>load<u32>(taps + ((<usize>tap) << 2)) * pitch, 0) << tap;
  }
  return pattern;
}

/** The patterns of a whole row, then its densities: a byte each. */
export function lookAround(row: i32): void {
  const outputs = <usize>parameter(OUTPUTS);
  const taps = pointer(TAPS) + <usize>row * TAP_BYTES;
  const patterns = pointer(AROUND);
  const densities = patterns + outputs;
  if (!parameter(SPATIAL)) {
    const before = pointer(CODES) + ((<usize>load<u32>(taps, 24) * outputs) << 1);
    for (let output: usize = 0; output < outputs; output += 16) {
      v128.store(patterns + output, v128.and(keptOf16(before + (output << 1)), i8x16.splat(64)));
    }
    memory.fill(densities, 0, outputs);
    return;
  }
  const sources = sourcesOf(row);
  const marks = pointer(SUMS);
  for (let output: usize = 0; output < outputs; output += 32) {
    let low = i8x16.splat(0);
    let high = i8x16.splat(0);
    for (let tap = 0; tap < 7; tap++) {
      const at = marks + <usize>load<u32>(taps + ((<usize>tap) << 2)) * outputs + output;
      const bit = i8x16.splat((<i8>1) << (<i8>tap));
      low = v128.or(low, v128.and(v128.load(at), bit));
      high = v128.or(high, v128.and(v128.load(at, 16), bit));
    }
    v128.store(patterns + output, low);
    v128.store(patterns + output, high, 16);
  }
  // After the patterns, whose last store may reach beyond them.
  for (let output: usize = 0; output < outputs; output += 32) {
    let low = i8x16.splat(0);
    let high = i8x16.splat(0);
    for (let source = pointer(SOURCES); source < sources; source += 8) {
      const at = <usize>load<u32>(source) + output;
      const share = v128.load8_splat(source + 4);
      low = i8x16.add(low, v128.and(v128.load(at), share));
      high = i8x16.add(high, v128.and(v128.load(at, 16), share));
    }
    v128.store(densities + output, densityBuckets(low));
    v128.store(densities + output, densityBuckets(high), 16);
  }
}

/** Lists the rows whose survivors add to the densities of this one, with their shares; returns where the list ends. */
function sourcesOf(row: i32): usize {
  const channels = parameter(CHANNELS);
  const width = parameter(WIDTH);
  const marks = pointer(SUMS);
  const pixel = row / channels;
  const y = pixel / width;
  const x = pixel - y * width;
  let next = pointer(SOURCES);
  let offset = pointer(OFFSETS);
  for (let i = parameter(OFFSET_COUNT); i > 0; i--, offset += 12) {
    const dy = load<i32>(offset);
    const dx = load<i32>(offset, 4);
    if (y < dy || x < dx || x - dx >= width) continue;
    const source = row - (dy * width + dx) * channels;
    store<u32>(next, <u32>(marks + <usize>source * <usize>parameter(OUTPUTS)));
    store<u32>(next, load<u32>(offset, 8), 4);
    next += 8;
  }
  return next;
}

/** Remembers a row that is coded: all bits of a byte where a weight survived. */
export function markRow(row: i32): void {
  const outputs = <usize>parameter(OUTPUTS);
  const marks = pointer(SUMS) + <usize>row * outputs;
  const line = lineOf(row);
  for (let output: usize = 0; output < outputs; output += 16) {
    v128.store(marks + output, keptOf16(line + (output << 1)));
  }
}

/** All bits of a byte where a code is not 0. */
function keptOf16(codes: usize): v128 {
  const zero = i16x8.splat(0);
  return i8x16.narrow_i16x8_s(i16x8.ne(v128.load(codes), zero), i16x8.ne(v128.load(codes, 16), zero));
}

function densityBuckets(sums: v128): v128 {
  const ten = i8x16.splat(10);
  const coarser = i8x16.add(ten, i8x16.shr_u(i8x16.sub(sums, ten), 2));
  return v128.bitselect(sums, i8x16.min_u(coarser, i8x16.splat(<i8>(DENSITIES - 1))), i8x16.lt_u(sums, ten));
}
