import { Mask } from '@espalier/tensor';
import type { QuantizeInput, Quantized } from '../quantizer';
import type { RegrowInput, RegrowthDefinition } from '../regrowth';
import { failedChecks } from './failed-checks';

/** Symmetric, one scale: the largest magnitude is 127. */
function int8({ values }: QuantizeInput): Quantized & { readonly kind: 'affine' } {
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const scale = largest === 0 ? 1 : largest / 127;
  return {
    kind: 'affine',
    codes: Int8Array.from(values, (v) => Math.round(v / scale)),
    scales: Float32Array.of(scale),
  };
}

/** The signs, with the mean magnitude. */
function ternary({ values }: QuantizeInput): Quantized & { readonly kind: 'codebook' } {
  const kept = values.filter((v) => v !== 0);
  const mean = kept.reduce((sum, v) => sum + Math.abs(v), 0) / Math.max(1, kept.length);
  const codebook = mean === 0 ? new Float32Array(0) : Float32Array.of(-mean, mean);
  return {
    kind: 'codebook',
    codes: Uint16Array.from(values, (v) => (v === 0 ? 0 : v < 0 ? 1 : 2)),
    codebook,
  };
}

const quantizer = (quantize: (input: QuantizeInput) => Quantized): Promise<string[]> =>
  failedChecks({ quantizers: { tried: { quantize } } });

const SOUND = 'gives each weight a code that stands for a finite value';
const ZEROS = 'leaves removed weights at 0';
const NEAR = 'is nearer to the weights than removing all of them would be';

describe('checks of a quantizer', () => {
  it('pass for 8 bits and for three values', async () => {
    expect(await quantizer(int8)).toEqual([]);
    expect(await quantizer(ternary)).toEqual([]);
  });

  it('find codes beyond the codebook, one that does not ascend, and scales of 0', async () => {
    expect(await quantizer((input) => ({ ...ternary(input), codebook: Float32Array.of(-1) }))).toContain(
      SOUND,
    );
    expect(await quantizer((input) => ({ ...ternary(input), codebook: Float32Array.of(1, 1) }))).toContain(
      SOUND,
    );
    expect(await quantizer((input) => ({ ...int8(input), scales: Float32Array.of(0) }))).toContain(SOUND);
    expect(await quantizer((input) => ({ ...int8(input), scales: new Float32Array(0) }))).toContain(SOUND);
  });

  it('find a removed weight that comes back', async () => {
    const failed = await quantizer((input) => ({ ...int8(input), zeroPoints: Int8Array.of(1) }));
    expect(failed).toContain(ZEROS);
  });

  it('find values that have nothing to do with the weights', async () => {
    const failed = await quantizer((input) => ({ ...int8(input), scales: Float32Array.of(100) }));
    expect(failed).toEqual([NEAR]);
  });
});

/** A tenth of what the pruning removed, by the largest gradient. */
function byGradient({ mask, gradients }: RegrowInput): Mask {
  const grown = mask.clone();
  const removed = Array.from(gradients ?? [], (g, i) => ({ g: Math.abs(g), i })).filter(
    ({ i }) => !mask.get(i),
  );
  removed.sort((a, b) => b.g - a.g || a.i - b.i);
  for (const { i } of removed.slice(0, Math.ceil(removed.length / 10))) grown.set(i, true);
  return grown;
}

const regrowth = (change: Partial<RegrowthDefinition>): Promise<string[]> =>
  failedChecks({ regrowths: { tried: { needs: ['weights', 'gradients'], regrow: byGradient, ...change } } });

describe('checks of a regrowth', () => {
  it('pass for a regrowth by gradients', async () => {
    expect(await regrowth({})).toEqual([]);
  });

  it('find a mask that drops what was kept, is of another layer, or was changed in place', async () => {
    expect(await regrowth({ regrow: ({ shape }) => Mask.empty(shape) })).toEqual([
      'keeps what the pruning kept',
    ]);
    expect(await regrowth({ regrow: () => Mask.full([3]) })).toContain('gives a mask of the layer');
    const inPlace = await regrowth({
      regrow: ({ mask }) => {
        mask.set(0, true);
        mask.set(mask.size - 1, true);
        return mask;
      },
    });
    expect(inPlace).toEqual(['gives the same mask for the same input, and leaves that as it was']);
  });

  it('find latent values that are used and not declared', async () => {
    const regrow = (input: RegrowInput): Mask => (input.latent ? Mask.full(input.shape) : byGradient(input));
    expect(await regrowth({ regrow })).toEqual(['asks only for what it declares']);
  });
});
