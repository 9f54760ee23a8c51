/** Steps of an octave. */
const PARTS = 16;

/** log2 in 1/16, rounded down, of a whole number up to 2^32: whole numbers only, as `Math.log2` may differ between machines. */
export function octaves(value: number): number {
  const whole = 31 - Math.clz32(Math.max(1, value));
  let mantissa = (Math.max(1, value) * 32768) / 2 ** whole;
  let parts = 0;
  for (let bit = PARTS / 2; bit >= 1; bit /= 2) {
    mantissa = Math.floor((mantissa * mantissa) / 32768);
    if (mantissa < 65536) continue;
    parts += bit;
    mantissa /= 2;
  }
  return whole * PARTS + parts;
}

/** log2(kept / (all / live)) of each line, in 1/16: how full it is beside the others; 0 for dead ones. */
export function lineDensities(kept: Int32Array, { all, live }: { all: number; live: number }): Int32Array {
  const mean = octaves(all) - octaves(live);
  return kept.map((count) => (count === 0 ? 0 : octaves(count) - mean));
}
