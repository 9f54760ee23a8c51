import { deflateSync } from 'node:zlib';
import { crc32 } from '@espalier/encoding';
import { animatedPng, pictureSize, tighterPng } from './animated-png';

function part(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  data.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** RGB, 8 bits, all of one shade of grey. */
function png(width: number, height: number, shade: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = 2;
  const rows = Buffer.alloc((3 * width + 1) * height, shade);
  for (let y = 0; y < height; y++) rows[y * (3 * width + 1)] = 0;
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const data = deflateSync(rows, { level: 0 });
  return Buffer.concat([signature, part('IHDR', header), part('IDAT', data), part('IEND', Buffer.alloc(0))]);
}

describe('an animated PNG', () => {
  const file = Buffer.from(
    animatedPng([
      { png: png(40, 30, 10), ms: 500 },
      { png: png(40, 30, 200), ms: 900 },
    ]),
  );

  it('is a PNG of the first frame, with the others behind it, in sequence', () => {
    expect(pictureSize(file)).toEqual({ width: 40, height: 30 });
    const types: string[] = [];
    for (let at = 8; at < file.length;) {
      const length = file.readUInt32BE(at);
      types.push(file.toString('latin1', at + 4, at + 8));
      expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(file.subarray(at + 4, at + 8 + length)));
      at += length + 12;
    }
    expect(types).toEqual(['IHDR', 'PLTE', 'acTL', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'IEND']);
  });

  it('is refused for frames of two sizes', () => {
    expect(() =>
      animatedPng([
        { png: png(2, 2, 0), ms: 1 },
        { png: png(2, 3, 0), ms: 1 },
      ]),
    ).toThrow('differ in size');
  });

  it('and a picture packed again have fewer bytes', () => {
    const before = png(200, 200, 7);
    expect(tighterPng(before).length).toBeLessThan(before.length / 10);
    expect(pictureSize(tighterPng(before))).toEqual({ width: 200, height: 200 });
  });
});
