/** Products of activations with kept weights, and of activations with gradients at their places. */
import { lanesSum } from './lanes';
import { ENTRY, TILE, word } from './memory';

/** to[p][o] = start[o] + sum of value * from[p + offset], over the entries of o. Without `start`: from 0. */
export function gather(
  from: usize,
  fromTable: usize,
  to: usize,
  toTable: usize,
  pixels: i32,
  outputs: i32,
  ends: usize,
  entries: usize,
  values: usize,
  start: usize,
): void {
  for (let p = 0; p < pixels; p++) {
    const x = from + word(fromTable, p);
    const y = to + word(toTable, p);
    gatherTile(x, y, outputs, ends, entries, values, start);
  }
}

function gatherTile(
  x: usize,
  y: usize,
  outputs: i32,
  ends: usize,
  entries: usize,
  values: usize,
  start: usize,
): void {
  let entry = entries;
  for (let o = 0; o < outputs; o++) {
    const end = entries + word(ends, o) * ENTRY;
    let s0 = start ? v128.load32_splat(start + ((<usize>o) << 2)) : f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    for (; entry < end; entry += ENTRY) {
      const a = x + <usize>load<u32>(entry);
      const w = v128.load32_splat(values + <usize>load<u32>(entry, 4));
      s0 = f32x4.add(s0, f32x4.mul(w, v128.load(a)));
      s1 = f32x4.add(s1, f32x4.mul(w, v128.load(a, 16)));
      s2 = f32x4.add(s2, f32x4.mul(w, v128.load(a, 32)));
      s3 = f32x4.add(s3, f32x4.mul(w, v128.load(a, 48)));
      s4 = f32x4.add(s4, f32x4.mul(w, v128.load(a, 64)));
      s5 = f32x4.add(s5, f32x4.mul(w, v128.load(a, 80)));
      s6 = f32x4.add(s6, f32x4.mul(w, v128.load(a, 96)));
      s7 = f32x4.add(s7, f32x4.mul(w, v128.load(a, 112)));
    }
    v128.store(y, s0);
    v128.store(y, s1, 16);
    v128.store(y, s2, 32);
    v128.store(y, s3, 48);
    v128.store(y, s4, 64);
    v128.store(y, s5, 80);
    v128.store(y, s6, 96);
    v128.store(y, s7, 112);
    y += TILE;
  }
}

/**
 * Adds to back[p + offset] value * gradient[p][o], for the entries of each output o: what a kernel's inputs get of its outputs' gradients.
 * Many sums grow in memory side by side, so none waits for the one before it.
 */
export function scatter(
  gradient: usize,
  gradientTable: usize,
  back: usize,
  backTable: usize,
  pixels: i32,
  outputs: i32,
  ends: usize,
  entries: usize,
  values: usize,
): void {
  for (let p = 0; p < pixels; p++) {
    const dy = gradient + word(gradientTable, p);
    const dx = back + word(backTable, p);
    scatterTile(dy, dx, outputs, ends, entries, values);
  }
}

function scatterTile(dy: usize, dx: usize, outputs: i32, ends: usize, entries: usize, values: usize): void {
  let entry = entries;
  for (let o = 0; o < outputs; o++) {
    const end = entries + word(ends, o) * ENTRY;
    const g0 = v128.load(dy);
    const g1 = v128.load(dy, 16);
    const g2 = v128.load(dy, 32);
    const g3 = v128.load(dy, 48);
    const g4 = v128.load(dy, 64);
    const g5 = v128.load(dy, 80);
    const g6 = v128.load(dy, 96);
    const g7 = v128.load(dy, 112);
    for (; entry < end; entry += ENTRY) {
      const a = dx + <usize>load<u32>(entry);
      const w = v128.load32_splat(values + <usize>load<u32>(entry, 4));
      v128.store(a, f32x4.add(v128.load(a), f32x4.mul(w, g0)));
      v128.store(a, f32x4.add(v128.load(a, 16), f32x4.mul(w, g1)), 16);
      v128.store(a, f32x4.add(v128.load(a, 32), f32x4.mul(w, g2)), 32);
      v128.store(a, f32x4.add(v128.load(a, 48), f32x4.mul(w, g3)), 48);
      v128.store(a, f32x4.add(v128.load(a, 64), f32x4.mul(w, g4)), 64);
      v128.store(a, f32x4.add(v128.load(a, 80), f32x4.mul(w, g5)), 80);
      v128.store(a, f32x4.add(v128.load(a, 96), f32x4.mul(w, g6)), 96);
      v128.store(a, f32x4.add(v128.load(a, 112), f32x4.mul(w, g7)), 112);
    }
    dy += TILE;
  }
}

