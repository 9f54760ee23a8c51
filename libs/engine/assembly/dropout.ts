/** Inverted dropout by Philox 4x32-10, the same numbers as src/ops/philox.ts and TensorFlow's StatelessRandomUniformV2. */
import { KEY_HIGH, KEY_LOW, TILE } from './memory';

/**
 * factors[feature][sample]: 0 where the number of [first + sample][feature] is below `rate`, else `scale`; for samples from `first` on, the
 * first of them at `factors`.
 */
export function dropoutFactors(
  factors: usize,
  features: i32,
  first: i32,
  samples: i32,
  stream: i32,
  rate: f32,
  scale: f32,
): void {
  const from = features * first;
  const end = features * (first + samples);
  let feature = 0;
  let column = factors;
  for (let block = from >> 2; block << 2 < end; block++) {
    let c0: u32 = block;
    let c1: u32 = 0;
    let c2: u32 = stream;
    let c3: u32 = 0;
    let k0 = load<u32>(KEY_LOW);
    let k1 = load<u32>(KEY_HIGH);
    for (let round = 0; round < 10; round++) {
      const m0: u64 = <u64>0xd2511f53 * <u64>c0;
      const m1: u64 = <u64>0xcd9e8d57 * <u64>c2;
      c0 = (<u32>(m1 >> 32)) ^ c1 ^ k0;
      c2 = (<u32>(m0 >> 32)) ^ c3 ^ k1;
      c1 = <u32>m1;
      c3 = <u32>m0;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    for (let i = 0; i < 4; i++) {
      const at = (block << 2) + i;
      if (at < from || at >= end) continue;
      const word = i === 0 ? c0 : i === 1 ? c1 : i === 2 ? c2 : c3;
      // 23 random bits below the exponent of 1.0, which gives [1, 2).
      const uniform = reinterpret<f32>(0x3f800000 | (word & 0x7fffff)) - 1;
      store<f32>(column + <usize>(feature * TILE), uniform >= rate ? scale : 0);
      if (++feature === features) {
        feature = 0;
        column += 4;
      }
    }
  }
}
