/** CRC-32C (Castagnoli), and the mask that TFRecord files put over it (TensorFlow, `lib/hash/crc32c.h`). */

/** Reflected. */
const POLYNOMIAL = 0x82f63b78;

/** @returns a function, so that its table has an owner */
export function crc32cTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    return value;
  });
}

export function crc32c(bytes: Uint8Array, table: Uint32Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff];
  return ~crc >>> 0;
}

/** A checksum of data that holds checksums is rotated and moved, so that it does not come out as 0. */
export function maskedCrc32c(bytes: Uint8Array, table: Uint32Array): number {
  const crc = crc32c(bytes, table);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