/** Pixels whose products are summed before they are added to the rest: a sum of sums loses less than one long one. */
const BLOCK: i32 = 8;

/**
 * gradients[e] = sum over parts, pixels and samples of from[p + offset of e] * to[p][o], o being the output of e; for `outputs` of them, of which
 * the entries begin with `first`. From one part of the samples to the next it is `fromStride` and `toStride`.
 */
export function correlate(
  from: usize,
  fromTable: usize,
  fromStride: usize,
  to: usize,
  toTable: usize,
  toStride: usize,
  parts: i32,
  pixels: i32,
  outputs: i32,
  ends: usize,
  first: i32,
  entries: usize,
  gradients: usize,
): void {
  let e: usize = first;
  for (let o = 0; o < outputs; o++) {
    const end = word(ends, o);
    const column = to + <usize>(o * TILE);
    for (; e < end; e += 4) {
      // Behind the last entry the last one again, of which nothing is written.
      const e0 = entries + e * ENTRY;
      const last = entries + (end - 1) * ENTRY;
      const sums = correlateFour(
        from + word(e0, 0),
        from + word(min(last, e0 + ENTRY), 0),
        from + word(min(last, e0 + 2 * ENTRY), 0),
        from + word(min(last, e0 + 3 * ENTRY), 0),
        fromTable,
        fromStride,
        column,
        toTable,
        toStride,
        parts,
        pixels,
      );
      const target = gradients + (e << 2);
      if (e + 4 <= end) {
        v128.store(target, sums);
      } else {
        store<f32>(target, f32x4.extract_lane(sums, 0));
        if (e + 1 < end) store<f32>(target, f32x4.extract_lane(sums, 1), 4);
        if (e + 2 < end) store<f32>(target, f32x4.extract_lane(sums, 2), 8);
      }
    }
    e = end;
  }
}

