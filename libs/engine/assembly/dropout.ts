/** Inverted dropout by Philox 4x32-10, the same numbers as src/ops/philox.ts and TensorFlow's StatelessRandomUniformV2. */

/** factors[feature][sample]: 0 where the number of [sample][feature] is below `rate`, else `scale`. */
export function dropoutFactors(
  factors: usize,
  features: i32,
  samples: i32,
  batch: i32,
  key0: u32,
  key1: u32,
  stream: u32,
  rate: f32,
  scale: f32,
): void {
  const count = features * samples;
  let feature = 0;
  let column = factors;
  for (let first = 0; first < count; first += 4) {
    let c0: u32 = first >> 2;
    let c1: u32 = 0;
    let c2: u32 = stream;
    let c3: u32 = 0;
    let k0 = key0;
    let k1 = key1;
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
    for (let i = 0; i < 4 && first + i < count; i++) {
      const word = i === 0 ? c0 : i === 1 ? c1 : i === 2 ? c2 : c3;
      // 23 random bits below the exponent of 1.0, which gives [1, 2).
      const uniform = reinterpret<f32>(0x3f800000 | (word & 0x7fffff)) - 1;
      store<f32>(column + <usize>(feature * batch), uniform >= rate ? scale : 0);
      if (++feature === features) {
        feature = 0;
        column += 4;
      }
    }
  }
}
