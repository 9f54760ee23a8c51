import fc from 'fast-check';
import { xxHash32, xxHash32OfWord } from './xx-hash';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const upTo = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);

/** Made with the reference implementation (PyPI's `xxhash` 4.1.0); that of the empty input and the sentence are published. */
const VECTORS: readonly (readonly [Uint8Array, number, number, number])[] = [
  [text(''), 0x02cc5d05, 0x0b2cb792, 0x36b78ae7],
  [text('a'), 0x550d7456, 0xf514706f, 0x9e1633e4],
  [text('abc'), 0x32d153ff, 0xaa3da8ff, 0xa1ae7709],
  [text('Nobody inspects the spammish repetition'), 0xe2293b2f, 0x534469ea, 0xc9e89e68],
  [upTo(16), 0xb72837f4, 0xc65a436e, 0x2fbdeaf3],
  [upTo(31), 0xef24f709, 0x46ca8ed5, 0xc17a6cae],
];

it.each(VECTORS)('gives the values of the reference implementation: %#', (bytes, seed0, seed1, seedPrime) => {
  expect([xxHash32(bytes), xxHash32(bytes, 1), xxHash32(bytes, 0x9e3779b1)]).toEqual([
    seed0,
    seed1,
    seedPrime,
  ]);
});

it('hashes a whole number as its four little-endian bytes', () => {
  const anyWord = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(anyWord, anyWord, (value, seed) => {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, value, true);
      expect(xxHash32OfWord(value, seed)).toBe(xxHash32(bytes, seed));
    }),
  );
});

it('reads bytes in the middle of a buffer', () => {
  const bytes = Uint8Array.from([9, 9, 9, ...upTo(31)]).subarray(3);
  expect(xxHash32(bytes)).toBe(0xef24f709);
});
