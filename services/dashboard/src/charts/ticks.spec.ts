import { linearTicks, logTicks } from './ticks';

it('ticks are multiples of a round step', () => {
  expect(linearTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(linearTicks(0.012, 0.031, 4)).toEqual([0.015, 0.02, 0.025, 0.03]);
  expect(linearTicks(-5, 5, 2)).toEqual([-5, 0, 5]);
  expect(linearTicks(3, 3, 4)).toEqual([3]);
});

it('logarithmic ticks are round in every decade', () => {
  expect(logTicks(0.01, 10)).toEqual([0.01, 0.03, 0.1, 0.3, 1, 3, 10]);
  expect(logTicks(1e-6, 1)).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]);
  expect(logTicks(0.9, 15)).toEqual([1, 2, 5, 10]);
  expect(logTicks(0.2, 0.9)).toEqual([0.2, 0.3, 0.5, 0.7]);
});
