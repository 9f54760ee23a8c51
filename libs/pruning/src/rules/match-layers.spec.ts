import { networkByName } from '@espalier/models';
import { matchLayers } from './match-layers';

const lenet5 = networkByName('lenet-5');
const vgg = networkByName('vgg-16');

function matched(rules: Record<string, number>, network = lenet5): Record<string, number> {
  return Object.fromEntries([...matchLayers(rules, network)].map(([layer, { value }]) => [layer, value]));
}

describe('matchLayers', () => {
  it('matches by name, by type and by glob', () => {
    expect(matched({ conv1: 1 })).toEqual({ conv1: 1 });
    expect(matched({ dense: 2 })).toEqual({ fc1: 2, fc2: 2 });
    expect(matched({ 'conv*': 3 })).toEqual({ conv1: 3, conv2: 3 });
    expect(Object.keys(matched({ 'conv{1,2}_1': 1, 'fc[67]': 2 }, vgg))).toEqual([
      'conv1_1',
      'conv2_1',
      'fc6',
      'fc7',
    ]);
  });

  it('lets the more exact pattern win, in whatever order they are written', () => {
    const rules = { '*': 0, dense: 1, 'fc*': 2, fc1: 3 };
    const expected = { conv1: 0, conv2: 0, fc1: 3, fc2: 2 };
    expect(matched(rules)).toEqual(expected);
    expect(matched(Object.fromEntries(Object.entries(rules).reverse()))).toEqual(expected);
    expect(matched({ '*': 0, dense: 1 })).toEqual({ conv1: 0, conv2: 0, fc1: 1, fc2: 1 });
  });

  it('says which pattern won, in the order of the layers', () => {
    expect([...matchLayers({ 'conv*': 'a', '*': 'b' }, lenet5)]).toEqual([
      ['conv1', { pattern: 'conv*', value: 'a' }],
      ['conv2', { pattern: 'conv*', value: 'a' }],
      ['fc1', { pattern: '*', value: 'b' }],
      ['fc2', { pattern: '*', value: 'b' }],
    ]);
  });

  it.each([
    [
      'conv3',
      'PRUNING_RULE_UNMATCHED: the pattern "conv3" matches no layer with weights, by name, type or glob; did you mean "conv1"?',
    ],
    ['densee', 'did you mean "dense"?'],
    ['pool1', 'PRUNING_RULE_UNMATCHED'],
    ['maxPool', 'PRUNING_RULE_UNMATCHED'],
    ['zzz', 'known are conv1, conv2, fc1, fc2, conv2d, dense'],
  ])('refuses %s, which matches nothing, with the nearest name', (pattern, message) => {
    expect(() => matched({ [pattern]: 1 })).toThrow(message);
  });

  it('refuses two globs of which neither is more exact', () => {
    expect(() => matched({ 'fc*': 1, '*c1': 2 })).toThrow(
      'PRUNING_RULE_AMBIGUOUS: the patterns "*c1" and "fc*" both match layer "fc1"',
    );
    expect(matched({ 'fc*': 1, '*c1': 2, fc1: 3 })).toEqual({ fc1: 3, fc2: 1 });
  });
});
