import { summarise } from './summary';

describe('summarise', () => {
  it('gives mean, least and greatest', () => {
    expect(summarise([3, 1, 5])).toEqual({ mean: 3, min: 1, max: 5 });
  });

  it('gives a single value three times', () => {
    expect(summarise([0.25])).toEqual({ mean: 0.25, min: 0.25, max: 0.25 });
  });
});
