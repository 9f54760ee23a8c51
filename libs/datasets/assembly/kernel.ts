/**
 * Distorts some samples of a batch, in AssemblyScript (compiled by tools/assembly/build-kernel.mjs): the same arithmetic, number by number,
 * as src/distorted-batches.ts and src/displacement-rows.ts, which explain it and are its oracle. Nothing is allocated.
 */
import {
  BOXES,
  CHANNELS,
  COLUMN_NODES,
  COLUMN_WEIGHTS,
  COUNT,
  DISTORTED,
  GRID,
  HEIGHT,
  OUTPUT,
  PARTS,
  PIXELS,
  ROW_NODES,
  ROW_WEIGHTS,
  SCRATCH,
  SCRATCH_BYTES,
  TRANSFORMS,
  VECTORS,
  WIDTH,
  f64At,
  floatAt,
  parameter,
  pointer,
} from './memory';

const PIXEL_SCALE: f64 = 1.0 / 255.0;
const SMALLEST_SLOPE: f64 = 1e-9;
const OVERSHOOT: f64 = 1.25;
const TRANSFORM_LENGTH: i32 = 8;

/** Part 0 has nothing to do; the others share the samples. */
export function runPart(part: i32): void {
  if (part === 0) return;
  const count = parameter(COUNT);
  const each = (count + parameter(PARTS) - 1) / parameter(PARTS);
  const scratch = pointer(SCRATCH) + <usize>(part - 1) * pointer(SCRATCH_BYTES);
  for (let i = (part - 1) * each; i < min(count, part * each); i++) {
    const size = parameter(HEIGHT) * parameter(WIDTH) * parameter(CHANNELS);
    memory.fill(pointer(OUTPUT) + <usize>(4 * i * size), 0, 4 * size);
    // An empty image stays as it is.
    if (box(i, 1) === -1) continue;
    spread(i, scratch);
    if (parameter(GRID) !== 0 && load<u8>(pointer(DISTORTED) + i) !== 0) distortElastically(i, scratch);
    else distort(i, scratch);
  }
}

function box(i: i32, side: i32): i32 {
  return <i32>load<i16>(pointer(BOXES) + ((<usize>(4 * i + side)) << 1));
}

function transform(i: i32, k: i32): f64 {
  return floatAt(pointer(TRANSFORMS), TRANSFORM_LENGTH * i + k);
}

/** Puts a sample into a border of zeros. */
function spread(i: i32, bordered: usize): void {
  const height = parameter(HEIGHT);
  const width = parameter(WIDTH);
  const channels = parameter(CHANNELS);
  memory.fill(bordered, 0, 4 * (height + 2) * (width + 2) * channels);
  const rowSize = width * channels;
  const begin = box(i, 2) * channels;
  const end = (box(i, 3) + 1) * channels;
  for (let y = box(i, 0); y <= box(i, 1); y++) {
    const from = pointer(PIXELS) + <usize>((i * height + y) * rowSize);
    const to = bordered + ((<usize>(((y + 1) * (width + 2) + 1) * channels)) << 2);
    for (let k = begin; k < end; k++) {
      store<f32>(to + ((<usize>k) << 2), <f32>(<f64>load<u8>(from + k) * PIXEL_SCALE));
    }
  }
}

function distort(i: i32, bordered: usize): void {
  const height = parameter(HEIGHT);
  const width = parameter(WIDTH);
  const channels = parameter(CHANNELS);
  const top = <f64>(box(i, 0) - 1);
  const bottom = <f64>(box(i, 1) + 1);
  const left = <f64>(box(i, 2) - 1);
  const right = <f64>(box(i, 3) + 1);
  const a0 = transform(i, 0);
  const a1 = transform(i, 1);
  const a2 = transform(i, 2);
  const b0 = transform(i, 3);
  const b1 = transform(i, 4);
  const b2 = transform(i, 5);
  for (let y = 0; y < height; y++) {
    const x0 = a1 * <f64>y + a2;
    const y0 = b1 * <f64>y + b2;
    let from = max<f64>(
      max<f64>(0, firstInside(a0, left - x0, right - x0)),
      firstInside(b0, top - y0, bottom - y0),
    );
    let until = min<f64>(
      min<f64>(<f64>(width - 1), lastInside(a0, left - x0, right - x0)),
      lastInside(b0, top - y0, bottom - y0),
    );
    while (from <= until && !isInside(a0 * from + x0, left, right)) from += 1;
    while (from <= until && !isInside(b0 * from + y0, top, bottom)) from += 1;
    while (from <= until && !isInside(a0 * until + x0, left, right)) until -= 1;
    while (from <= until && !isInside(b0 * until + y0, top, bottom)) until -= 1;
    if (from > until) continue;
    let to = pointer(OUTPUT) + ((<usize>(((i * height + y) * width + <i32>from) * channels)) << 2);
    for (let x = from; x <= until; x += 1) {
      to = readPixel(a0 * x + x0 + 1, b0 * x + y0 + 1, bordered, to, width, channels);
    }
  }
}

