import { MetricsSum } from './metrics';

const rows = (...values: number[][]): Float32Array => Float32Array.from(values.flat());

describe('metrics', () => {
  it('are the mean cross entropy and the shares of wrong answers', () => {
    const sum = new MetricsSum(3);
    sum.add(rows([2, 1, 0], [0, 0, 5]), [0, 1]);
    const { count, loss, wrong, error, top5Error } = sum.result();
    const expected = (Math.log(Math.exp(2) + Math.exp(1) + 1) - 2 + Math.log(2 + Math.exp(5))) / 2;
    expect({ count, wrong, error, top5Error }).toEqual({ count: 2, wrong: 1, error: 0.5, top5Error: 0 });
    expect(loss).toBeCloseTo(expected, 12);
  });

  it('take the lower of equal classes as the answer: a network that says nothing is right by chance only', () => {
    const sum = new MetricsSum(10);
    for (let label = 0; label < 10; label++) sum.add(new Float32Array(10), [label]);
    expect(sum.result()).toMatchObject({ wrong: 9, top5Error: 0.5 });
  });

  it('take logits that are no numbers as wrong', () => {
    const sum = new MetricsSum(2);
    sum.add(rows([NaN, NaN], [NaN, 1]), [0, 1]);
    expect(sum.result().wrong).toBe(2);
  });

  it('ignore rows without a label', () => {
    const sum = new MetricsSum(2);
    sum.add(rows([1, 0], [1, 0]), [0]);
    expect(sum.result().count).toBe(1);
  });
});
