import { keptSteps } from './page-recovery-series';

const told = [0.5, 0.25, -1, 2];

it('a page that has each step once lacks none', () => {
  expect(keptSteps({ x: [1, 2, 3, 4], last: told }, told)).toEqual({ told: 4, missing: 0, double: 0 });
});

it('a step that is not there, or has the value of another one, is missing', () => {
  expect(keptSteps({ x: [1, 2, 4], last: [0.5, -1, 2] }, told)).toEqual({ told: 4, missing: 2, double: 0 });
});

it('a step that is there more than once is double', () => {
  const twice = { x: [1, 2, 3, 2, 3, 4], last: [0.5, 0.25, -1, 0.25, -1, 2] };
  expect(keptSteps(twice, told)).toEqual({ told: 4, missing: 0, double: 2 });
});

it('gaps between stages and a page that has nothing are counted as what they are', () => {
  expect(keptSteps({ x: [1, 2, 3, 3.5, 4], last: [0.5, 0.25, -1, NaN, 2] }, told).missing).toBe(0);
  expect(keptSteps({ x: [], last: [] }, told)).toEqual({ told: 4, missing: 4, double: 0 });
});
