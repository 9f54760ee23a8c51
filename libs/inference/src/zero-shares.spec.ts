import { parametersFrom } from './source';
import { randomModel } from './test-support/random-model';
import { wasmPlatform, type WasmPlatform } from './wasm/platform';
import { zeroShares } from './zero-shares';

const source = randomModel(
  [6, 6, 2],
  [
    { type: 'conv2d', name: 'conv', filters: 3, kernel: 3, bias: false },
    { type: 'relu' },
    { type: 'flatten' },
    { type: 'dense', name: 'fc', units: 5, bias: false },
    { type: 'dense', name: 'head', units: 2 },
  ],
);

async function sharesBy(sample?: Float32Array): Promise<readonly number[]> {
  const options = { network: source.network, parameters: parametersFrom(source) };
  const platform = (await wasmPlatform()) as WasmPlatform;
  const share = await zeroShares(platform, { ...options, ...(sample && { sample }) });
  return ['conv', 'fc', 'head'].map(share);
}

describe('the share of zeros before a layer', () => {
  it('is counted on a sample, as a mean', async () => {
    expect(await sharesBy(new Float32Array(72))).toEqual([1, 1, 1]);
    const half = Float32Array.from({ length: 72 }, (_, i) => (i < 18 ? 0 : 1));
    expect((await sharesBy(half))[0]).toBe(0.25);
    expect((await sharesBy(Float32Array.from([...half, ...new Float32Array(72)])))[0]).toBe(0.625);
  });

  it('counts what a ReLU leaves, in planes too', async () => {
    const [, fc, head] = await sharesBy(Float32Array.from({ length: 72 }, (_, i) => ((i * 7) % 11) + 1));
    expect(fc).toBeGreaterThan(0);
    expect(fc).toBeLessThan(1);
    expect(head).toBe(0);
  });

  it('is guessed from the layer before where there is no sample', async () => {
    expect(await sharesBy()).toEqual([0.5, 0.5, 0]);
  });
});
