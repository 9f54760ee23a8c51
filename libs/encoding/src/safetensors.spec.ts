import { Random, errorCode } from '@espalier/base';
import { float32, tensor, type Tensor } from '@espalier/tensor';
import { decodeSafetensors, encodeSafetensors } from './safetensors';

const tensors = new Map<string, Tensor>([
  ['fc1/kernel', float32([2, 3], Float32Array.of(1, -2, 0, 4.5, 1e-30, 3e30))],
  ['fc1/kernel:codes', tensor('uint16', [3], Uint16Array.of(0, 7, 65535))],
  ['labels', tensor('uint8', [5], Uint8Array.of(1, 2, 3, 4, 255))],
  ['steps', tensor('int32', [], Int32Array.of(-5))],
  ['empty', float32([0, 4], new Float32Array(0))],
]);

/** A file by hand. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

describe('safetensors', () => {
  it('gives back tensors and metadata', () => {
    const back = decodeSafetensors(encodeSafetensors(tensors, { format: 'espalier' }));
    expect(back.metadata).toEqual({ format: 'espalier' });
    expect([...back.tensors]).toEqual([...tensors]);
  });

  it('starts the tensors 8-byte aligned, and reads a file at any offset in a buffer', () => {
    const bytes = encodeSafetensors(tensors);
    expect((8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))) % 8).toBe(0);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect([...decodeSafetensors(shifted.subarray(3)).tensors]).toEqual([...tensors]);
  });

  it('widens F16 and BF16', () => {
    const data = new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x3f80, 0xc000).buffer);
    const header = {
      half: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
      brain: { dtype: 'BF16', shape: [2], data_offsets: [4, 8] },
    };
    const { tensors: read } = decodeSafetensors(file(header, data));
    expect(Array.from(read.get('half')?.data ?? [])).toEqual([1, -2]);
    expect(Array.from(read.get('brain')?.data ?? [])).toEqual([1, -2]);
  });

  it.each([
    ['no length', Uint8Array.of(1, 2), /not even the 8/],
    ['a header beyond the end', Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 123), /255 bytes, 1 follow/],
    ['an absurd header length', new Uint8Array(8).fill(255), /header declares/],
    ['a header that is no map', file('[]'), /begin with/],
    ['broken JSON', file('{"a":'), /no JSON/],
    ['offsets beyond the end', file({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }), /0 bytes/],
    [
      'offsets that fall',
      file({ a: { dtype: 'U8', shape: [0], data_offsets: [1, 0] } }, new Uint8Array(1)),
      /\[1, 0\]/,
    ],
    [
      'a wrong size',
      file({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, new Uint8Array(4)),
      /needs 8/,
    ],
    ['a hole', file({ a: { dtype: 'U8', shape: [1], data_offsets: [1, 2] } }, new Uint8Array(2)), /hole/],
    [
      'bytes left over',
      file({ a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } }, new Uint8Array(2)),
      /no tensor/,
    ],
    [
      'overlaps',
      file(
        {
          a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] },
          b: { dtype: 'U8', shape: [2], data_offsets: [1, 3] },
        },
        new Uint8Array(3),
      ),
      /overlap/,
    ],
    [
      'sizes that overflow',
      file({ a: { dtype: 'U8', shape: [2 ** 40], data_offsets: [0, 0] } }),
      /TENSOR_SHAPE/,
    ],
    ['negative sizes', file({ a: { dtype: 'U8', shape: [-1], data_offsets: [0, 0] } }), /no list of sizes/],
    ['an entry that is nothing', file({ a: null }), /no list of sizes/],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }), /metadata/],
    [
      'an unknown type',
      file({ a: { dtype: 'C64', shape: [], data_offsets: [0, 0] } }),
      /SAFETENSORS_DTYPE.*C64/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });

  it('has a code for whatever is wrong with damaged files', () => {
    const good = encodeSafetensors(tensors);
    const random = new Random(1);
    for (let i = 0; i < 1000; i++) {
      const bad = good.slice(0, 8 + random.below(good.length - 8));
      bad[random.below(bad.length)] = random.below(256);
      try {
        decodeSafetensors(bad);
      } catch (error) {
        expect(errorCode(error)).toMatch(/^(SAFETENSORS|TENSOR)_/);
      }
    }
  });

  it('refuses bitmaps, which the format does not have', () => {
    expect(() => encodeSafetensors(new Map([['m', tensor('bit', [3], Uint8Array.of(5))]]))).toThrow(/bit/);
  });
});
