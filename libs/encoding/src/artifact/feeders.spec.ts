import { Feeders } from './feeders';

const values = Float32Array.of(1, 0, -2, 3, 0, 0);

describe('what feeds a tensor', () => {
  it('is the nearest before it with as many outputs as it has channels, by the squares of their weights', () => {
    const feeders = new Feeders([
      { name: 'first', shape: [2, 3] },
      { name: 'bias', shape: [3] },
      { name: 'second', shape: [1, 1, 3, 2] },
      { name: 'third', shape: [12, 4] },
    ]);
    feeders.add({ name: 'first', shape: [2, 3] }, values);
    feeders.add({ name: 'bias', shape: [3] }, new Float32Array(3));
    expect(feeders.of({ name: 'second', shape: [1, 1, 3, 2] })).toEqual(Float64Array.of(10, 0, 4));
    expect(feeders.of({ name: 'third', shape: [12, 4] })).toBeUndefined();
    expect(feeders.of({ name: 'third', shape: [12, 4], image: [2, 2, 3] })).toEqual(
      Float64Array.of(10, 0, 4),
    );
    feeders.add({ name: 'second', shape: [1, 1, 3, 2] }, values);
    expect(feeders.of({ name: 'third', shape: [12, 4], image: [2, 3, 2] })).toEqual(Float64Array.of(5, 9));
  });

  it('is not known before its values are, though another would do', () => {
    const feeders = new Feeders([
      { name: 'far', shape: [2, 3] },
      { name: 'near', shape: [2, 3] },
      { name: 'last', shape: [3, 5] },
    ]);
    feeders.add({ name: 'far', shape: [2, 3] }, values);
    expect(feeders.of({ name: 'last', shape: [3, 5] })).toBeUndefined();
  });

  it('is for a tensor that is none of the network one of its like', () => {
    const feeders = new Feeders([{ name: 'parameter', shape: [2, 3] }]);
    feeders.add({ name: 'parameter', shape: [2, 3] }, values);
    expect(feeders.of({ name: 'other', shape: [3, 2] })).toBeUndefined();
    feeders.add({ name: 'another', shape: [2, 3] }, new Float32Array(6).fill(1));
    expect(feeders.of({ name: 'other', shape: [3, 2] })).toEqual(Float64Array.of(2, 2, 2));
  });
});
