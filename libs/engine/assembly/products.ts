/** Products of activations with kept weights, and of activations with gradients at their places. */
import { ENTRY, lanesSum } from './lanes';

/** Samples of 32 bytes a lane: what is summed stays in registers. */
const TILE: i32 = 128;

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
  batch: i32,
): void {
  for (let p = 0; p < pixels; p++) {
    const x = from + <usize>load<u32>(fromTable + ((<usize>p) << 2));
    const y = to + <usize>load<u32>(toTable + ((<usize>p) << 2));
    for (let tile = 0; tile < batch; tile += TILE) {
      if (tile + TILE <= batch) gatherTile(x + tile, y + tile, outputs, ends, entries, values, start, batch);
      else gatherHalfTile(x + tile, y + tile, outputs, ends, entries, values, start, batch);
    }
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
  batch: i32,
): void {
  let entry = entries;
  for (let o = 0; o < outputs; o++) {
    const end = entries + <usize>load<u32>(ends + ((<usize>o) << 2)) * ENTRY;
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
    y += batch;
  }
}

function gatherHalfTile(
  x: usize,
  y: usize,
  outputs: i32,
  ends: usize,
  entries: usize,
  values: usize,
  start: usize,
  batch: i32,
): void {
  let entry = entries;
  for (let o = 0; o < outputs; o++) {
    const end = entries + <usize>load<u32>(ends + ((<usize>o) << 2)) * ENTRY;
    let s0 = start ? v128.load32_splat(start + ((<usize>o) << 2)) : f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (; entry < end; entry += ENTRY) {
      const a = x + <usize>load<u32>(entry);
      const w = v128.load32_splat(values + <usize>load<u32>(entry, 4));
      s0 = f32x4.add(s0, f32x4.mul(w, v128.load(a)));
      s1 = f32x4.add(s1, f32x4.mul(w, v128.load(a, 16)));
      s2 = f32x4.add(s2, f32x4.mul(w, v128.load(a, 32)));
      s3 = f32x4.add(s3, f32x4.mul(w, v128.load(a, 48)));
    }
    v128.store(y, s0);
    v128.store(y, s1, 16);
    v128.store(y, s2, 32);
    v128.store(y, s3, 48);
    y += batch;
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
  batch: i32,
): void {
  for (let p = 0; p < pixels; p++) {
    const dy = gradient + <usize>load<u32>(gradientTable + ((<usize>p) << 2));
    const dx = back + <usize>load<u32>(backTable + ((<usize>p) << 2));
    for (let tile = 0; tile < batch; tile += TILE) {
      if (tile + TILE <= batch) scatterTile(dy + tile, dx + tile, outputs, ends, entries, values, batch);
      else scatterHalfTile(dy + tile, dx + tile, outputs, ends, entries, values, batch);
    }
  }
}

function scatterTile(
  dy: usize,
  dx: usize,
  outputs: i32,
  ends: usize,
  entries: usize,
  values: usize,
  batch: i32,
): void {
  let entry = entries;
  for (let o = 0; o < outputs; o++) {
    const end = entries + <usize>load<u32>(ends + ((<usize>o) << 2)) * ENTRY;
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
    dy += batch;
  }
}

function scatterHalfTile(
  dy: usize,
  dx: usize,
  outputs: i32,
  ends: usize,
  entries: usize,
  values: usize,
  batch: i32,
): void {
  let entry = entries;
  for (let o = 0; o < outputs; o++) {
    const end = entries + <usize>load<u32>(ends + ((<usize>o) << 2)) * ENTRY;
    const g0 = v128.load(dy);
    const g1 = v128.load(dy, 16);
    const g2 = v128.load(dy, 32);
    const g3 = v128.load(dy, 48);
    for (; entry < end; entry += ENTRY) {
      const a = dx + <usize>load<u32>(entry);
      const w = v128.load32_splat(values + <usize>load<u32>(entry, 4));
      v128.store(a, f32x4.add(v128.load(a), f32x4.mul(w, g0)));
      v128.store(a, f32x4.add(v128.load(a, 16), f32x4.mul(w, g1)), 16);
      v128.store(a, f32x4.add(v128.load(a, 32), f32x4.mul(w, g2)), 32);
      v128.store(a, f32x4.add(v128.load(a, 48), f32x4.mul(w, g3)), 48);
    }
    dy += batch;
  }
}

/** Pixels whose products are summed before they are added to the rest: a sum of sums loses less than one long one. */
const BLOCK: i32 = 8;

/**
 * gradients[e] = sum over pixels and samples of from[p + offset of e] * to[p][o], o being the output of e. Writes whole groups of four:
 * `gradients` has room for three more.
 */
export function correlate(
  from: usize,
  fromTable: usize,
  to: usize,
  toTable: usize,
  pixels: i32,
  outputs: i32,
  ends: usize,
  entries: usize,
  gradients: usize,
  batch: i32,
): void {
  let e: u32 = 0;
  for (let o = 0; o < outputs; o++) {
    const end = load<u32>(ends + ((<usize>o) << 2));
    const column = to + <usize>(o * batch);
    for (; e < end; e += 4) {
      // Behind the last entry the last one again; what comes of it is overwritten by the next group.
      const e0 = entries + <usize>e * ENTRY;
      const last = entries + <usize>(end - 1) * ENTRY;
      const x0 = from + <usize>load<u32>(e0);
      const x1 = from + <usize>load<u32>(min(last, e0 + ENTRY));
      const x2 = from + <usize>load<u32>(min(last, e0 + 2 * ENTRY));
      const x3 = from + <usize>load<u32>(min(last, e0 + 3 * ENTRY));
      let sums = f32x4.splat(0);
      for (let first = 0; first < pixels; first += BLOCK) {
        let s0 = f32x4.splat(0);
        let s1 = s0;
        let s2 = s0;
        let s3 = s0;
        const behind = min(pixels, first + BLOCK);
        for (let p = first; p < behind; p++) {
          const at = <usize>load<u32>(fromTable + ((<usize>p) << 2));
          let d = column + <usize>load<u32>(toTable + ((<usize>p) << 2));
          const stop = d + batch;
          let a0 = x0 + at;
          let a1 = x1 + at;
          let a2 = x2 + at;
          let a3 = x3 + at;
          while (d < stop) {
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
            a0 += 32;
            a1 += 32;
            a2 += 32;
            a3 += 32;
            d += 32;
          }
        }
        sums = f32x4.add(sums, lanesSum(s0, s1, s2, s3));
      }
      v128.store(gradients + ((<usize>e) << 2), sums);
    }
    e = end;
  }
}

/** sums[o] = sum over pixels and samples of to[p][o]. Room for three more, as above. */
export function sumOver(to: usize, toTable: usize, pixels: i32, outputs: i32, sums: usize, batch: i32): void {
  for (let o = 0; o < outputs; o++) {
    const column = to + <usize>(o * batch);
    let total = f32x4.splat(0);
    for (let first = 0; first < pixels; first += BLOCK) {
      let s0 = f32x4.splat(0);
      let s1 = s0;
      const behind = min(pixels, first + BLOCK);
      for (let p = first; p < behind; p++) {
        let d = column + <usize>load<u32>(toTable + ((<usize>p) << 2));
        const stop = d + batch;
        for (; d < stop; d += 32) {
          s0 = f32x4.add(s0, v128.load(d));
          s1 = f32x4.add(s1, v128.load(d, 16));
        }
      }
      total = f32x4.add(total, f32x4.add(s0, s1));
    }
    const zero = f32x4.splat(0);
    store<f32>(sums + ((<usize>o) << 2), f32x4.extract_lane(lanesSum(total, zero, zero, zero), 0));
  }
}