function distortElastically(i: i32, bordered: usize): void {
  const height = parameter(HEIGHT);
  const width = parameter(WIDTH);
  const channels = parameter(CHANNELS);
  const top = <f64>box(i, 0);
  const bottom = <f64>(box(i, 1) + 2);
  const left = <f64>box(i, 2);
  const right = <f64>(box(i, 3) + 2);
  const a0 = transform(i, 0);
  const a1 = transform(i, 1);
  const a2 = transform(i, 2) + 1;
  const b0 = transform(i, 3);
  const b1 = transform(i, 4);
  const b2 = transform(i, 5) + 1;
  // Behind the border: the field at the rows of nodes, and how far it reaches at most there and in each row of pixels.
  const lines = (bordered + 4 * (height + 2) * (width + 2) * channels + 7) & ~7;
  const lineReach = lines + 16 * parameter(GRID) * width;
  const reach = lineReach + 16 * parameter(GRID);
  openField(i, lines, lineReach, reach);
  const nodes = pointer(ROW_NODES);
  const weights = pointer(ROW_WEIGHTS);
  const middleX = (left + right) / 2;
  const middleY = (top + bottom) / 2;
  const perA = 1 / (Math.abs(a0) < SMALLEST_SLOPE ? SMALLEST_SLOPE : a0);
  const perB = 1 / (Math.abs(b0) < SMALLEST_SLOPE ? SMALLEST_SLOPE : b0);
  for (let y = 0; y < height; y++) {
    const x0 = a1 * <f64>y + a2;
    const y0 = b1 * <f64>y + b2;
    const nearX = (middleX - x0) * perA;
    const nearY = (middleY - y0) * perB;
    const aroundX = (middleX - left + f64At(reach, 2 * y)) * Math.abs(perA);
    const aroundY = (middleY - top + f64At(reach, 2 * y + 1)) * Math.abs(perB);
    const from = <i32>min<f64>(<f64>width, max<f64>(max<f64>(0, nearX - aroundX), nearY - aroundY));
    const until = <i32>max<f64>(-1, min<f64>(min<f64>(<f64>(width - 1), nearX + aroundX), nearY + aroundY));
    const row = pointer(OUTPUT) + ((<usize>((i * height + y) * width * channels)) << 2);
    const w0 = f64At(weights, 4 * y);
    const w1 = f64At(weights, 4 * y + 1);
    const w2 = f64At(weights, 4 * y + 2);
    const w3 = f64At(weights, 4 * y + 3);
    const l0 = 2 * width * <i32>load<u8>(nodes + 4 * y);
    const l1 = 2 * width * <i32>load<u8>(nodes + 4 * y, 1);
    const l2 = 2 * width * <i32>load<u8>(nodes + 4 * y, 2);
    const l3 = 2 * width * <i32>load<u8>(nodes + 4 * y, 3);
    for (let x = from; x <= until; x++) {
      const n = 2 * x;
      const dx =
        w0 * f64At(lines, l0 + n) +
        w1 * f64At(lines, l1 + n) +
        w2 * f64At(lines, l2 + n) +
        w3 * f64At(lines, l3 + n);
      const m = n + 1;
      const dy =
        w0 * f64At(lines, l0 + m) +
        w1 * f64At(lines, l1 + m) +
        w2 * f64At(lines, l2 + m) +
        w3 * f64At(lines, l3 + m);
      const inX = a0 * <f64>x + x0 + dx;
      const inY = b0 * <f64>x + y0 + dy;
      if (inX <= left || inX >= right || inY <= top || inY >= bottom) continue;
      readPixel(inX, inY, bordered, row + ((<usize>(x * channels)) << 2), width, channels);
    }
  }
}

