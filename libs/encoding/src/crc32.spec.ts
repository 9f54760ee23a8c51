import { crc32 } from './crc32';

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('changes with every bit', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i * 7);
    const sums = new Set([crc32(bytes)]);
    for (let bit = 0; bit < 512; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      sums.add(crc32(flipped));
    }
    expect(sums.size).toBe(513);
  });
});