function correlateFour(
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  fromTable: usize,
  fromStride: usize,
  column: usize,
  toTable: usize,
  toStride: usize,
  parts: i32,
  pixels: i32,
): v128 {
  const zero = f32x4.splat(0);
  let sums = zero;
  let s0 = zero;
  let s1 = zero;
  let s2 = zero;
  let s3 = zero;
  let summed = 0;
  for (let part = 0; part < parts; part++) {
    for (let p = 0; p < pixels; p++) {
      if (summed === BLOCK) {
        sums = f32x4.add(sums, lanesSum(s0, s1, s2, s3));
        s0 = zero;
        s1 = zero;
        s2 = zero;
        s3 = zero;
        summed = 0;
      }
      summed++;
      const at = word(fromTable, p);
      const d = column + word(toTable, p);
      const a0 = x0 + at;
      const a1 = x1 + at;
      const a2 = x2 + at;
      const a3 = x3 + at;
      const g0 = v128.load(d);
      s0 = f32x4.add(s0, f32x4.mul(g0, v128.load(a0)));
      s1 = f32x4.add(s1, f32x4.mul(g0, v128.load(a1)));
      s2 = f32x4.add(s2, f32x4.mul(g0, v128.load(a2)));
      s3 = f32x4.add(s3, f32x4.mul(g0, v128.load(a3)));
      const g1 = v128.load(d, 16);
      s0 = f32x4.add(s0, f32x4.mul(g1, v128.load(a0, 16)));
      s1 = f32x4.add(s1, f32x4.mul(g1, v128.load(a1, 16)));
      s2 = f32x4.add(s2, f32x4.mul(g1, v128.load(a2, 16)));
      s3 = f32x4.add(s3, f32x4.mul(g1, v128.load(a3, 16)));
      const g2 = v128.load(d, 32);
      s0 = f32x4.add(s0, f32x4.mul(g2, v128.load(a0, 32)));
      s1 = f32x4.add(s1, f32x4.mul(g2, v128.load(a1, 32)));
      s2 = f32x4.add(s2, f32x4.mul(g2, v128.load(a2, 32)));
      s3 = f32x4.add(s3, f32x4.mul(g2, v128.load(a3, 32)));
      const g3 = v128.load(d, 48);
      s0 = f32x4.add(s0, f32x4.mul(g3, v128.load(a0, 48)));
      s1 = f32x4.add(s1, f32x4.mul(g3, v128.load(a1, 48)));
      s2 = f32x4.add(s2, f32x4.mul(g3, v128.load(a2, 48)));
      s3 = f32x4.add(s3, f32x4.mul(g3, v128.load(a3, 48)));
      const g4 = v128.load(d, 64);
      s0 = f32x4.add(s0, f32x4.mul(g4, v128.load(a0, 64)));
      s1 = f32x4.add(s1, f32x4.mul(g4, v128.load(a1, 64)));
      s2 = f32x4.add(s2, f32x4.mul(g4, v128.load(a2, 64)));
      s3 = f32x4.add(s3, f32x4.mul(g4, v128.load(a3, 64)));
      const g5 = v128.load(d, 80);
      s0 = f32x4.add(s0, f32x4.mul(g5, v128.load(a0, 80)));
      s1 = f32x4.add(s1, f32x4.mul(g5, v128.load(a1, 80)));
      s2 = f32x4.add(s2, f32x4.mul(g5, v128.load(a2, 80)));
      s3 = f32x4.add(s3, f32x4.mul(g5, v128.load(a3, 80)));
      const g6 = v128.load(d, 96);
      s0 = f32x4.add(s0, f32x4.mul(g6, v128.load(a0, 96)));
      s1 = f32x4.add(s1, f32x4.mul(g6, v128.load(a1, 96)));
      s2 = f32x4.add(s2, f32x4.mul(g6, v128.load(a2, 96)));
      s3 = f32x4.add(s3, f32x4.mul(g6, v128.load(a3, 96)));
      const g7 = v128.load(d, 112);
      s0 = f32x4.add(s0, f32x4.mul(g7, v128.load(a0, 112)));
      s1 = f32x4.add(s1, f32x4.mul(g7, v128.load(a1, 112)));
      s2 = f32x4.add(s2, f32x4.mul(g7, v128.load(a2, 112)));
      s3 = f32x4.add(s3, f32x4.mul(g7, v128.load(a3, 112)));
    }
    x0 += fromStride;
    x1 += fromStride;
    x2 += fromStride;
    x3 += fromStride;
    column += toStride;
  }
  return f32x4.add(sums, lanesSum(s0, s1, s2, s3));
}

/** sums[o] = sum over parts, pixels and samples of to[p][o]. */
export function sumOver(
  to: usize,
  toTable: usize,
  toStride: usize,
  parts: i32,
  pixels: i32,
  outputs: i32,
  sums: usize,
): void {
  const zero = f32x4.splat(0);
  for (let o = 0; o < outputs; o++) {
    let total = zero;
    for (let part = 0; part < parts; part++) {
      const column = to + <usize>(o * TILE) + <usize>part * toStride;
      for (let first = 0; first < pixels; first += BLOCK) {
        let s0 = zero;
        let s1 = zero;
        const behind = min(pixels, first + BLOCK);
        for (let p = first; p < behind; p++) {
          let d = column + word(toTable, p);
          const stop = d + TILE;
          for (; d < stop; d += 32) {
            s0 = f32x4.add(s0, v128.load(d));
            s1 = f32x4.add(s1, v128.load(d, 16));
          }
        }
        total = f32x4.add(total, f32x4.add(s0, s1));
      }
    }
    store<f32>(sums + ((<usize>o) << 2), f32x4.extract_lane(lanesSum(total, zero, zero, zero), 0));
  }
}
