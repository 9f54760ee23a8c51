/** From a part's samples, one behind the other, to features, the samples of each side by side; four by four. */
import { TILE } from './memory';

const SAMPLES: i32 = TILE / 4;

/** rows [samples][pitch], uint8 -> to[feature][sample] = byte * scale, for `features` rounded up to four. */
export function transposeBytes(rows: usize, pitch: i32, to: usize, features: i32, scale: f32): void {
  const s = f32x4.splat(scale);
  for (let b = 0; b < SAMPLES; b += 4) {
    let row = rows + <usize>(b * pitch);
    let column = to + ((<usize>b) << 2);
    for (let f = 0; f < features; f += 4) {
      const r0 = f32x4.mul(bytesAt(row), s);
      const r1 = f32x4.mul(bytesAt(row + pitch), s);
      const r2 = f32x4.mul(bytesAt(row + 2 * pitch), s);
      const r3 = f32x4.mul(bytesAt(row + 3 * pitch), s);
      storeTurned(r0, r1, r2, r3, column);
      row += 4;
      column += 4 * TILE;
    }
  }
}

/** The same for float32 rows; `pitch` in bytes. */
export function transposeFloats(rows: usize, pitch: i32, to: usize, features: i32): void {
  for (let b = 0; b < SAMPLES; b += 4) {
    let row = rows + <usize>(b * pitch);
    let column = to + ((<usize>b) << 2);
    for (let f = 0; f < features; f += 4) {
      const r0 = v128.load(row);
      const r1 = v128.load(row + pitch);
      const r2 = v128.load(row + 2 * pitch);
      const r3 = v128.load(row + 3 * pitch);
      storeTurned(r0, r1, r2, r3, column);
      row += 16;
      column += 4 * TILE;
    }
  }
}

function bytesAt(address: usize): v128 {
  const bytes = v128.load32_zero(address);
  return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)));
}

function storeTurned(a: v128, b: v128, c: v128, d: v128, column: usize): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(column, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(column + TILE, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(column + 2 * TILE, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(column + 3 * TILE, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}
