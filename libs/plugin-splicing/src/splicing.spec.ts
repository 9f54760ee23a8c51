import { Random } from '@espalier/base';
import { definePlugin, defaultsOf, type RegrowInput, type RegrowthDefinition } from '@espalier/plugin-api';
import { Mask } from '@espalier/tensor';
import fc from 'fast-check';
import plugin from './index';

const splicing = plugin.regrowths?.splicing as RegrowthDefinition;

function regrow(
  latent: readonly number[],
  given: Partial<RegrowInput> & { options?: object } = {},
): number[] {
  const shape = [latent.length, 1];
  const mask = splicing.regrow({
    name: 'fc/kernel',
    shape,
    weights: Float32Array.from(latent),
    previousMask: Mask.full(shape),
    mask: Mask.empty(shape),
    latent: Float32Array.from(latent),
    random: new Random(1),
    ...given,
    options: { ...defaultsOf(splicing.options ?? {}), ...given.options },
  }) as Mask;
  return [...mask.toFlags()];
}

const flags = (values: readonly number[]): Mask => Mask.fromFlags([values.length, 1], values);

it('is a well-defined plugin', () => {
  expect(definePlugin(plugin)).toBe(plugin);
});

describe('splicing', () => {
  // With c = 0 the threshold is the mean magnitude, here 10: a is 9 and b is 11.
  const latent = [4, -9.5, 10.5, -16];
  const options = { c: 0 };

  it('cuts below a, keeps at or above b, and leaves what lies between as it was', () => {
    expect(regrow(latent, { options })).toEqual([0, 1, 1, 1]);
    expect(regrow(latent, { options, previousMask: flags([1, 0, 1, 0]) })).toEqual([0, 0, 1, 1]);
    expect(regrow(latent, { options, previousMask: flags([0, 0, 0, 0]) })).toEqual([0, 0, 0, 1]);
  });

  it('takes the threshold c standard deviations above the mean', () => {
    // Magnitudes 1 and 3: mean 2, standard deviation 1; with c = 1.5 a = b = 3.5, with c = 1 a = b = 3.
    const [lower, upper] = [1, 1];
    expect(regrow([1, -3], { options: { c: 1.5, lower, upper } })).toEqual([0, 0]);
    expect(regrow([1, -3], { options: { c: 1, lower, upper } })).toEqual([0, 1]);
  });

  it('gives back all that the pruning keeps, and whatever the equation says', () => {
    const cases = fc.array(
      fc.record({
        value: fc.double({ min: -5, max: 5, noNaN: true }),
        before: fc.boolean(),
        kept: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(cases, fc.double({ min: -1, max: 2, noNaN: true }), (weights, c) => {
        const values = weights.map(({ value }) => Math.fround(value));
        const magnitudes = values.map(Math.abs);
        const mean = magnitudes.reduce((sum, m) => sum + m, 0) / values.length;
        const deviation = Math.sqrt(magnitudes.reduce((sum, m) => sum + (m - mean) ** 2, 0) / values.length);
        const threshold = Math.max(0, mean + c * deviation);
        const result = regrow(values, {
          options: { c },
          previousMask: flags(weights.map(({ before }) => Number(before))),
          mask: flags(weights.map(({ kept }) => Number(kept))),
        });
        weights.forEach(({ before, kept }, i) => {
          const [a, b] = [0.9 * threshold, 1.1 * threshold];
          // The oracle's rounding is another: weights at a threshold may go either way.
          if (Math.min(Math.abs(magnitudes[i] - a), Math.abs(magnitudes[i] - b)) < 1e-6) return;
          const expected = kept || magnitudes[i] >= b || (magnitudes[i] >= a && before);
          expect(result[i]).toBe(Number(expected));
        });
      }),
    );
  });

  it('refuses to guess when the weights behind the mask did not come, or the thresholds are the wrong way round', () => {
    expect(() => regrow([1], { latent: undefined })).toThrow('PLUGIN_SPLICING_LATENT');
    expect(() => regrow([1], { options: { lower: 1.2 } })).toThrow('PLUGIN_SPLICING_THRESHOLDS');
  });
});
