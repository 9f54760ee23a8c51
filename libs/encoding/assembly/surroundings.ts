/** What survived around a weight (src/arithmetic/surroundings.ts): one signed byte a weight. */
import { CHANNELS, HEIGHT, OFFSETS, OFFSET_COUNT, OUTPUTS, SUMS, WIDTH, parameter, pointer } from './memory';

/** Adds `value` times the share of its distance to every weight ahead. Offsets are Int32 [count, 3]: down, right, share. */
export function addAround(row: i32, output: i32, value: i32): void {
  const channels = parameter(CHANNELS);
  const width = parameter(WIDTH);
  const height = parameter(HEIGHT);
  const outputs = parameter(OUTPUTS);
  const sums = pointer(SUMS);
  const pixel = row / channels;
  const y = pixel / width;
  const x = pixel - y * width;
  const stride = channels * outputs;
  const here = <i64>row * <i64>outputs + <i64>output;
  let offset = pointer(OFFSETS);
  for (let i = parameter(OFFSET_COUNT); i > 0; i--, offset += 12) {
    const dy = load<i32>(offset);
    const dx = load<i32>(offset, 4);
    if (y + dy >= height || x + dx < 0 || x + dx >= width) continue;
    const address = sums + <usize>(here + <i64>(dy * width + dx) * <i64>stride);
    store<i8>(address, <i8>(<i32>load<i8>(address) + value * load<i32>(offset, 8)));
  }
}
