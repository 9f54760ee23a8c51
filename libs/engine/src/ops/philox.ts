/**
 * Philox 4x32-10 (Salmon et al. 2011), the counter-based generator of TensorFlow's stateless random operations: number i
 * is a function of key and counter alone. This is the eager version; the compiled graph uses StatelessRandomUniformV2.
 */

/**
 * `count` float32 numbers, uniform in [0, 1) with 23 bits, as StatelessRandomUniformV2 gives them for `key` (two 32-bit
 * words, low first) and the counter [0, stream].
 */
export function philoxUniform(key: readonly [number, number], stream: number, count: number): Float32Array {
  const result = new Float32Array(count);
  const bits = new Uint32Array(1);
  const asFloat = new Float32Array(bits.buffer);
  for (let start = 0; start < count; start += 4) {
    const block = philox([start / 4, 0, stream, 0], key);
    for (let i = 0; i < 4 && start + i < count; i++) {
      // 23 random bits below the exponent of 1.0, which gives [1, 2).
      bits[0] = 0x3f800000 | (block[i] & 0x7fffff);
      result[start + i] = asFloat[0] - 1;
    }
  }
  return result;
}

type Words = readonly [number, number, number, number];

function philox(counter: Words, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  return [c0, c1, c2, c3];
}

/** The upper 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) | 0;
}
