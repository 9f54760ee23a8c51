/** TFRecord framing (TensorFlow, `core/lib/io/record_writer.h`): length, its checksum, the data, its checksum. */
import { maskedCrc32c } from './crc32c';

/** u64 length, u32 checksum before the data, u32 checksum after it; little-endian. */
const LENGTH_BYTES = 8;
const CHECKSUM_BYTES = 4;

export function framed(data: Uint8Array, table: Uint32Array): Uint8Array {
  const record = new Uint8Array(LENGTH_BYTES + 2 * CHECKSUM_BYTES + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(LENGTH_BYTES, maskedCrc32c(record.subarray(0, LENGTH_BYTES), table), true);
  record.set(data, LENGTH_BYTES + CHECKSUM_BYTES);
  view.setUint32(record.length - CHECKSUM_BYTES, maskedCrc32c(data, table), true);
  return record;
}
