import { quantizedKernel } from './quantized';

const of = { quantizer: 'q', layer: 'fc1/kernel', shape: [2, 2] };
const before = Float32Array.of(0.5, 0, -0.25, 1);

describe('quantizedKernel', () => {
  it('takes a codebook in the normal form: levels ascend, and those without weights are gone', () => {
    const quantized = {
      kind: 'codebook',
      codes: Uint16Array.of(3, 0, 1, 3),
      codebook: Float32Array.of(-0.25, 7, 0.75),
    } as const;
    const { values, shared, step } = quantizedKernel(quantized, before, of);
    expect([...values]).toEqual([0.75, 0, -0.25, 0.75]);
    expect([...(shared?.codebook ?? [])]).toEqual([-0.25, 0.75]);
    expect([...(shared?.codes ?? [])]).toEqual([2, 0, 1, 2]);
    expect(step).toBeUndefined();
  });

  it('makes one scale a codebook of multiples', () => {
    const quantized = {
      kind: 'affine',
      codes: Int8Array.of(2, 0, -1, 4),
      scales: Float32Array.of(0.25),
    } as const;
    const { values, shared, step } = quantizedKernel(quantized, before, of);
    expect([...values]).toEqual([...before]);
    expect([...(shared?.codebook ?? [])]).toEqual([-0.25, 0.5, 1]);
    expect([...(shared?.codes ?? [])]).toEqual([2, 0, 1, 3]);
    expect(step).toBe(0.25);
  });

  it('takes scales and zero points by channel, the last axis', () => {
    const quantized = {
      kind: 'affine',
      codes: Int8Array.of(3, 0, 0, 2),
      scales: Float32Array.of(0.5, 1),
      zeroPoints: Int8Array.of(1, 0),
    } as const;
    const { values, shared } = quantizedKernel(quantized, Float32Array.of(1, 0, -0.5, 2), of);
    expect([...values]).toEqual([1, 0, -0.5, 2]);
    expect(shared).toBeUndefined();
  });

  it('refuses an answer that does not fit, and one that brings a removed weight back', () => {
    const affine = (codes: readonly number[], scales: readonly number[]) =>
      quantizedKernel(
        { kind: 'affine', codes: Int8Array.from(codes), scales: Float32Array.from(scales) },
        before,
        of,
      );
    expect(() => affine([1], [1])).toThrow(
      'STAGE_QUANTIZER: the quantizer "q" answered "fc1/kernel" [2,2] wrongly: it gave 1 codes',
    );
    expect(() => affine([1, 0, 1, 1], [1, 1, 1])).toThrow('it gave 3 scales for 2 channels');
    expect(() => affine([1, 1, 1, 1], [1])).toThrow('it brought the removed weight 1 back');
    expect(() => affine([1, 0, 1, 1], [NaN])).toThrow('it made weight 0 NaN');
  });
});
