import { checkNetwork, networkByName } from '@espalier/models';
import { dropoutRates } from './dropout-rates';

describe('dropoutRates', () => {
  it('is D_o * sqrt(C_ir / C_io) of the layer whose units are dropped', () => {
    const rates = dropoutRates(networkByName('alexnet'), new Map([['fc1/kernel', 0.09 * 37_748_736]]));
    expect(rates.get('drop_fc1')).toBeCloseTo(0.5 * Math.sqrt(0.09), 12);
    expect(rates.get('drop_fc2')).toBe(0.5);
  });

  it('adds up the kernels behind a join, and leaves dropout on the input alone', () => {
    const network = checkNetwork({
      input: [4],
      layers: [
        { type: 'dropout', name: 'first', rate: 0.2 },
        { type: 'dense', name: 'a', units: 2 },
        { type: 'dense', name: 'b', units: 2, inputs: ['first'] },
        { type: 'concat', name: 'both', inputs: ['a', 'b'] },
        { type: 'dropout', name: 'second', rate: 0.8 },
        { type: 'dense', name: 'c', units: 2 },
      ],
    });
    const rates = dropoutRates(
      network,
      new Map([
        ['a/kernel', 4],
        ['b/kernel', 0],
      ]),
    );
    expect([...rates]).toEqual([
      ['first', 0.2],
      ['second', 0.8 * Math.sqrt(4 / 16)],
    ]);
  });
});
