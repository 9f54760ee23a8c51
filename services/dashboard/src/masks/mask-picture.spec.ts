import { deflateRawSync } from 'node:zlib';
import { maskOfValues, maskPicture } from './mask-picture';

function view(form: 'bits' | 'cells', bytes: readonly number[], more: { rows?: number; cols?: number } = {}) {
  const data = deflateRawSync(Uint8Array.from(bytes)).toString('base64');
  const picture = { form, rows: more.rows ?? 2, cols: more.cols ?? 5, data };
  return { name: 'fc1', kind: 'dense' as const, shape: [2, 5], weights: 10, kept: 4, picture };
}

describe('a picture of a layer', () => {
  it('has one entry a weight, the least significant bit first', async () => {
    const picture = await maskPicture(view('bits', [0b1000_0011, 0b10]));
    expect([...(picture?.shares ?? [])]).toEqual([1, 1, 0, 0, 0, 0, 0, 1, 0, 1]);
    expect(picture).toMatchObject({ layer: 'fc1', full: 1, weights: 10, kept: 4 });
  });

  it('by cells has one of 16 shares a block, the low half of a byte first', async () => {
    const picture = await maskPicture(view('cells', [0x1f, 0x03], { rows: 3, cols: 1 }));
    expect([...(picture?.shares ?? [])]).toEqual([15, 1, 3]);
    expect(picture).toMatchObject({ full: 15, grid: [3, 1] });
  });

  it('is refused when its bytes do not fit its size', async () => {
    await expect(maskPicture(view('bits', [1]))).rejects.toThrow(
      'the picture of layer "fc1" should have 2 bytes, not 1',
    );
  });

  it('is none where the view has none', async () => {
    await expect(maskPicture({ ...view('bits', []), picture: undefined })).resolves.toBeUndefined();
  });

  it('of weights shows those that are not zero, -0 as removed', () => {
    const { shares, kept } = maskOfValues('fc1', [4], Float32Array.of(0, -1e-30, -0, 2));
    expect([...shares]).toEqual([0, 1, 0, 1]);
    expect(kept).toBe(2);
  });
});
