/**
 * A tensor as 8-bit codes, so that what is decoded is what an integer kernel would compute with. It quantises what it is given; weights
 * that the quantizer of this plugin made come back as they were, within the rounding of a scale.
 *
 * Bytes, all little-endian: version 1 (u8), flags (u8: bit 0 some codes stand for 0 and are told by position, bit 1 there are zero points),
 * scales (u32: 1 or one a channel), then each scale (f32), each zero point (i8), where some are 0 length (u32) and bytes of the
 * position code, then the codes that do not stand for 0, coded to the end.
 */
import type { CodecDefinition } from '@espalier/plugin-api';
import { decodeBytes, decodePositions, encodeBytes, encodePositions } from '@espalier/plugin-api/coding';
import { Mask, sizeOf } from '@espalier/tensor';
import { pluginInt8Error } from './errors';
import { INT8_OPTIONS, quantizeToInt8, weightsOf } from './int8';

const VERSION = 1;
const HEADER_BYTES = 6;
const FLAGS = { zeros: 1, zeroPoints: 2 } as const;
/** Codes are stored from 0. */
const MIDDLE = 128;

export const int8Codec: CodecDefinition<typeof INT8_OPTIONS> = {
  description: 'Each weight as an 8-bit integer times a scale, entropy-coded.',
  options: INT8_OPTIONS,
  encode({ shape, values, options }) {
    const quantized = quantizeToInt8(shape, values, options);
    const { codes, scales, zeroPoints } = quantized;
    const isZero = (i: number): boolean => codes[i] === (zeroPoints?.[i % scales.length] ?? 0);
    const mask = Mask.empty(shape);
    for (let i = 0; i < codes.length; i++) if (!isZero(i)) mask.set(i, true);
    const others = codes.filter((_, i) => !isZero(i));
    const hasZeros = others.length < codes.length;
    const positions = hasZeros ? encodePositions(mask) : undefined;
    const coded = encodeBytes(Uint8Array.from(others, (code) => code + MIDDLE));

    const head = new DataView(new ArrayBuffer(HEADER_BYTES + 4 * scales.length + (positions ? 4 : 0)));
    head.setUint8(0, VERSION);
    head.setUint8(1, (hasZeros ? FLAGS.zeros : 0) | (zeroPoints ? FLAGS.zeroPoints : 0));
    head.setUint32(2, scales.length, true);
    scales.forEach((scale, i) => head.setFloat32(HEADER_BYTES + 4 * i, scale, true));
    const scalesEnd = HEADER_BYTES + 4 * scales.length;
    if (positions) head.setUint32(scalesEnd, positions.length, true);
    const headBytes = new Uint8Array(head.buffer);
    return joined([
      headBytes.subarray(0, scalesEnd),
      zeroPoints ? new Uint8Array(zeroPoints.buffer, zeroPoints.byteOffset, zeroPoints.length) : EMPTY,
      headBytes.subarray(scalesEnd),
      positions ?? EMPTY,
      coded,
    ]);
  },

  decode({ name, shape, bytes }) {
    const damaged = (problem: string): Error => pluginInt8Error('PLUGIN_INT8_BYTES', { name, problem });
    let at = 0;
    const take = (count: number): DataView => {
      if (count > bytes.length - at) throw damaged(`they end after ${bytes.length}`);
      at += count;
      return new DataView(bytes.buffer, bytes.byteOffset + at - count, count);
    };
    const head = take(HEADER_BYTES);
    if (head.getUint8(0) !== VERSION)
      throw damaged(`their version is ${head.getUint8(0)}, this plugin reads ${VERSION}`);
    const flags = head.getUint8(1);
    const count = head.getUint32(2, true);
    if (count !== 1 && count !== shape[shape.length - 1]) throw damaged(`they declare ${count} scales`);
    const scaleBytes = take(4 * count);
    const scales = Float32Array.from({ length: count }, (_, i) => scaleBytes.getFloat32(4 * i, true));
    // A scale beyond this makes a weight that is not finite.
    if (!scales.every((scale) => scale > 0 && scale < LARGEST_SCALE)) throw damaged('a scale is none');
    const pointBytes = take(flags & FLAGS.zeroPoints ? count : 0);
    const zeroPoints = Int8Array.from({ length: count }, (_, i) =>
      flags & FLAGS.zeroPoints ? pointBytes.getInt8(i) : 0,
    );
    let mask = Mask.full(shape);
    if (flags & FLAGS.zeros) {
      const { buffer, byteOffset, byteLength } = take(take(4).getUint32(0, true));
      mask = decodePositions(new Uint8Array(buffer, byteOffset, byteLength), shape);
    }
    const others = decodeBytes(bytes.subarray(at), mask.count());
    const codes = new Int8Array(sizeOf(shape));
    for (let i = 0, next = 0; i < codes.length; i++) {
      codes[i] = mask.get(i) ? others[next++] - MIDDLE : zeroPoints[i % count];
    }
    return weightsOf({ kind: 'affine', codes, scales, zeroPoints });
  },
};

const EMPTY = new Uint8Array(0);
const LARGEST_SCALE = 2 ** 119;

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
