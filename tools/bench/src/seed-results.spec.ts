import { stillValid, summariseSeeds } from './seed-results';
import { seedResult } from './testing';

describe('summariseSeeds', () => {
  const first = seedResult();
  const second = seedResult({
    seed: 2,
    measured: { ...first.measured, kept: 10_000, bytes: 4500, error: 0.0165 },
  });

  it('takes weights and bytes from the decoded file, and their totals from the dense network', () => {
    const { weightsRatio, bytesRatio } = summariseSeeds([first, second]);
    expect(weightsRatio).toEqual({ mean: (13.31 + 26.62) / 2, min: 13.31, max: 26.62 });
    expect(bytesRatio.max).toBeCloseTo(1_066_440 / 4500);
  });

  it('takes the error that the fresh process measured', () => {
    expect(summariseSeeds([first, second]).error.mean).toBeCloseTo(0.016);
  });

  it('leaves seconds out when no run was measured whole', () => {
    const cached = seedResult({ seconds: undefined });
    expect(summariseSeeds([cached])).not.toHaveProperty('seconds');
    expect(summariseSeeds([cached, second]).seconds?.mean).toBe(100);
  });
});

describe('stillValid', () => {
  const now = { recipeDigest: 'r1', code: { commit: 'c0ffee', dirty: false }, anyCode: false };

  it('keeps what was measured with this recipe and this code', () => {
    expect(stillValid([seedResult()], now)).toHaveLength(1);
  });

  it('drops another recipe, another commit and uncommitted code', () => {
    const seeds = [
      seedResult({ recipeDigest: 'r2' }),
      seedResult({ code: { commit: 'decade', dirty: false } }),
      seedResult({ code: { commit: 'c0ffee', dirty: true } }),
    ];
    expect(stillValid(seeds, now)).toEqual([]);
  });

  it('keeps other code when asked to, but never another recipe', () => {
    const seeds = [
      seedResult({ recipeDigest: 'r2' }),
      seedResult({ code: { commit: 'decade', dirty: true } }),
    ];
    expect(stillValid(seeds, { ...now, anyCode: true })).toEqual([seeds[1]]);
  });
});
