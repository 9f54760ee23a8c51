import { nearestName, suggestion } from './nearest';

describe('nearestName', () => {
  it.each([
    ['conv2', ['dense', 'conv2d', 'relu'], 'conv2d'],
    ['unit', ['units', 'bias'], 'units'],
    ['FLATTEN', ['flatten'], 'flatten'],
    ['ouptut', ['input', 'output'], 'output'],
    ['same', ['same', 'sane'], 'same'],
  ])('takes %s for the nearest of %p', (name, candidates, expected) => {
    expect(nearestName(name, candidates)).toBe(expected);
  });

  it('takes nothing for a word that is like none, or when there is none', () => {
    expect(nearestName('zzzz', ['dense', 'relu'])).toBeUndefined();
    expect(nearestName('', ['a'])).toBeUndefined();
    expect(nearestName('dense', [])).toBeUndefined();
  });
});

describe('suggestion', () => {
  it('asks, or lists what there is', () => {
    expect(suggestion('dence', ['dense'])).toBe('did you mean "dense"?');
    expect(suggestion('zzzz', ['dense', 'relu'])).toBe('known are dense, relu');
    expect(suggestion('x', [])).toBe('there are none');
  });
});
