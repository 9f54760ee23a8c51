import { digitGoals, digitRows, latencyGoals, latencyRows } from './answer-table';

const latency = { events: 12_000, seconds: 60, p50Ms: 80.4, p99Ms: 200, mostMs: 240, draws: 600 };
const digit = { digits: 200, p50Ms: 1.44, p99Ms: 4, mostMs: 7, largestDifference: 3e-7 };

describe('how soon the page shows what happens', () => {
  it('is a row each', () => {
    expect([...latencyRows(latency), ...digitRows(digit)].map(([, measured]) => measured)).toEqual([
      '80 and 200 ms; at most 240 ms',
      '1.4 and 4.0 ms; at most 7.0 ms',
      'at most 3.0e-7 off',
    ]);
  });

  it('meets its goals or not', () => {
    const met = (goals: readonly { readonly met: boolean }[]): boolean[] => goals.map((goal) => goal.met);
    expect(met([...latencyGoals(latency), ...digitGoals(digit)])).toEqual([true, true, true]);
    expect(met(latencyGoals({ ...latency, p99Ms: 251 }))).toEqual([false]);
    expect(met(digitGoals({ ...digit, p99Ms: 5.1, largestDifference: 2e-5 }))).toEqual([false, false]);
  });
});
