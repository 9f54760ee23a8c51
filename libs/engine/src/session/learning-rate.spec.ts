import { learningRateAt } from './learning-rate';

describe('the learning rate', () => {
  it('stays when it is constant', () => {
    expect([0, 10, 1e6].map((step) => learningRateAt({ kind: 'constant', base: 0.1 }, step))).toEqual([
      0.1, 0.1, 0.1,
    ]);
  });

  it('falls by a factor every so many steps', () => {
    const spec = { kind: 'step', base: 1, factor: 0.1, everySteps: 5 } as const;
    expect([0, 4, 5, 9, 10].map((step) => learningRateAt(spec, step))).toEqual([1, 1, 0.1, 0.1, 0.1 ** 2]);
  });

  it('goes down half a cosine to its floor and stays there', () => {
    const spec = { kind: 'cosine', base: 2, floor: 0.1, totalSteps: 100 } as const;
    expect(learningRateAt(spec, 0)).toBe(2);
    expect(learningRateAt(spec, 50)).toBeCloseTo(1.1, 12);
    expect(learningRateAt(spec, 100)).toBeCloseTo(0.2, 12);
    expect(learningRateAt(spec, 500)).toBeCloseTo(0.2, 12);
  });

  it('rises in a line first where there is a warm-up', () => {
    const spec = { kind: 'cosine', base: 1, totalSteps: 14, warmupSteps: 4 } as const;
    expect([0, 1, 2, 3, 4].map((step) => learningRateAt(spec, step))).toEqual([0.25, 0.5, 0.75, 1, 1]);
    expect(learningRateAt(spec, 14)).toBeCloseTo(0, 12);
  });
});
