import * as fc from 'fast-check';
import { DTYPES, byteLength } from './dtype';
import { decodeForm, encodeForm, hasMaskedForm } from './forms';
import { float32, tensor, tensorBytes, tensorFromBytes } from './tensor';

const sparse = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.float(), fc.constantFrom(-0, NaN, 1e-45)), {
    maxLength: 80,
  })
  .map((values) => float32([values.length], Float32Array.from(values)));

describe('encodeForm', () => {
  it('gives back the same bits, -0 and NaN too, and is never longer than the tensor', () => {
    fc.assert(
      fc.property(sparse, (value) => {
        const { form, bytes } = encodeForm(value);
        expect(bytes.byteLength).toBeLessThanOrEqual(tensorBytes(value).byteLength);
        expect(tensorBytes(decodeForm(form, 'float32', value.shape, bytes))).toEqual(tensorBytes(value));
      }),
    );
  });

  it('sends 5 % kept in less than an eighth of the dense bytes', () => {
    const values = new Float32Array(10_000).map((_, i) => (i % 20 === 0 ? 1 : 0));
    const { form, bytes } = encodeForm(float32([100, 100], values));
    expect(form).toBe('masked');
    expect(bytes.byteLength).toBe(1252 + 4 * 500);
    expect(bytes.byteLength).toBeLessThan(40_000 / 8);
  });

  it('masks codes as it masks weights', () => {
    const codes = Uint16Array.from({ length: 999 }, (_, i) => (i % 20 === 0 ? i + 1 : 0));
    const value = tensor('uint16', [999], codes);
    const { form, bytes } = encodeForm(value);
    expect(form).toBe('masked');
    expect(bytes.byteLength).toBe(128 + 2 * 50);
    expect(decodeForm(form, 'uint16', [999], bytes).data).toEqual(codes);
  });

  it('leaves other types dense, without a copy', () => {
    for (const dtype of DTYPES.filter((name) => !hasMaskedForm(name))) {
      const value = tensorFromBytes(dtype, [64], new Uint8Array(byteLength(dtype, 64)));
      const { form, bytes } = encodeForm(value);
      expect(form).toBe('dense');
      expect(bytes.buffer).toBe(value.data.buffer);
    }
  });
});

describe('decodeForm', () => {
  it('reads bytes at every offset', () => {
    const value = float32(
      [40],
      new Float32Array(40).map((_, i) => (i % 7 === 0 ? i + 1 : 0)),
    );
    const { form, bytes } = encodeForm(value);
    for (let offset = 0; offset < 8; offset++) {
      const moved = new Uint8Array(offset + bytes.byteLength);
      moved.set(bytes, offset);
      expect(decodeForm(form, 'float32', [40], moved.subarray(offset)).data).toEqual(value.data);
    }
  });

  const whole = encodeForm(
    float32(
      [35],
      new Float32Array(35).map((_, i) => (i === 3 ? 1 : 0)),
    ),
  ).bytes;
  const padded = whole.slice();
  padded[4] |= 0x08;
  it.each<[string, Uint8Array, string]>([
    ['a cut bitmap', whole.subarray(0, 7), 'the bitmap needs 8 bytes, there are 7'],
    ['a cut value', whole.subarray(0, 11), 'TENSOR_FORM'],
    ['a missing value', whole.subarray(0, 8), 'the bitmap names 1 values (12 bytes), there are 8 bytes'],
    ['a value too many', new Uint8Array([...whole, 0, 0, 0, 0]), 'TENSOR_FORM'],
    ['a byte too many', new Uint8Array([...whole, 0]), 'TENSOR_FORM'],
    ['bits behind the end', padded, 'bits behind the last element are set'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeForm('masked', 'float32', [35], bytes)).toThrow(message);
  });

  it('refuses a masked form of other types, and absurd shapes before it allocates', () => {
    expect(() => decodeForm('masked', 'int32', [35], whole)).toThrow('dtype int32 has no masked form');
    expect(() => decodeForm('masked', 'float32', [2 ** 31, 2 ** 31], whole)).toThrow('TENSOR_SHAPE');
    expect(() => decodeForm('masked', 'float32', [2 ** 32], whole)).toThrow(
      'the bitmap needs 536870912 bytes',
    );
    expect(() => decodeForm('dense', 'float32', [2 ** 32], whole)).toThrow('TENSOR_SIZE');
  });

  it('answers any bytes with a tensor or an error of its own', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(60),
        fc.constantFrom('dense', 'masked' as const),
        (bytes, size, form) => {
          try {
            expect(decodeForm(form, 'float32', [size], bytes).data.length).toBe(size);
          } catch (error) {
            expect((error as { code: string }).code).toMatch(/^TENSOR_(FORM|SIZE)$/);
          }
        },
      ),
    );
  });
});
