/** What is done number by number. */
import { TILE, word } from './memory';

export function relu(
  from: usize,
  fromTable: usize,
  to: usize,
  toTable: usize,
  pixels: i32,
  channels: i32,
): void {
  const zero = f32x4.splat(0);
  for (let p = 0; p < pixels; p++) {
    let x = from + word(fromTable, p);
    let y = to + word(toTable, p);
    for (let c = 0; c < channels; c++) {
      for (let at: usize = 0; at < <usize>TILE; at += 16) {
        v128.store(y + at, f32x4.max(zero, v128.load(x + at)));
      }
      x += TILE;
      y += TILE;
    }
  }
}

/** back = gradient where `to`, what the relu gave, is above 0. `gradient` is laid out like `to`. */
export function reluBack(
  to: usize,
  toTable: usize,
  gradient: usize,
  back: usize,
  backTable: usize,
  pixels: i32,
  channels: i32,
): void {
  const zero = f32x4.splat(0);
  for (let p = 0; p < pixels; p++) {
    let y = word(toTable, p);
    let dx = back + word(backTable, p);
    for (let c = 0; c < channels; c++) {
      for (let at: usize = 0; at < <usize>TILE; at += 16) {
        const isAbove = f32x4.gt(v128.load(to + y + at), zero);
        v128.store(dx + at, v128.and(isAbove, v128.load(gradient + y + at)));
      }
      y += TILE;
      dx += TILE;
    }
  }
}

/** to = from * factors, which lie pixel behind pixel. */
export function multiplyPixels(
  from: usize,
  fromTable: usize,
  to: usize,
  toTable: usize,
  factors: usize,
  pixels: i32,
  channels: i32,
): void {
  let f = factors;
  for (let p = 0; p < pixels; p++) {
    let x = from + word(fromTable, p);
    let y = to + word(toTable, p);
    for (let c = 0; c < channels; c++) {
      for (let at: usize = 0; at < <usize>TILE; at += 16) {
        v128.store(y + at, f32x4.mul(v128.load(x + at), v128.load(f + at)));
      }
      x += TILE;
      y += TILE;
      f += TILE;
    }
  }
}

export function copyPixels(
  from: usize,
  fromTable: usize,
  to: usize,
  toTable: usize,
  pixels: i32,
  channels: i32,
): void {
  for (let p = 0; p < pixels; p++) {
    let x = from + word(fromTable, p);
    let y = to + word(toTable, p);
    for (let c = 0; c < channels; c++) {
      for (let at: usize = 0; at < <usize>TILE; at += 16) v128.store(y + at, v128.load(x + at));
      x += TILE;
      y += TILE;
    }
  }
}

export function clear(address: usize, bytes: usize): void {
  memory.fill(address, 0, bytes);
}
