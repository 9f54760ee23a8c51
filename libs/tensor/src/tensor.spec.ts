import * as fc from 'fast-check';
import { DTYPES, allocate, byteLength, viewAs, type DType, type TensorData } from './dtype';
import { SHAPE_LIMITS, sameShape, sizeOf } from './shape';
import { asFloat32, float32, requireFinite, tensor, tensorBytes, tensorFromBytes } from './tensor';

describe('sizeOf', () => {
  it('multiplies the axes; a scalar has one element', () => {
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([3, 0, 5])).toBe(0);
    expect(sizeOf([5, 5, 20, 50])).toBe(25_000);
  });

  it.each([
    [[-1]],
    [[1.5]],
    [[NaN]],
    [[Infinity]],
    [[2 ** 53]],
    [[2 ** 31, 2 ** 31]],
    [[2 ** 32 + 1]],
    [new Array<number>(SHAPE_LIMITS.maxRank + 1).fill(1)],
    [['4' as unknown as number]],
    [[null as unknown as number]],
  ])('refuses %p', (shape) => {
    expect(() => sizeOf(shape)).toThrow('TENSOR_SHAPE');
  });

  it('never gives a size beyond the limit, whatever is declared', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.maxSafeInteger(), fc.nat(9), fc.double())), (shape) => {
        let size: number;
        try {
          size = sizeOf(shape);
        } catch {
          return;
        }
        expect(Number.isSafeInteger(size) && size <= SHAPE_LIMITS.maxElements).toBe(true);
      }),
    );
  });
});

describe('sameShape', () => {
  it('compares axis by axis', () => {
    expect(sameShape([2, 3], [2, 3])).toBe(true);
    expect(sameShape([2, 3], [3, 2])).toBe(false);
    expect(sameShape([2], [2, 1])).toBe(false);
  });
});

describe('byteLength', () => {
  it('counts bytes, a bitmap up to a whole one', () => {
    expect(DTYPES.map((dtype) => byteLength(dtype, 9))).toEqual([36, 36, 36, 18, 9, 2]);
    expect(DTYPES.map((dtype) => byteLength(dtype, 0))).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('viewAs', () => {
  it('does not copy aligned bytes, and copies others', () => {
    const buffer = new Uint8Array(12);
    expect(viewAs('float32', buffer.subarray(4)).buffer).toBe(buffer.buffer);
    expect(viewAs('float32', buffer.subarray(3, 11)).buffer).not.toBe(buffer.buffer);
    expect(viewAs('uint16', buffer.subarray(2)).buffer).toBe(buffer.buffer);
  });
});

describe('tensorFromBytes', () => {
  it('is the inverse of tensorBytes at every offset', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DTYPES), fc.nat(20), fc.nat(7), (dtype, size, offset) => {
        const bytes = new Uint8Array(offset + byteLength(dtype, size)).map((_, i) => 37 * i + 1);
        const view = bytes.subarray(offset);
        expect([...tensorBytes(tensorFromBytes(dtype, [size], view))]).toEqual([...view]);
      }),
    );
  });

  it('reads numbers as little-endian', () => {
    expect([...tensorFromBytes('float32', [1], Uint8Array.of(0, 0, 0x80, 0x3f)).data]).toEqual([1]);
    expect([...tensorFromBytes('uint16', [1], Uint8Array.of(1, 2)).data]).toEqual([0x0201]);
  });

  it.each<[DType, number]>([
    ['float32', 7],
    ['float32', 9],
    ['float32', 0],
    ['uint16', 5],
    ['bit', 2],
  ])('refuses %s [2] in %d bytes', (dtype, length) => {
    expect(() => tensorFromBytes(dtype, [2], new Uint8Array(length), 'a')).toThrow(
      `TENSOR_SIZE: tensor "a" declares [2] ${dtype}`,
    );
  });
});

describe('tensor', () => {
  it('refuses an array of another type, even when the bytes fit', () => {
    expect(() => tensor('float32', [2], new Uint8Array(8), 'a')).toThrow(
      'TENSOR_DTYPE: tensor "a" has dtype Uint8Array, but Float32Array is needed here.',
    );
    expect(() => tensor('uint16', [2], new Float32Array(1) as TensorData)).toThrow('TENSOR_DTYPE');
    expect(tensor('uint8', [2], Buffer.from([1, 2])).data[1]).toBe(2);
  });

  it('accepts what allocate gives', () => {
    for (const dtype of DTYPES) expect(tensor(dtype, [3, 5], allocate(dtype, 15)).shape).toEqual([3, 5]);
  });
});

describe('asFloat32', () => {
  it('gives the values themselves, or says what it got', () => {
    const data = Float32Array.of(1);
    expect(asFloat32(float32([1], data))).toBe(data);
    expect(() => asFloat32(tensor('int32', [1], new Int32Array(1)), 'a')).toThrow(
      'TENSOR_DTYPE: tensor "a" has dtype int32, but float32',
    );
  });
});

describe('requireFinite', () => {
  it('names the first value that is not finite, in float32 tensors', () => {
    expect(() => requireFinite(float32([3], Float32Array.of(1, -Infinity, NaN)), 'a')).toThrow(
      'TENSOR_NOT_FINITE: tensor "a" holds -Infinity at index 1',
    );
    expect(() => requireFinite(float32([2], Float32Array.of(0, 3e38)), 'a')).not.toThrow();
    expect(() => requireFinite(tensor('bit', [1], Uint8Array.of(1)), 'a')).not.toThrow();
  });
});