/** Writes the channels at a position in the border, bilinear; gives where the next pixel begins. */
function readPixel(inX: f64, inY: f64, bordered: usize, to: usize, width: i32, channels: i32): usize {
  const column = <i32>inX;
  const line = <i32>inY;
  const toRight = inX - <f64>column;
  const down = inY - <f64>line;
  const stride = (width + 2) * channels;
  const source = line * stride + column * channels;
  for (let k = source; k < source + channels; k++) {
    const upperLeft = floatAt(bordered, k);
    const upper = upperLeft + toRight * (floatAt(bordered, k + channels) - upperLeft);
    const below = k + stride;
    const lowerLeft = floatAt(bordered, below);
    const lower = lowerLeft + toRight * (floatAt(bordered, below + channels) - lowerLeft);
    store<f32>(to, <f32>(upper + down * (lower - upper)));
    to += 4;
  }
  return to;
}

function openField(i: i32, lines: usize, lineReach: usize, reach: usize): void {
  const grid = parameter(GRID);
  const width = parameter(WIDTH);
  const nodes = pointer(COLUMN_NODES);
  const weights = pointer(COLUMN_WEIGHTS);
  const vectors = pointer(VECTORS) + <usize>(16 * grid * grid * i);
  for (let x = 0; x < width; x++) {
    const w0 = f64At(weights, 4 * x);
    const w1 = f64At(weights, 4 * x + 1);
    const w2 = f64At(weights, 4 * x + 2);
    const w3 = f64At(weights, 4 * x + 3);
    let n0 = 2 * <i32>load<u8>(nodes + 4 * x);
    let n1 = 2 * <i32>load<u8>(nodes + 4 * x, 1);
    let n2 = 2 * <i32>load<u8>(nodes + 4 * x, 2);
    let n3 = 2 * <i32>load<u8>(nodes + 4 * x, 3);
    for (let v = 0; v < grid; v++) {
      const at = lines + ((<usize>(2 * (v * width + x))) << 3);
      store<f64>(
        at,
        w0 * f64At(vectors, n0) + w1 * f64At(vectors, n1) + w2 * f64At(vectors, n2) + w3 * f64At(vectors, n3),
      );
      store<f64>(
        at,
        w0 * f64At(vectors, n0 + 1) +
          w1 * f64At(vectors, n1 + 1) +
          w2 * f64At(vectors, n2 + 1) +
          w3 * f64At(vectors, n3 + 1),
        8,
      );
      n0 += 2 * grid;
      n1 += 2 * grid;
      n2 += 2 * grid;
      n3 += 2 * grid;
    }
  }
  let at = 0;
  for (let v = 0; v < grid; v++) {
    let mostX: f64 = 0;
    let mostY: f64 = 0;
    for (let u = 0; u < grid; u++) {
      mostX = max<f64>(mostX, Math.abs(f64At(vectors, at++)));
      mostY = max<f64>(mostY, Math.abs(f64At(vectors, at++)));
    }
    store<f64>(lineReach + 16 * v, OVERSHOOT * mostX);
    store<f64>(lineReach + 16 * v, OVERSHOOT * mostY, 8);
  }
  for (let y = 0; y < parameter(HEIGHT); y++) {
    for (let component = 0; component < 2; component++) {
      store<f64>(reach + 16 * y + 8 * component, reachOf(lineReach, y, component));
    }
  }
}

function reachOf(lineReach: usize, y: i32, component: i32): f64 {
  const nodes = pointer(ROW_NODES) + 4 * y;
  const weights = pointer(ROW_WEIGHTS) + 32 * y;
  return (
    f64At(weights, 1) * f64At(lineReach, 2 * <i32>load<u8>(nodes, 1) + component) +
    f64At(weights, 2) * f64At(lineReach, 2 * <i32>load<u8>(nodes, 2) + component) -
    f64At(weights, 0) * f64At(lineReach, 2 * <i32>load<u8>(nodes) + component) -
    f64At(weights, 3) * f64At(lineReach, 2 * <i32>load<u8>(nodes, 3) + component)
  );
}

function firstInside(slope: f64, low: f64, high: f64): f64 {
  if (slope === 0) return low < 0 && high > 0 ? 0 : Infinity;
  return Math.floor(slope > 0 ? low / slope : high / slope);
}

function lastInside(slope: f64, low: f64, high: f64): f64 {
  if (slope === 0) return low < 0 && high > 0 ? Infinity : 0;
  return Math.ceil(slope > 0 ? high / slope : low / slope);
}

function isInside(position: f64, low: f64, high: f64): boolean {
  return position > low && position < high;
}
