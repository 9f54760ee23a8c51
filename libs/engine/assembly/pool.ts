/** Max pooling. `window` is Uint32: byte offsets from a window's first pixel. */
import { TILE, word } from './memory';

export function maxPool(
  from: usize,
  fromTable: usize,
  to: usize,
  toTable: usize,
  pixels: i32,
  channels: i32,
  window: usize,
  taps: i32,
): void {
  for (let p = 0; p < pixels; p++) {
    let x = from + word(fromTable, p);
    let y = to + word(toTable, p);
    for (let c = 0; c < channels; c++) {
      for (let at: usize = 0; at < <usize>TILE; at += 16) {
        let most = v128.load(x + at + word(window, 0));
        for (let k = 1; k < taps; k++) most = f32x4.max(most, v128.load(x + at + word(window, k)));
        v128.store(y + at, most);
      }
      x += TILE;
      y += TILE;
    }
  }
}

/** Adds the gradient of each window to that of its first largest input. `back` is laid out like `from`, and 0 before. */
export function maxPoolBack(
  from: usize,
  fromTable: usize,
  to: usize,
  toTable: usize,
  gradient: usize,
  back: usize,
  pixels: i32,
  channels: i32,
  window: usize,
  taps: i32,
): void {
  for (let p = 0; p < pixels; p++) {
    let x = word(fromTable, p);
    let y = word(toTable, p);
    for (let c = 0; c < channels; c++) {
      for (let at: usize = 0; at < <usize>TILE; at += 16) {
        const most = v128.load(to + y + at);
        const slope = v128.load(gradient + y + at);
        let taken = i32x4.splat(0);
        for (let k = 0; k < taps; k++) {
          const tap = x + at + word(window, k);
          const equal = f32x4.eq(most, v128.load(from + tap));
          const mine = v128.andnot(equal, taken);
          v128.store(back + tap, f32x4.add(v128.load(back + tap), v128.and(mine, slope)));
          taken = v128.or(taken, equal);
        }
      }
      x += TILE;
      y += TILE;
    }
  }
}
