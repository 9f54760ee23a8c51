/** What is done number by number, over `bytes` of each pixel. */

export function relu(
  from: usize,
  fromTable: usize,
  to: usize,
  toTable: usize,
  pixels: i32,
  bytes: i32,
): void {
  const zero = f32x4.splat(0);
  for (let p = 0; p < pixels; p++) {
    const x = from + <usize>load<u32>(fromTable + ((<usize>p) << 2));
    const y = to + <usize>load<u32>(toTable + ((<usize>p) << 2));
    for (let at: usize = 0; at < <usize>bytes; at += 16)
      v128.store(y + at, f32x4.max(zero, v128.load(x + at)));
  }
}

/** back = gradient where `to`, what the relu gave, is above 0. */
export function reluBack(
  to: usize,
  toTable: usize,
  gradient: usize,
  gradientTable: usize,
  back: usize,
  backTable: usize,
  pixels: i32,
  bytes: i32,
): void {
  const zero = f32x4.splat(0);
  for (let p = 0; p < pixels; p++) {
    const at4 = (<usize>p) << 2;
    const y = to + <usize>load<u32>(toTable + at4);
    const dy = gradient + <usize>load<u32>(gradientTable + at4);
    const dx = back + <usize>load<u32>(backTable + at4);
    for (let at: usize = 0; at < <usize>bytes; at += 16) {
      v128.store(dx + at, v128.and(f32x4.gt(v128.load(y + at), zero), v128.load(dy + at)));
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
  bytes: i32,
): void {
  for (let p = 0; p < pixels; p++) {
    const x = from + <usize>load<u32>(fromTable + ((<usize>p) << 2));
    const y = to + <usize>load<u32>(toTable + ((<usize>p) << 2));
    const f = factors + <usize>(p * bytes);
    for (let at: usize = 0; at < <usize>bytes; at += 16) {
      v128.store(y + at, f32x4.mul(v128.load(x + at), v128.load(f + at)));
    }
  }
}

export function copyPixels(
  from: usize,
  fromTable: usize,
  to: usize,
  toTable: usize,
  pixels: i32,
  bytes: i32,
): void {
  for (let p = 0; p < pixels; p++) {
    const x = from + <usize>load<u32>(fromTable + ((<usize>p) << 2));
    const y = to + <usize>load<u32>(toTable + ((<usize>p) << 2));
    memory.copy(y, x, bytes);
  }
}
