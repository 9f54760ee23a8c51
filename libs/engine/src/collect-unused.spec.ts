import { collectUnused } from './collect-unused';

const BYTES = 200 * 2 ** 20;

/** In a frame of its own, so that nothing refers to the array afterwards. */
function fillAndForget(): number {
  const array = new Uint8Array(BYTES).fill(1);
  return array[array.length - 1];
}

describe('collecting what is unused', () => {
  it('frees large arrays that nobody refers to', () => {
    const before = process.memoryUsage().arrayBuffers;
    expect(fillAndForget()).toBe(1);
    collectUnused();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(BYTES / 2);
  });
});
