/** Max pooling of a chain of channels at once: `bytes` of each pixel. `window` is Int32: byte offsets from a window's first pixel. */

export function maxPool(
  from: usize,
  fromTable: usize,
  to: usize,
  toTable: usize,
  pixels: i32,
  window: usize,
  windowCount: i32,
  bytes: i32,
): void {
  for (let p = 0; p < pixels; p++) {
    const x = from + <usize>load<u32>(fromTable + ((<usize>p) << 2));
    const y = to + <usize>load<u32>(toTable + ((<usize>p) << 2));
    for (let at: usize = 0; at < <usize>bytes; at += 16) {
      let most = v128.load(x + at + <usize>load<u32>(window));
      for (let k = 1; k < windowCount; k++) {
        most = f32x4.max(most, v128.load(x + at + <usize>load<u32>(window + ((<usize>k) << 2))));
      }
      v128.store(y + at, most);
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
  gradientTable: usize,
  back: usize,
  pixels: i32,
  window: usize,
  windowCount: i32,
  bytes: i32,
): void {
  for (let p = 0; p < pixels; p++) {
    const at4 = (<usize>p) << 2;
    const x = from + <usize>load<u32>(fromTable + at4);
    const y = to + <usize>load<u32>(toTable + at4);
    const dy = gradient + <usize>load<u32>(gradientTable + at4);
    const dx = back + <usize>load<u32>(fromTable + at4);
    for (let at: usize = 0; at < <usize>bytes; at += 16) {
      const most = v128.load(y + at);
      const slope = v128.load(dy + at);
      let taken = i32x4.splat(0);
      for (let k = 0; k < windowCount; k++) {
        const k4 = (<usize>k) << 2;
        const tap = at + <usize>load<u32>(window + k4);
        const equal = f32x4.eq(most, v128.load(x + tap));
        const mine = v128.andnot(equal, taken);
        const address = dx + tap;
        v128.store(address, f32x4.add(v128.load(address), v128.and(mine, slope)));
        taken = v128.or(taken, equal);
      }
    }
  }
}
